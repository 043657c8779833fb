import { describe, expect, it } from 'vitest';
import { evaluatePolicy } from '../../aws-local/policy-evaluation.ts';
import { invokePolicy, verbsFor } from '../../src/access/invoke-policy.ts';
import { adminScope, registerScope } from '../../src/access/principal.ts';
import { servedPath } from '../../src/http/router.ts';
import { cardRoutes } from '../../src/http/routes/card.ts';
import { pushRoutes } from '../../src/http/routes/push.ts';
import { routes } from '../../src/http/routes.ts';
import { permissionOperations } from '../../src/protocol/permission-operations.ts';
import { directoryAgentId } from '../../src/registry/registration-schema.ts';
import { directoryRoutes, edgeRoutes } from '../../src/runtimes/lambda/edge-routes.ts';
import { stage } from '../support/authorizer.ts';
import { coreReaches, gateAllows, granting, policyFor, type World } from '../support/gate-and-core.ts';
import { notAgentIds, refusedTargets } from './path-catalogue.ts';

/** `mine` by its id, `hr-…` by a glob, all `…-prod` by one that is resolved. Everyone else is somebody else's. */
const world: World = {
  agents: ['mine', 'hr-desk', 'x-prod', 'other', 'agent', 'hidden'].map((agentId) => ({
    ...{ agentId, tags: [], isActive: true, publicCard: false },
  })),
  permissions: [granting(['mine', 'hr-*', '*-prod'], permissionOperations)],
  scopes: ['demo'],
  agentsPath: '/agents',
};

const verbs = ['GET', 'POST', 'DELETE', 'PUT', 'PATCH', 'HEAD', 'OPTIONS', 'get', 'Post', 'BREW'];

/** Requests the gate itself refuses. */
const refusedAtTheGate: readonly string[] = [
  '/agents/other',
  '/agents/other/message:send',
  '/agents/other/message:send%3F/agents/mine/x',
  '/agents/other/message:send?/agents/mine/x',
  '/agents/other/agents/mine/x',
  '/agents/other/hr-desk',
  '/agents/other/x-prod',
  '/agents/other/x-prod/tasks',
  '/agents/mineX',
  '/agents/mineX/tasks',
  '/agents/mine-2/tasks',
  '/agents/min',
  '/agents/Mine/tasks',
  '/agents/MINE',
  '/Agents/mine',
  '/AGENTS/mine/tasks',
  '/agents/HR-desk',
  '/agents/hr',
  '/agents/xhr-desk',
  '/agents/y-prod/tasks',
  '/agents//mine',
  '//agents/mine',
  '/agents/./mine',
  '/agents/%6dine/tasks',
  '/agents/mine%2Ftasks',
  '/agents%2Fmine/tasks',
  '/agents/mine;a=1/tasks',
  '/agents/other/../mine/tasks',
  '/agents/..%2Fmine',
  '/agents/*',
  '/agents/*/tasks',
  '/agents',
  '/x/agents/mine/tasks',
  '/v1/agents/mine/tasks',
  '/v1/POST/agents/mine/tasks',
  '/POST/agents/mine/tasks',
  '/../v1/POST/agents/mine/tasks',
  '/admin',
  '/admin/',
  '/admin/agents',
  '/admin/agents/mine',
  '/admin/agents/mine/sync',
  '/admin/permissions/demo',
  '/admin/agents/../../agents/mine',
  '/health',
  '',
  '/',
];

/** What the gate takes for a path of `mine`; the core is asked, and knows better. */
const refusedByTheCore: readonly string[] = [
  '/agents/mine/../other',
  '/agents/mine/../../admin/agents',
  '/agents/mine/..%2Fother/tasks',
  '/agents/mine/%2e%2e/other/tasks',
  '/agents/mine//../other/tasks',
  '/agents/mine/..;/other/tasks',
  '/agents/mine/',
  '/agents/mine//',
  '/agents/mine/tasks/',
  '/agents/mine/agents/other/tasks',
  '/agents/mine/admin/agents',
  '/agents/hr-desk%2F..%2Fother/tasks',
  '/agents/hr-desk/../other/tasks',
  '/agents/hr-%2e%2e/other/tasks',
  '/agents/hr-/tasks',
  '/agents/hr-desk.other/tasks',
  '/agents/other/.well-known/agent-card.json',
  '/agents/other/x/.well-known/agent-card.json',
  '/agents/other%2Fx/.well-known/agent-card.json',
];

/** API Gateway does not say which of the two its ARN holds. */
function spellings(target: string): string[] {
  try {
    return [target, decodeURIComponent(target)];
  } catch {
    return [target];
  }
}

