import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { permissionOperations } from '../protocol/permission-operations.ts';
import { grantedOperations, grantingScopes, visiblePatterns } from './authorize.ts';
import type { Permission } from './permission.ts';

function permission(members: Partial<Permission> = {}): Permission {
  const times = { revision: 1, createdAtMs: 0, updatedAtMs: 0 };
  return { scope: 'demo', allowedAgents: ['billing'], operations: ['send'], ...times, ...members };
}

const billing = { agentId: 'billing', tags: ['finance'] };

describe('what permissions grant', () => {
  it('is the union over those that cover the agent', () => {
    const permissions = [
      permission({ operations: ['send'] }),
      permission({ scope: 'b', allowedAgents: ['tag:finance'], operations: ['read', 'send'] }),
      permission({ scope: 'c', allowedAgents: ['hr-*'], operations: ['push'] }),
    ];
    expect([...grantedOperations(permissions, billing)].sort()).toEqual(['read', 'send']);
    expect(grantingScopes(permissions, billing)).toEqual(['demo', 'b']);
  });

  it.each([
    ['no permission', [], billing],
    ['no agent in the list', [permission({ allowedAgents: [] })], billing],
    ['no operation in the list', [permission({ operations: [] })], billing],
    ['no match', [permission({ allowedAgents: ['bill', 'billing-2', 'tag:billing'] })], billing],
    ['no agent', [permission({ allowedAgents: ['*'] })], undefined],
  ] as const)('is nothing with %s', (_, permissions, agent) => {
    expect(grantedOperations(permissions, agent)).toEqual(new Set());
    if (agent !== undefined) expect(grantingScopes(permissions, agent)).toEqual([]);
  });

  it('shows agents only by patterns that grant something', () =>
    expect(
      visiblePatterns([
        permission({ allowedAgents: ['billing', 'hr-*'] }),
        permission({ scope: 'b', allowedAgents: ['hr-*', 'tag:x'] }),
        permission({ scope: 'c', allowedAgents: ['*'], operations: [] }),
      ]),
    ).toEqual(['billing', 'hr-*', 'tag:x']));
});

const ids = fc.constantFrom('a', 'b', 'ab', 'a-b', 'billing');
const patterns = fc.constantFrom('a', 'b', 'ab', '*', 'a*', '*b', 'a*b', 'tag:x', 'tag:y', 'tag:', 'none');
const someAgent = fc.record({ agentId: ids, tags: fc.subarray(['x', 'y', '*']) });
const somePermission = fc
  .record({
    scope: fc.constantFrom('s1', 's2', 's3'),
    allowedAgents: fc.array(patterns, { maxLength: 4 }),
    operations: fc.subarray([...permissionOperations]),
  })
  .map((members) => permission(members));
const somePermissions = fc.array(somePermission, { maxLength: 5 });

describe('the law', () => {
  it('that adding a permission never takes one away', () => {
    fc.assert(
      fc.property(somePermissions, somePermission, someAgent, (held, added, agent) => {
        const before = grantedOperations(held, agent);
        const after = grantedOperations([...held, added], agent);
        expect([...before].filter((operation) => !after.has(operation))).toEqual([]);
      }),
    );
  });

  it('that the order of permissions does not matter', () => {
    fc.assert(
      fc.property(somePermissions, someAgent, (held, agent) => {
        expect(grantedOperations(held.toReversed(), agent)).toEqual(grantedOperations(held, agent));
      }),
    );
  });

  it('that nothing is granted which no single permission grants', () => {
    fc.assert(
      fc.property(somePermissions, someAgent, (held, agent) => {
        const single = held.flatMap((one) => [...grantedOperations([one], agent)]);
        expect(grantedOperations(held, agent)).toEqual(new Set(single));
      }),
    );
  });

  it('that an agent is visible exactly where something may be done with it', () => {
    fc.assert(
      fc.property(somePermissions, someAgent, (held, agent) => {
        const seeing = permission({ allowedAgents: visiblePatterns(held), operations: ['read'] });
        expect(grantedOperations([seeing], agent).size > 0).toBe(grantedOperations(held, agent).size > 0);
        expect(grantingScopes(held, agent).length > 0).toBe(grantedOperations(held, agent).size > 0);
      }),
    );
  });
});
