import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { permissionOperations } from '../protocol/permission-operations.ts';
import {
  type AgentFacts,
  grantingPermissions,
  grantingScopes,
  grantsOf,
  visibleAgents,
} from './authorize.ts';
import { type Permission, patternCovers } from './permission.ts';

function permission(members: Partial<Permission> = {}): Permission {
  const times = { revision: 1, createdAtMs: 0, updatedAtMs: 0 };
  return { scope: 'demo', allowedAgents: ['billing'], operations: ['send'], ...times, ...members };
}

const billing = { agentId: 'billing', tags: ['finance'] };

/** Operations with the scopes that grant each. */
function granted(permissions: readonly Permission[], agent: AgentFacts | undefined) {
  const entries = [...grantsOf(permissions, agent).granted];
  return Object.fromEntries(
    entries.map(([operation, granting]) => [operation, granting.map(({ scope }) => scope)]),
  );
}

describe('what permissions grant', () => {
  it('is the union over those that cover the agent, each with the permissions it is granted by', () => {
    const permissions = [
      permission({ operations: ['send'] }),
      permission({ scope: 'b', allowedAgents: ['tag:finance'], operations: ['read', 'send'] }),
      permission({ scope: 'c', allowedAgents: ['hr-*'], operations: ['push'] }),
    ];
    expect(granted(permissions, billing)).toEqual({ send: ['b', 'demo'], card: ['b', 'demo'], read: ['b'] });
    expect(grantingScopes(permissions, billing)).toEqual(['b', 'demo']);
  });

  it.each([
    ['no permission', [], billing],
    ['no agent in the list', [permission({ allowedAgents: [] })], billing],
    ['no operation in the list', [permission({ operations: [] })], billing],
    ['no match', [permission({ allowedAgents: ['bill', 'billing-2', 'tag:billing'] })], billing],
    ['no agent', [permission({ allowedAgents: ['*'] })], undefined],
  ] as const)('is nothing with %s', (_, permissions, agent) => {
    const grants = grantsOf(permissions, agent);
    expect(grants).toEqual({ granted: new Map() });
    if (agent !== undefined) expect(grantingScopes(permissions, agent)).toEqual([]);
  });

  it.each(permissionOperations)('is the card too with %s', (operation) => {
    expect(Object.keys(granted([permission({ operations: [operation] })], billing)).sort()).toEqual(
      [...new Set([operation, 'card'])].sort(),
    );
  });

  it.each(['billing', 'bill*', '*', 'tag:finance'])('is nothing where any of them denies %s', (pattern) => {
    const all = permission({ scope: 'a', allowedAgents: ['*'], operations: [...permissionOperations] });
    const denying = permission({ scope: 'x', allowedAgents: ['*'], deniedAgents: [pattern] });
    const other = permission({ scope: 'y', allowedAgents: [], operations: [], deniedAgents: [pattern] });
    expect(grantsOf([all, denying], billing)).toEqual({ granted: new Map(), deniedBy: 'x' });
    expect(grantsOf([other, all], billing)).toEqual({ granted: new Map(), deniedBy: 'y' });
    expect(grantsOf([other, all, denying], billing).deniedBy).toBe('x');
  });

  it('is what it was where the deny is of others', () => {
    const denying = permission({ deniedAgents: ['hr-*', 'tag:hr', 'billing-2'] });
    expect(granted([denying], billing)).toEqual({ send: ['demo'], card: ['demo'] });
  });

  it('shows agents only by patterns that grant something, less what is denied', () =>
    expect(
      visibleAgents([
        permission({ allowedAgents: ['billing', 'hr-*'], deniedAgents: ['hr-1'] }),
        permission({ scope: 'b', allowedAgents: ['hr-*', 'tag:x'] }),
        permission({ scope: 'c', allowedAgents: ['*'], operations: [], deniedAgents: ['hr-1', 'tag:y'] }),
      ]),
    ).toEqual({ patterns: ['billing', 'hr-*', 'tag:x'], deniedPatterns: ['hr-1', 'tag:y'] }));
});

