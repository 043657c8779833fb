import { evaluatePolicy } from '../../aws-local/policy-evaluation.ts';
import { grantsOf } from '../../src/access/authorize.ts';
import { type InvokePolicy, invokePolicy } from '../../src/access/invoke-policy.ts';
import { type Permission, patternCovers } from '../../src/access/permission.ts';
import { adminScope, hasScope, type Principal, registerScope } from '../../src/access/principal.ts';
import { canonicalTarget } from '../../src/http/path.ts';
import { createRouter } from '../../src/http/router.ts';
import { cardRoutes } from '../../src/http/routes/card.ts';
import { pushRoutes } from '../../src/http/routes/push.ts';
import { routes } from '../../src/http/routes.ts';
import type { PermissionOperation } from '../../src/protocol/permission-operations.ts';
import { matchRest } from '../../src/protocol/rest.ts';
import { edgeRoutes } from '../../src/runtimes/lambda/edge-routes.ts';
import { stage } from './authorizer.ts';

interface Agent {
  agentId: string;
  tags: string[];
  isActive: boolean;
  publicCard: boolean;
}

/** All that a decision depends on, beside the request. */
export interface World {
  agents: readonly Agent[];
  permissions: readonly Permission[];
  scopes: readonly string[];
  agentsPath: string;
}

function principalWith(scopes: readonly string[]): Principal {
  const who = { issuer: 'https://issuer.test', subject: 'alice', scopes, groups: [], grantees: scopes };
  return { ...who, expiresAtSeconds: 2 ** 31 };
}

/** A permission the caller has. */
export function granting(
  allowedAgents: string[],
  granted: readonly PermissionOperation[],
  { scope = 'demo', deniedAgents }: { scope?: string; deniedAgents?: string[] | undefined } = {},
): Permission {
  return {
    ...{ scope, revision: 1, createdAtMs: 0, updatedAtMs: 0 },
    ...{ allowedAgents, operations: [...granted] },
    ...(deniedAgents !== undefined && { deniedAgents }),
  };
}

/** The policy the authorizer would make, however large. */
export function policyFor({ agents, permissions, scopes, agentsPath }: World): Promise<InvokePolicy> {
  return invokePolicy(principalWith(scopes), permissions, `${stage}/GET/`, {
    routes: edgeRoutes,
    agentsPath,
    maxPolicyBytes: 1_000_000,
    agentsCovered: async ({ patterns, deniedPatterns }) =>
      agents
        .filter((agent) => agent.isActive && patterns.some((pattern) => patternCovers(pattern, agent)))
        .filter((agent) => !deniedPatterns.some((pattern) => patternCovers(pattern, agent)))
        .map(({ agentId }) => agentId),
  });
}

/** API Gateway's half: the path stands in the ARN without its query. */
export function gateAllows(policy: InvokePolicy, method: string, target: string): boolean {
  return evaluatePolicy(policy, `${stage}/${method}${target.split('?')[0]}`) === 'allow';
}

/** The core's half, by its own router and rules: what it lets a request through to, or undefined. */
export function coreReaches(world: World, method: string, target: string): string | undefined {
  const canonical = canonicalTarget(target);
  if (!canonical.ok) return undefined;
  const match = createRouter(routes, world.agentsPath)(method, canonical.value.path);
  if (!match.ok) return undefined;
  const { route, params } = match.value;
  const principal = principalWith(world.scopes);
  if (route.access === 'anyone' || pushRoutes.includes(route)) return undefined; // Has no authorizer.
  if (route.access === 'principal') return 'discovery';
  if (route.access !== 'own') {
    const isOwners = route.access === 'manager' && hasScope(principal, registerScope);
    return hasScope(principal, adminScope) || isOwners ? route.path : undefined;
  }
  const agent = world.agents.find(({ agentId, isActive }) => isActive && agentId === params.agentId);
  const { granted } = grantsOf(world.permissions, agent);
  if (cardRoutes.includes(route)) {
    return granted.size > 0 || agent?.publicCard === true ? agent?.agentId : undefined;
  }
  if (params.operation === undefined) return granted.size > 0 ? agent?.agentId : undefined;
  const rest = matchRest(method, `/${params.operation}`);
  return rest.ok && granted.has(rest.value.operation.permission) ? agent?.agentId : undefined;
}