describe('a hostile path', () => {
  it.each(refusedAtTheGate)('is refused at the gate: %j', async (target) => {
    const policy = await policyFor(world);
    for (const method of verbs.filter((verb) => target !== '/agents' || verb !== 'GET')) {
      expect([method, gateAllows(policy, method, target)]).toEqual([method, false]);
    }
  });

  it.each([
    ...refusedAtTheGate,
    ...refusedByTheCore,
    ...Object.values(refusedTargets).flat(),
    ...notAgentIds.flatMap((id) => [`/agents/${id}`, `/agents/${id}/tasks`, `/admin/agents/${id}`]),
  ])('leads nowhere but to agents of the caller: %j', async (target) => {
    const policy = await policyFor(world);
    for (const method of verbs) {
      for (const spelled of spellings(target)) {
        if (!gateAllows(policy, method, spelled)) continue;
        expect([undefined, 'mine', 'hr-desk', 'x-prod', 'discovery']).toContain(
          coreReaches(world, method, target),
        );
      }
    }
  });

  it.each([
    ['GET/agents/mine', '/tasks'],
    ['POST/agents/mine/..', '/other'],
    ['POST/agents/mine/', '/../../other/tasks'],
    ['*', '/agents/other'],
    ['', '/POST/agents/mine/tasks'],
  ])('with a method that is none is no route: %j %j', (method, target) => {
    expect(coreReaches(world, method, target)).toBeUndefined();
  });

  it.each(['v1x', 'v10', 'V1', 'v2', 'v'])('on another stage is refused at the gate: %j', async (other) => {
    const everything = { scopes: [adminScope], permissions: [granting(['*'], permissionOperations)] };
    const policy = await policyFor({ ...world, ...everything });
    for (const path of ['GET/agents/mine/tasks', 'GET/agents', 'PUT/admin/permissions/x']) {
      expect(evaluatePolicy(policy, `${stage}/${path}`)).toBe('allow');
      expect(evaluatePolicy(policy, `${stage.replace(/v1$/, other)}/${path}`)).toBe('implicit_deny');
    }
  });

  it('of the routes for administrators alone is closed to owners at the gate', async () => {
    const policy = await policyFor({ ...world, scopes: [registerScope] });
    for (const method of verbs) {
      for (const path of ['/admin/permissions', '/admin/permissions/demo', '/admin/permissions/', '/admin']) {
        expect(gateAllows(policy, method, path)).toBe(false);
      }
    }
    expect(gateAllows(policy, 'PATCH', '/admin/agents/mine/status')).toBe(true);
  });
});

describe('the routes the authorizer knows', () => {
  const needed = routes.flatMap((route) => {
    const { method, path, access } = route;
    return access === 'anyone' || access === 'own' ? [] : [{ method, path, access }];
  });

  it('are those of the table that no permission decides', () => {
    const sorted = (given: readonly { method: string; path: string }[]) =>
      given.toSorted((one, other) =>
        `${one.path} ${one.method}`.localeCompare(`${other.path} ${other.method}`),
      );
    expect(sorted(edgeRoutes)).toEqual(sorted(needed));
    const withoutAuthorizer = [...cardRoutes, ...pushRoutes];
    const others = routes.filter((route) => route.access === 'own' && !withoutAuthorizer.includes(route));
    expect(new Set(others.map(({ path }) => path))).toEqual(
      new Set(['/agents/{agentId}', '/agents/{agentId}/', '/agents/{agentId}/{operation...}']),
    );
  });

  it('are served where the router serves them', async () => {
    for (const agentsPath of ['/agents', '/a2a', '/x/agents/y', '/agents/agents']) {
      const policy = await policyFor({ ...world, agentsPath, scopes: [adminScope], permissions: [] });
      const served = needed.map(
        ({ method, path }) => `${stage}/${method}${servedPath(path, agentsPath).replace(/\{\w+\}/g, '*')}`,
      );
      expect(new Set(policy.Statement[0].Resource)).toEqual(new Set(served));
    }
  });
});

describe('the routes of the directory', () => {
  /** What a caller without any permission may reach where there is a search. */
  const policy = () =>
    invokePolicy(
      {
        issuer: 'https://issuer.test',
        subject: 'alice',
        scopes: [],
        groups: [],
        grantees: [],
        expiresAtSeconds: 2 ** 31,
      },
      [],
      `${stage}/GET/`,
      { routes: directoryRoutes, agentsCovered: async () => [] },
    );

  it('are those that a permission of everything on that agent would open', async () => {
    const verbs = [...verbsFor(permissionOperations)];
    const path = `/agents/${directoryAgentId}`;
    const expected = [`POST${path}`, ...verbs.map((verb) => `${verb}${path}/*`)];
    const { Resource } = (await policy()).Statement[0];
    expect(new Set(Resource)).toEqual(new Set(expected.map((line) => `${stage}/${line}`)));
  });

  it.each([
    ...['/agents/directoryX', '/agents/directory-2/tasks', '/agents/Directory', '/agents/director'],
    ...['/agents/other', '/agents/other/directory', '/agents/other/agents/directory/x', '/agents'],
    ...['/admin/agents/directory', '/search', '/', '/x/agents/directory'],
  ])('open nothing else: %j', async (target) => {
    for (const method of verbs) expect(gateAllows(await policy(), method, target)).toBe(false);
  });

  it('lead no further than to the directory', async () => {
    const alone = { ...world, permissions: [], scopes: [] };
    for (const target of [
      ...[
        '/agents/directory/../other',
        '/agents/directory/../../admin/agents',
        '/agents/directory/..;/other',
      ],
      ...[
        '/agents/directory/%2e%2e/other/tasks',
        '/agents/directory//../other',
        '/agents/directory/admin/agents',
      ],
      ...['/agents/directory/agents/other/tasks', '/agents/directory/tasks/../../other/tasks'],
    ]) {
      expect(gateAllows(await policy(), 'GET', target)).toBe(true);
      for (const method of verbs) expect(coreReaches(alone, method, target)).toBeUndefined();
    }
  });
});
