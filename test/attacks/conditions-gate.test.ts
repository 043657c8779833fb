import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openConditions } from '../../src/access/open-conditions.ts';
import { patternCovers } from '../../src/access/permission.ts';
import { permissionsOf } from '../../src/access/permissions-of.ts';
import type { Principal } from '../../src/access/principal.ts';
import { unconditional } from '../../src/access/unconditional.ts';
import { permissionOperations } from '../../src/protocol/permission-operations.ts';
import { coreReaches, gateAllows, granting, policyFor } from '../support/gate-and-core.ts';

/** What is kept at the gate for a token is not to refuse what the core permits, nor conditions to be forgotten there. */

const conditions = openConditions({ cedar: true }, { write() {} });
const agents = [
  { agentId: 'a', tags: ['red'], isActive: true, publicCard: false },
  { agentId: 'ab', tags: ['blue'], isActive: true, publicCard: false },
  { agentId: 'b', tags: ['red', 'blue'], isActive: true, publicCard: false },
  { agentId: 'c', tags: [], isActive: false, publicCard: false },
];
const principal: Principal = {
  ...{ issuer: 'https://issuer.test', subject: 'alice', scopes: ['one', 'two'], groups: [] },
  ...{ grantees: ['one', 'two'], expiresAtSeconds: 2 ** 31 },
};
const condition = fc.constantFrom(
  'true',
  'principal.subject == "bob"',
  'principal.subject == "alice"',
  'resource.tags.contains("red")',
  'resource == Agent::"ab"',
  'action == Action::"read"',
  'action == Action::"send" && resource.tags.contains("blue")',
);
const patterns = fc.array(fc.constantFrom('a', 'ab', 'a*', '*b', '*', 'tag:red', 'tag:blue', 'c'), {
  maxLength: 3,
});
const permission = (scope: string) =>
  fc
    .record({
      allowedAgents: patterns,
      operations: fc.subarray([...permissionOperations]),
      deniedAgents: fc.option(fc.constant<string[]>(['b']), { nil: undefined }),
      condition: fc.option(condition, { nil: undefined }),
    })
    .map(({ allowedAgents, operations, deniedAgents, condition: text }) => ({
      ...granting(allowedAgents, operations, { scope, deniedAgents }),
      ...(text !== undefined && { condition: text }),
    }));
const target = fc.constantFrom(
  ['POST', '/agents/a'],
  ['POST', '/agents/ab/message:send'],
  ['POST', '/agents/b/message:stream'],
  ['GET', '/agents/b/tasks/t'],
  ['GET', '/agents/a/tasks'],
  ['GET', '/agents/c/tasks'],
  ['POST', '/agents/a/tasks/t:cancel'],
  ['GET', '/agents/ab/extendedAgentCard'],
);
type World = Parameters<typeof coreReaches>[0];

async function worldOf(kept: World['permissions']): Promise<{ world: World; atGate: World; tooMany: World }> {
  const byScope = new Map(kept.map((one) => [one.scope, one]));
  const source = { get: async (scope: string) => byScope.get(scope) };
  const given = await permissionsOf(principal, source, conditions);
  const base = { agents, scopes: principal.scopes, agentsPath: '/agents' };
  const covered = async ({
    patterns: allowed,
    deniedPatterns,
  }: {
    patterns: readonly string[];
    deniedPatterns: readonly string[];
  }) =>
    agents
      .filter((agent) => agent.isActive && allowed.some((pattern) => patternCovers(pattern, agent)))
      .filter((agent) => !deniedPatterns.some((pattern) => patternCovers(pattern, agent)));
  return {
    world: { ...base, permissions: given },
    atGate: { ...base, permissions: await unconditional(given, covered) },
    tooMany: { ...base, permissions: await unconditional(given, async () => 'too many') },
  };
}

describe('permissions with conditions', () => {
  it('are at the gate what they are in the core, or more', async () => {
    await fc.assert(
      fc.asyncProperty(
        permission('one'),
        permission('two'),
        target,
        async (one, two, [method = '', path = '']) => {
          const { world, atGate, tooMany } = await worldOf([one, two]);
          if (coreReaches(world, method, path) === undefined) return;
          expect(gateAllows(await policyFor(atGate), method, path)).toBe(true);
          expect(gateAllows(await policyFor(tooMany), method, path)).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('are without their conditions what they are with them', async () => {
    await fc.assert(
      fc.asyncProperty(
        permission('one'),
        permission('two'),
        target,
        async (one, two, [method = '', path = '']) => {
          const { world, atGate } = await worldOf([one, two]);
          expect(coreReaches(atGate, method, path)).toBe(coreReaches(world, method, path));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('grant no more than without the permission that has one, where it does not hold', async () => {
    const never = {
      ...granting(['*'], permissionOperations, { scope: 'two' }),
      condition: 'principal.subject == "bob"',
    };
    await fc.assert(
      fc.asyncProperty(permission('one'), target, async (one, [method = '', path = '']) => {
        const [alone, both] = await Promise.all([worldOf([one]), worldOf([one, never])]);
        expect(coreReaches(both.world, method, path)).toBe(coreReaches(alone.world, method, path));
        const policies = await Promise.all([policyFor(alone.atGate), policyFor(both.atGate)]);
        expect(policies[1]).toEqual(policies[0]);
      }),
      { numRuns: 100 },
    );
  });
});
