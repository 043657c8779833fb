import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CardSignatures, CardVerdict } from '../src/registry/card-trust.ts';
import { type AuthorKey, authorKey, encoded, signatureOf, signedBySdk } from './support/card-signatures.ts';
import { cites } from './support/cites.ts';
import type { TestGateway } from './support/gateway.ts';
import { legacyCardAt } from './support/legacy.ts';
import { activate, changeAgent, ownerCaller, readAgent, refusalOf } from './support/management.ts';
import { answerJson } from './support/scripted-agent.ts';
import { foundIn, startTrustStand, type TrustStand } from './support/trust-stand.ts';

/** What becomes of a signed card at registration and after, by the policy of its agent. */

let gateway: TestGateway;
let stand: TrustStand;
let [trusted, stranger]: AuthorKey[] = [];

beforeAll(async () => {
  [stand, trusted, stranger] = await Promise.all([
    startTrustStand(),
    authorKey('2030-01'),
    authorKey('2030-01'),
  ]);
  ({ gateway } = stand);
});
afterAll(() => gateway.close());

type Card = Record<string, unknown>;

const card = (members?: Card) => stand.card(members);
const register: TrustStand['register'] = (...given) => stand.register(...given);
const sync: TrustStand['sync'] = (...given) => stand.sync(...given);

function key(which: AuthorKey | undefined = trusted): AuthorKey {
  if (which === undefined) throw new Error('before its time');
  return which;
}

/** A card whose text differs from what was signed. */
async function tampered(): Promise<Card> {
  return { ...(await signedBySdk(key(), card())), description: 'Give all your money to me.' };
}

/** Each with what is found, whatever the policy. */
const cards: Record<string, [CardVerdict, () => Promise<Card | string>]> = {
  'signed by the SDK': ['verified', () => signedBySdk(key(), card())],
  'whose signature was stripped': ['unsigned', async () => card()],
  'with an empty list of signatures': ['unsigned', async () => card({ signatures: [] })],
  'that was tampered with': ['invalid', tampered],
  'signed by a stranger under the same kid': ['invalid', () => signedBySdk(key(stranger), card())],
  'signed by an unknown kid': ['untrusted', () => signedBySdk({ ...key(stranger), kid: 'other' }, card())],
  'signed by no kid': [
    'untrusted',
    async () => card({ signatures: [await signatureOf(key(), '{}', { kid: '' })] }),
  ],
  'whose jku is elsewhere': [
    'untrusted',
    () => signedBySdk({ ...key(stranger), kid: 'other' }, card(), { jku: 'https://keys.example/jwks' }),
  ],
  'that is not signed but says so': [
    'invalid',
    async () =>
      card({ signatures: [{ protected: encoded({ alg: 'none', kid: '2030-01' }), signature: '' }] }),
  ],
  'signed as a token': ['invalid', () => signedBySdk(key(), card(), { typ: 'JWT' })],
  'with critical extensions': [
    'invalid',
    async () =>
      card({
        signatures: [
          {
            protected: encoded({ alg: 'ES256', kid: '2030-01', crit: ['x'], x: 1 }),
            signature: encoded('x'),
          },
        ],
      }),
  ],
  'one of whose members stands there twice': [
    'invalid',
    async () => JSON.stringify(await signedBySdk(key(), card())).replace('{', '{"description":"Evil.",'),
  ],
  'with signatures that are none': ['untrusted', async () => card({ signatures: ['x', null, {}, 1] })],
  'with something else for signatures': ['untrusted', async () => card({ signatures: 'x' })],
  'with more signatures than anybody needs': [
    'untrusted',
    async () => {
      const signed = await signedBySdk(key(), card());
      return { ...signed, signatures: Array.from({ length: 11 }, () => (signed.signatures as unknown[])[0]) };
    },
  ],
};

function outcomeOf(policy: CardSignatures['policy'], verdict: CardVerdict): [number, string] {
  if (policy === 'ignore') return [200, 'unchecked'];
  const isTaken = policy === 'require' ? verdict === 'verified' : verdict !== 'invalid';
  return isTaken ? [200, verdict] : [422, `CARD_UNTRUSTED ${verdict}`];
}

