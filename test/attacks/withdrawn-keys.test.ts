import { afterAll, beforeAll, expect, it } from 'vitest';
import { authorKey, signedBySdk } from '../support/card-signatures.ts';
import { changeAgent, readAgent, refusalOf } from '../support/management.ts';
import { startTrustStand, type TrustStand } from '../support/trust-stand.ts';

/** A card of the past, by a key that has come into the wrong hands since. */

let stand: TrustStand;
beforeAll(async () => {
  stand = await startTrustStand();
});
afterAll(() => stand.gateway.close());

/** An agent whose first card is by a key that is pinned no more, and whose second is by the next. */
async function rotated(policy: 'require' | 'prefer', more: object = {}): Promise<string> {
  const { gateway, card, register } = stand;
  const [old, next] = [await authorKey('old'), await authorKey('next')];
  const pinned = (...keys: (typeof old)[]) => ({
    policy,
    keys: keys.map(({ jwk }) => jwk as never),
    ...more,
  });
  const { agentId } = await register(await signedBySdk(old, card({ name: 'Old' })), pinned(old));
  gateway.agent.card(await signedBySdk(next, card({ name: 'Next' })));
  const changed = await changeAgent(gateway, agentId, { cardSignatures: pinned(next) });
  expect(await changed.json()).toMatchObject({
    cardVersion: 2,
    cardTrust: { verdict: 'verified', kid: 'next' },
  });
  return agentId;
}

const rolledBack = (agentId: string) =>
  stand.gateway.admin('POST', `/admin/agents/${agentId}/rollback`, { version: 1 }, { 'if-match': '*' });

it('is not taken where a signature is required', async () => {
  const agentId = await rotated('require');
  expect(await refusalOf(rolledBack(agentId))).toMatchObject({
    ...{ reason: 'CARD_UNTRUSTED', metadata: { verdict: 'untrusted' } },
  });
  expect((await readAgent(stand.gateway, agentId)).agent).toMatchObject({ agentCard: { name: 'Next' } });
});

it('is not shown as verified where one is preferred', async () => {
  const answer = await rolledBack(await rotated('prefer'));
  expect(await answer.json()).toMatchObject({
    ...{ cardVersion: 3, agentCard: { name: 'Old' } },
    cardTrust: { verdict: 'untrusted', detail: 'a signature by a key that is trusted no more' },
  });
});

it('is what it was where key sets elsewhere are trusted, which are not asked', async () => {
  const answer = await rolledBack(await rotated('require', { jkuOrigins: ['https://keys.example'] }));
  expect(await answer.json()).toMatchObject({ cardTrust: { verdict: 'verified', kid: 'old' } });
});
