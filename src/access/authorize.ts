import type { PermissionOperation } from '../protocol/permission-operations.ts';
import { type Permission, patternCovers } from './permission.ts';

/** An agent as a verdict needs it. */
export interface AgentFacts {
  agentId: string;
  tags: readonly string[];
}

/**
 * What a principal may do with an agent: the union of what the permissions of its scopes grant. Pure; deny by
 * default: no agent, no permission, no match means the empty set. Adding a permission never takes one away.
 */
export function grantedOperations(
  permissions: readonly Permission[],
  agent: AgentFacts | undefined,
): ReadonlySet<PermissionOperation> {
  const granted = new Set<PermissionOperation>();
  if (agent === undefined) return granted;
  for (const permission of permissions) {
    if (!permission.allowedAgents.some((pattern) => patternCovers(pattern, agent))) continue;
    for (const operation of permission.operations) granted.add(operation);
  }
  return granted;
}

/** Those of these permissions that grant an agent anything. */
export function grantingPermissions(permissions: readonly Permission[], agent: AgentFacts): Permission[] {
  return permissions.filter((permission) => grantedOperations([permission], agent).size > 0);
}

/** Their scopes. */
export function grantingScopes(permissions: readonly Permission[], agent: AgentFacts): string[] {
  return grantingPermissions(permissions, agent).map((permission) => permission.scope);
}

/** The patterns under which a principal sees agents at all. */
export function visiblePatterns(permissions: readonly Permission[]): string[] {
  const granting = permissions.filter((permission) => permission.operations.length > 0);
  return [...new Set(granting.flatMap((permission) => permission.allowedAgents))];
}