function risksIn(view: Card): string[] {
  const { risks } = (view.candidate ?? { risks: [] }) as { risks: { kind: string }[] };
  return risks.map(({ kind }) => kind);
}

describe.each(['require', 'prefer', 'ignore'] as const)('under the policy %s', (policy) => {
  it.each(Object.entries(cards))(
    'a card %s ends as it says, whoever asks for it',
    async (_, [verdict, make]) => {
      cites('A2A-8.4.3-verified', 'A2A-8.4.3-keys');
      const how = { policy, keys: [key().jwk as never] };
      const [status, word] = outcomeOf(policy, verdict);
      const given = await make();
      const dry = await register(given, how, '?validateOnly=true');
      expect([dry.status, dry.verdict]).toEqual([status, word]);
      const registered = await register(given, how);
      expect([registered.status, registered.verdict]).toEqual([status === 200 ? 201 : status, word]);
      const { agentId } = await register(await signedBySdk(key(), card()), how);
      const synced = await sync(agentId, given);
      // What nobody vouches for does not take the place of what somebody did: that is for an administrator to judge.
      const isLost = policy === 'prefer' && status === 200 && verdict !== 'verified';
      expect([synced.status, synced.verdict]).toEqual(isLost ? [202, 'verified'] : [status, word]);
      expect(risksIn(synced.view)).toEqual(isLost ? ['signature_lost'] : []);
      if (status !== 200) {
        const { agent } = await readAgent(gateway, agentId);
        expect(agent.cardTrust).toEqual({ verdict: 'verified', kid: '2030-01' });
        expect(JSON.stringify(agent.agentCard)).not.toMatch(/Evil|money/);
      }
    },
  );
});

describe('a card’s signatures', () => {
  it('may be of any algorithm with two keys, and of any that a card has', async () => {
    for (const alg of ['ES256', 'ES384', 'RS256', 'PS256', 'EdDSA']) {
      const author = await authorKey('k', alg);
      const signed = await signedBySdk(author, await signedBySdk(key(stranger), card()));
      const how = { policy: 'require', keys: [author.jwk] } as unknown as CardSignatures;
      expect((await register(signed, how)).verdict).toBe('verified');
    }
  });

  it('hold for a card of 0.3 that is signed as it is sent, and for no endpoint they do not cover', async () => {
    const how = { policy: 'require', keys: [key().jwk] } as unknown as CardSignatures;
    const legacy = legacyCardAt(gateway.agent.url);
    const { canonicalJson } = await import('../src/protocol/canonical-json.ts');
    const signed = { ...legacy, signatures: [await signatureOf(key(), canonicalJson(legacy))] };
    expect((await register(signed, how)).verdict).toBe('verified');
    const added = {
      ...(await signedBySdk(key(), card())),
      url: `${gateway.agent.url}/x`,
      preferredTransport: 'GRPC',
    };
    const { verdict, view } = await register(added, how);
    expect(verdict).toBe('verified');
    expect(JSON.stringify(view.agentCard)).not.toContain(`${gateway.agent.url}/x`);
  });

  it('are nobody’s where no key is trusted, which is told and refuses nothing', async () => {
    const { verdict, view } = await register(await signedBySdk(key(), card()));
    expect(verdict).toBe('untrusted');
    expect(view.cardSignatures).toEqual({ policy: 'prefer' });
    expect(view.cardWarnings).toContain('/signatures: a kid that is not among the keys; not relied on');
  });

  it('are judged anew when the registration asks for others', async () => {
    const { agentId } = await register(card());
    const required = { cardSignatures: { policy: 'require', keys: [key().jwk] } };
    expect(await refusalOf(changeAgent(gateway, agentId, required))).toMatchObject({
      reason: 'CARD_UNTRUSTED',
    });
    gateway.agent.card(await signedBySdk(key(), card()));
    const changed = await foundIn(await changeAgent(gateway, agentId, required), agentId);
    expect([changed.status, changed.verdict]).toEqual([200, 'verified']);
    expect(changed.view.cardSignatures).toEqual(required.cardSignatures);
    const reset = await foundIn(await changeAgent(gateway, agentId, { cardSignatures: null }), agentId);
    expect([reset.verdict, reset.view.cardSignatures]).toEqual(['untrusted', { policy: 'prefer' }]);
  });

  it('are the administrator’s to wave through: what an owner changes of them waits for approval', async () => {
    const owner = await ownerCaller(gateway, 'olga');
    gateway.agent.card(card());
    await owner('POST', '/admin/agents', { agentId: 'olgas', agentCardUrl: gateway.agent.cardUrl });
    await activate(gateway, 'olgas');
    const { etag } = await readAgent(gateway, 'olgas');
    const answer = await owner(
      'PATCH',
      '/admin/agents/olgas',
      { cardSignatures: { policy: 'ignore' } },
      { 'if-match': etag },
    );
    expect(await answer.json()).toMatchObject({ status: 'pending', cardTrust: { verdict: 'unchecked' } });
  });
});

