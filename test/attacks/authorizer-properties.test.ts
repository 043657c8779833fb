import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { grantsOf } from '../../src/access/authorize.ts';
import { verbsFor } from '../../src/access/invoke-policy.ts';
import { patternCovers } from '../../src/access/permission.ts';
import { adminScope, registerScope } from '../../src/access/principal.ts';
import { servedPath } from '../../src/http/router.ts';
import { operations } from '../../src/protocol/operations.ts';
import { permissionOperations } from '../../src/protocol/permission-operations.ts';
import { edgeRoutes } from '../../src/runtimes/lambda/edge-routes.ts';
import { coreReaches, gateAllows, granting, policyFor, type World } from '../support/gate-and-core.ts';

/** Cards have no authorizer: whether one is public is the core's to know. */
function isCardOf(verb: string, target: string): boolean {
  return verb === 'GET' && /\/\.well-known\/agent-card\.json\/?$/.test(target);
}

describe('gate and core together', () => {
  const ids = ['mine', 'mine-2', 'other', 'hr-desk', 'hr-x', 'x-prod', 'a', 'agents'];
  const agent = fc.record({
    agentId: fc.constantFrom(...ids),
    tags: fc.subarray(['t', 'u']),
    isActive: fc.boolean(),
    publicCard: fc.boolean(),
  });
  const pattern = fc.oneof(
    fc.constantFrom(...ids),
    fc.constantFrom(
      '*',
      'hr-*',
      'h*',
      'mine*',
      'mine**',
      '*-prod',
      '*e',
      'm*e',
      'tag:t',
      'tag:u',
      'tag:*',
      '*/x',
    ),
  );
  const permission = fc
    .tuple(
      fc.array(pattern, { maxLength: 4 }),
      fc.subarray([...permissionOperations]),
      fc.record({
        scope: fc.constantFrom('demo', 'group:staff', 'client:cli'),
        deniedAgents: fc.option(fc.array(pattern, { maxLength: 2 }), { nil: undefined, freq: 1 }),
      }),
    )
    .map((members) => granting(...members));
  const anyWorld: fc.Arbitrary<World> = fc.record({
    agents: fc.uniqueArray(agent, { selector: ({ agentId }) => agentId }),
    permissions: fc.array(permission, { maxLength: 3 }),
    scopes: fc.subarray(['demo', adminScope, registerScope]),
    agentsPath: fc.constantFrom('/agents', '/a2a/v1'),
  });
  const operationPath = fc
    .constantFrom(...operations)
    .map(({ rest }) => rest.path.replace(/\{\w+\}/g, 'task-1'));
  const method = fc.constantFrom('GET', 'POST', 'DELETE', 'PUT', 'PATCH');
  const below = fc.oneof(
    operationPath,
    fc.constantFrom('', '/', '/.well-known/agent-card.json', '/.well-known/agent-card.json/', '/x'),
  );
  const agentPath = fc.tuple(fc.constantFrom(...ids), below).map(([id, rest]) => `/agents/${id}${rest}`);
  const managed = fc
    .tuple(fc.constantFrom(...edgeRoutes), fc.constantFrom(...ids))
    .map(([{ path }, id]) => path.replace(/\{\w+\}/g, id));
  const canonicalPath = fc.oneof(agentPath, managed);
  const segment = fc.constantFrom(
    ...['agents', 'mine', 'other', 'hr-', 'x-prod', 'admin', 'permissions', 'tasks', 'message:send'],
    ...['..', '.', '', '%2F', '%3F', '%2e%2e', 'agent-card.json', '.well-known', '*', '?', 'GET', 'POST'],
  );
  const hostilePath = fc.array(segment, { maxLength: 7 }).map((segments) => `/${segments.join('/')}`);
  const anyPath = fc.oneof(
    canonicalPath,
    hostilePath,
    fc.tuple(agentPath, hostilePath).map((two) => two.join('')),
  );

  it('permit nothing at an agent without a permission for it', async () => {
    await fc.assert(
      fc.asyncProperty(anyWorld, method, anyPath, async (given, verb, path) => {
        const target = servedPath(path, given.agentsPath);
        if (!gateAllows(await policyFor(given), verb, target)) return;
        const reached = given.agents.find(({ agentId }) => agentId === coreReaches(given, verb, target));
        if (reached === undefined) return;
        expect(reached.isActive && grantsOf(given.permissions, reached).granted.size > 0).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('permit all the core permits: the gate is never in the way', async () => {
    await fc.assert(
      fc.asyncProperty(anyWorld, method, canonicalPath, async (given, verb, path) => {
        const target = servedPath(path, given.agentsPath);
        if (coreReaches(given, verb, target) === undefined || isCardOf(verb, target)) return;
        expect([verb, target, gateAllows(await policyFor(given), verb, target)]).toEqual([
          verb,
          target,
          true,
        ]);
      }),
      { numRuns: 4_000 },
    );
  });

  it('need two mistakes: the gate alone keeps agents and verbs apart', async () => {
    await fc.assert(
      fc.asyncProperty(anyWorld, method, anyPath, async (given, verb, path) => {
        // Without a query: what stands there is in no ARN.
        const [target = ''] = servedPath(path, given.agentsPath).split('?');
        if (!target.startsWith(`${given.agentsPath}/`) || target === `${given.agentsPath}/`) return;
        if (!gateAllows(await policyFor(given), verb, target)) return;
        const [agentId = ''] = target.slice(given.agentsPath.length + 1).split('/');
        const tags = given.agents.find((one) => one.agentId === agentId)?.tags ?? [];
        const granting = given.permissions.filter(
          ({ allowedAgents, operations: granted }) =>
            verbsFor(granted).has(verb) && allowedAgents.some((one) => patternCovers(one, { agentId, tags })),
        );
        expect(granting).not.toEqual([]);
      }),
      { numRuns: 4_000 },
    );
  });
});
