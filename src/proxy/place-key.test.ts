import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anAgent } from '../../test/contract/store.ts';
import type { Parties } from './affinity.ts';
import { placeKey, sessionName } from './place-key.ts';

interface Facts {
  agentId: string;
  createdAtMs: number;
  caller: readonly [issuer: string, subject: string] | undefined;
  contextId: string;
}

function partiesOf({ agentId, createdAtMs, caller }: Facts): Parties {
  const agent = { ...anAgent(agentId), createdAtMs };
  if (caller === undefined) return { agent, principal: undefined };
  const [issuer, subject] = caller;
  return { agent, principal: { issuer, subject, scopes: [], groups: [], grantees: [], expiresAtSeconds: 0 } };
}

// Few letters, and those of the framing, so that texts meet often.
const text = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', '"', ',', '[', '\\', '\0', '\ud800'), maxLength: 3 }),
  fc.string({ unit: 'binary' }),
);
const facts: fc.Arbitrary<Facts> = fc.record({
  agentId: fc.constantFrom('a', 'b'),
  createdAtMs: fc.constantFrom(1, 2),
  caller: fc.option(fc.tuple(text, text), { nil: undefined }),
  contextId: text,
});

const sessionOf = (given: Facts) => sessionName(partiesOf(given), given.contextId);
const keyOf = (given: Facts) => placeKey(partiesOf(given), 'origin', 'contextId', given.contextId);

describe.each([
  ['a session', sessionOf],
  ['a key', keyOf],
])('%s', (_, nameOf) => {
  it('is shared by no two callers, agents, registrations or conversations', async () => {
    const property = fc.asyncProperty(facts, facts, async (one, other) => {
      const isSame = JSON.stringify(one) === JSON.stringify(other);
      expect((await nameOf(one)) === (await nameOf(other))).toBe(isSame);
    });
    await fc.assert(property, { numRuns: 500 });
  });

  it('is not shared by two callers who name the same conversation', async () => {
    const property = fc.asyncProperty(facts, fc.tuple(text, text), async (one, caller) => {
      fc.pre(JSON.stringify(caller) !== JSON.stringify(one.caller));
      expect(await nameOf({ ...one, caller })).not.toBe(await nameOf(one));
    });
    await fc.assert(property);
  });

  it('does not mix up where an issuer ends and a subject begins', async () => {
    const given = { agentId: 'a', createdAtMs: 1, contextId: 'c' };
    const callers: [string, string][] = [
      ['a', 'bc'],
      ['ab', 'c'],
      ['a","b', 'c'],
      ['a', 'b","c'],
      ['', 'abc'],
    ];
    const names = await Promise.all(callers.map((caller) => nameOf({ ...given, caller })));
    expect(new Set(names).size).toBe(callers.length);
  });

  it.each(['', '\0', '\ud800', '☕'.repeat(10_000), '../../x', "' OR 1=1 --"])(
    'is 64 plain characters, whatever a stranger chooses: %j',
    async (contextId) => {
      const name = await nameOf({ agentId: 'a', createdAtMs: 1, caller: ['i', 's'], contextId });
      expect(name).toMatch(/^[0-9a-f]{64}$/);
    },
  );
});

it('is another key for a task than for a conversation of the same id, and for another kind of place', async () => {
  const parties = partiesOf({ agentId: 'a', createdAtMs: 1, caller: ['i', 's'], contextId: '' });
  const keys = [
    placeKey(parties, 'origin', 'contextId', 'x'),
    placeKey(parties, 'origin', 'taskId', 'x'),
    placeKey(parties, 'session', 'contextId', 'x'),
    placeKey(parties, 'session', 'taskId', 'x'),
    sessionName(parties, 'x'),
  ];
  expect(new Set(await Promise.all(keys)).size).toBe(keys.length);
});
