import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Principal } from '../../access/principal.ts';
import { onBehalfOf } from './on-behalf.ts';

const clock = { nowMs: () => 0 };
const someone = (): Principal => ({
  issuer: 'i',
  subject: 's',
  scopes: [],
  groups: [],
  grantees: [],
  expiresAtSeconds: 60,
});

async function digestOf(principal: Principal, token: string): Promise<string> {
  const facts = { agentId: 'a', requestId: 'r', caller: { principal, token } };
  return (await onBehalfOf(facts, clock)).digest;
}

describe('whose call a token is for', () => {
  it('is told by the token alone, whoever brings it and in whatever order', async () => {
    const people = [someone(), someone()] as const;
    const calls = fc.array(fc.tuple(fc.constantFrom(...people), fc.constantFrom('one', 'two', 'three')));
    await fc.assert(
      fc.asyncProperty(calls, async (made) => {
        for (const [principal, token] of made)
          expect(await digestOf(principal, token)).toBe(await digestOf(someone(), token));
      }),
    );
    const tokens = ['one', 'two', 'three'].map((token) => digestOf(people[0], token));
    expect(new Set(await Promise.all(tokens)).size).toBe(3);
  });

  it.each([0, 59_999])(
    'has an end, which is that of the caller: at %i ms it is not here yet',
    async (nowMs) => {
      const caller = { principal: someone(), token: 'one' };
      const onBehalf = await onBehalfOf({ agentId: 'a', requestId: 'r', caller }, { nowMs: () => nowMs });
      expect(onBehalf.endsAtMs).toBe(60_000);
    },
  );

  it("is nobody's without a caller, or at its end", async () => {
    const failure = { failure: { code: 'credential_unavailable', problem: 'caller' } };
    await expect(onBehalfOf({ agentId: 'a', requestId: 'r' }, clock)).rejects.toMatchObject(failure);
    const caller = { principal: someone(), token: 'one' };
    const late = onBehalfOf({ agentId: 'a', requestId: 'r', caller }, { nowMs: () => 60_000 });
    await expect(late).rejects.toMatchObject(failure);
  });
});