const ids = fc.constantFrom('a', 'b', 'ab', 'a-b', 'billing');
const pattern = fc.constantFrom('a', 'b', 'ab', '*', 'a*', '*b', 'a*b', 'tag:x', 'tag:y', 'tag:', 'none');
const patterns = fc.array(pattern, { maxLength: 4 });
const someAgent = fc.record({ agentId: ids, tags: fc.subarray(['x', 'y', '*']) });
const scope = fc.constantFrom('s1', 's2', 's3', 'group:s1', 'client:s1');
const operations = fc.subarray([...permissionOperations]);
const granting = fc
  .record({ scope, allowedAgents: patterns, operations })
  .map((members) => permission(members));
const somePermission = fc
  .record({ scope, allowedAgents: patterns, operations })
  .chain((members) =>
    fc
      .option(patterns, { nil: undefined, freq: 2 })
      .map((deniedAgents) => permission({ ...members, ...(deniedAgents !== undefined && { deniedAgents }) })),
  );
/** One a scope, as a store has them. */
const somePermissions = fc.uniqueArray(somePermission, { maxLength: 5, selector: ({ scope }) => scope });

function operationsOf(permissions: readonly Permission[], agent: AgentFacts): Set<string> {
  return new Set(grantsOf(permissions, agent).granted.keys());
}

describe('the law', () => {
  it('that adding a permission without denies never takes anything away', () => {
    fc.assert(
      fc.property(somePermissions, granting, someAgent, (held, added, agent) => {
        expect([...operationsOf([...held, added], agent)]).toEqual(
          expect.arrayContaining([...operationsOf(held, agent)]),
        );
      }),
    );
  });

  it('that an added deny never grants', () => {
    fc.assert(
      fc.property(somePermissions, fc.nat(), patterns, someAgent, (held, at, added, agent) => {
        const index = held.length === 0 ? -1 : at % held.length;
        const denying = held.map((one, place) =>
          place === index ? { ...one, deniedAgents: [...(one.deniedAgents ?? []), ...added] } : one,
        );
        const before = [...operationsOf(held, agent)];
        expect(before).toEqual(expect.arrayContaining([...operationsOf(denying, agent)]));
        const alone = permission({ scope: 'deny', allowedAgents: [], operations: [], deniedAgents: added });
        expect(before).toEqual(expect.arrayContaining([...operationsOf([...held, alone], agent)]));
      }),
    );
  });

  it('that who is denied an agent by anyone has nothing of it', () => {
    fc.assert(
      fc.property(somePermissions, someAgent, (held, agent) => {
        const denied = held.some(({ deniedAgents = [] }) =>
          deniedAgents.some((one) => patternCovers(one, agent)),
        );
        const { deniedBy } = grantsOf(held, agent);
        expect(deniedBy !== undefined).toBe(denied);
        if (denied) expect(operationsOf(held, agent).size).toBe(0);
      }),
    );
  });

  it('that the order of permissions does not matter, nor for the rule', () => {
    fc.assert(
      fc.property(
        somePermissions.chain((held) =>
          fc.tuple(fc.constant(held), fc.shuffledSubarray(held, { minLength: held.length })),
        ),
        someAgent,
        ([held, shuffled], agent) => {
          expect(grantsOf(shuffled, agent)).toEqual(grantsOf(held, agent));
        },
      ),
    );
  });

  it('that nothing is granted which no single permission grants', () => {
    fc.assert(
      fc.property(somePermissions, someAgent, (held, agent) => {
        const { granted: found, deniedBy } = grantsOf(held, agent);
        const single = held.flatMap((one) => [...operationsOf([one], agent)]);
        expect(new Set(found.keys())).toEqual(new Set(deniedBy === undefined ? single : []));
        for (const [operation, by] of found) {
          expect(by.map(({ scope }) => scope)).toEqual(by.map(({ scope }) => scope).toSorted());
          expect(by.every((one) => operationsOf([one], agent).has(operation))).toBe(true);
        }
      }),
    );
  });

  it('that an agent is visible exactly where something may be done with it', () => {
    fc.assert(
      fc.property(somePermissions, someAgent, (held, agent) => {
        const { patterns, deniedPatterns } = visibleAgents(held);
        const isVisible =
          patterns.some((one) => patternCovers(one, agent)) &&
          !deniedPatterns.some((one) => patternCovers(one, agent));
        const grants = grantsOf(held, agent);
        expect(isVisible).toBe(grants.granted.size > 0);
        expect(grants.granted.has('card')).toBe(isVisible);
        const scopes = grantingPermissions(grants).map(({ scope }) => scope);
        expect(grantingScopes(held, agent)).toEqual(scopes);
      }),
    );
  });
});