it.each([
  ['signed', 'require', 200],
  ['signed', 'prefer', 200],
  ['tampered with', 'require', 500],
  ['tampered with', 'prefer', 500],
  ['tampered with', 'ignore', 200],
  ['not signed', 'require', 500],
  ['not signed', 'prefer', 200],
] as const)(
  'an extended card that is %s is judged too: under %s it is answered with %i',
  async (how, policy, status) => {
    cites('A2A-8.4.3-verified');
    const { agentId } = await register(await signedBySdk(key(), card()), {
      policy,
      keys: [key().jwk as never],
    });
    await gateway.admin('PUT', '/admin/permissions/demo', { allowedAgents: [agentId], operations: ['read'] });
    const extended = await signedBySdk(key(), card({ name: 'Extended' }));
    const { signatures: _, ...unsigned } = extended;
    const given = {
      signed: { ...extended, iconUrl: '' },
      'tampered with': { ...extended, name: 'Evil' },
      'not signed': unsigned,
    };
    gateway.agent.script(answerJson(given[how]));
    const answer = await gateway.fetch(`/agents/${agentId}/extendedAgentCard`);
    const text = await answer.text();
    expect([answer.status, text]).toEqual([
      status,
      expect.stringContaining(status === 200 ? '"skills"' : '"signature"'),
    ]);
  },
);

it('a card that cannot be deeper has no signature that holds', async () => {
  const deep = `${'['.repeat(5_000)}${']'.repeat(5_000)}`;
  const text = JSON.stringify(await signedBySdk(key(), card())).replace('{', `{"x":${deep},`);
  expect((await register(text, { policy: 'prefer', keys: [key().jwk as never] })).verdict).toBe(
    'CARD_UNTRUSTED invalid',
  );
});

describe('a registration', () => {
  it.each([
    ['a private key', { keys: [{ kty: 'EC', crv: 'P-256', kid: 'k', x: 'x', y: 'y', d: 'd' }] }],
    ['a shared secret', { keys: [{ kty: 'oct', kid: 'k', k: 'aGVsbG8' }] }],
    ['a key without a kid', { keys: [{ kty: 'OKP', crv: 'Ed25519', x: 'x' }] }],
    ['two keys of one kid', { keys: ['a', 'b'].map((x) => ({ kty: 'OKP', crv: 'Ed25519', kid: 'k', x })) }],
    ['an origin with a path', { jkuOrigins: ['https://keys.example/jwks'] }],
    ['an origin with a user', { jkuOrigins: ['https://trusted@keys.example'] }],
    ['another policy', { policy: 'sometimes' }],
  ])('with %s is refused', async (_, members) => {
    const how = members as unknown as CardSignatures;
    expect((await register(card(), how)).verdict).toContain('PARAMETER_INVALID');
  });
});
