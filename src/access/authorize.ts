import type { PermissionOperation } from '../protocol/permission-operations.ts';
import type { LooksAt } from './conditions.ts';
import { type Permission, patternCovers, takesMessage } from './permission.ts';

/** An agent as a verdict needs it. */
export interface AgentFacts {
  agentId: string;
  tags: readonly string[];
  /** Who registered it, for conditions. Without it one that asks does not hold. */
  owner?: { issuer: string; subject: string };
}

/** A permission as one principal has it. */
export interface GivenPermission extends Permission {
  /** Whether its condition holds for the principal. Absent beside a condition: it never does. */
  conditionHolds?(operation: PermissionOperation, agent: AgentFacts): boolean;
  /** Beside its condition. */
  looksAt?: LooksAt;
}

/** What a principal may do with an agent, and why. */
export interface Grants {
  /**
   * Each operation that is granted, with the permissions that grant it in the order of their scopes: the first is the rule
   * that decided. None beside an operation: it is every principal's.
   */
  granted: ReadonlyMap<PermissionOperation, readonly Permission[]>;
  /** Scope of the permission that takes the agent away, whatever others grant; the first by scope where several do. */
  deniedBy?: string;
}

/**
 * The verdict on a principal and an agent: the union of what its permissions grant, less what any of them denies. Pure;
 * deny by default: no agent, no permission, no match, or an empty list means nothing. In whatever order the permissions
 * come, the verdict is the same. A permission that denies nothing never takes anything away, and a deny never grants.
 *
 * Does not look at the agent's status, its capabilities, who owns it, nor at the skill a message names: see
 * the permissions' `allowedSkills`.
 */
export function grantsOf(permissions: readonly GivenPermission[], agent: AgentFacts | undefined): Grants {
  const granted = new Map<PermissionOperation, Permission[]>();
  if (agent === undefined) return { granted };
  const ordered = permissions.length > 1 ? permissions.toSorted(byScope) : permissions;
  const denying = ordered.find((permission) => denies(permission, agent));
  if (denying !== undefined) return { granted, deniedBy: denying.scope };
  for (const permission of ordered) {
    for (const operation of grantedBy(permission, agent)) {
      const granting = granted.get(operation);
      if (granting === undefined) granted.set(operation, [permission]);
      else granting.push(permission);
    }
  }
  return { granted };
}

/**
 * What a permission by itself grants of an agent, denies aside: the one place where it is judged to hold. Whoever may do
 * anything else with an agent may read its card too.
 */
export function grantedBy(permission: GivenPermission, agent: AgentFacts): ReadonlySet<PermissionOperation> {
  if (!isCovered(permission.allowedAgents, agent)) return new Set();
  const held = heldOperations(permission, agent);
  return new Set(held.length === 0 ? [] : [...held, 'card']);
}

/** The operations of a permission for which its condition holds: all where it has none. */
export function heldOperations(
  { operations, condition, conditionHolds, looksAt }: GivenPermission,
  agent: AgentFacts,
): readonly PermissionOperation[] {
  if (condition === undefined) return operations;
  const [first] = operations;
  if (first !== undefined && looksAt?.operation === false)
    return conditionHolds?.(first, agent) === true ? operations : [];
  return operations.filter((operation) => conditionHolds?.(operation, agent) === true);
}

/** One of {@link heldOperations}, or none where there is none: with a condition that is seldom all it takes to know whether. */
export function firstHeld(permission: GivenPermission, agent: AgentFacts): readonly PermissionOperation[] {
  const { operations, condition, conditionHolds } = permission;
  if (condition === undefined) return operations.slice(0, 1);
  const first = operations.find((operation) => conditionHolds?.(operation, agent) === true);
  return first === undefined ? [] : [first];
}

/** Whether a permission takes an agent from whoever has it: whether or not its condition holds. */
export function denies({ deniedAgents = [] }: Permission, agent: AgentFacts): boolean {
  return isCovered(deniedAgents, agent);
}

function isCovered(patterns: readonly string[], agent: AgentFacts): boolean {
  return patterns.some((pattern) => patternCovers(pattern, agent));
}

function byScope({ scope: one }: Permission, { scope: other }: Permission): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** Whether an operation carries a message, so that `allowedSkills` counts. */
export function sendsMessage(operation: PermissionOperation): boolean {
  return operation === 'send' || operation === 'stream';
}

/** Those of the permissions that grant sending to an agent by which this message may be sent, by the skill it names. */
export function takingMessage(
  granting: readonly Permission[],
  agentId: string,
  skillId: string | undefined,
): readonly Permission[] {
  return granting.filter((permission) => takesMessage(permission, agentId, skillId));
}

/** The permissions that grant anything of the agent, in the order of their scopes. */
export function grantingPermissions({ granted }: Grants): readonly Permission[] {
  return granted.get('card') ?? [];
}

/** Their scopes, for {@link grantsOf} of these permissions, without the question what each of them grants. */
export function grantingScopes(permissions: readonly GivenPermission[], agent: AgentFacts): string[] {
  if (permissions.some((permission) => denies(permission, agent))) return [];
  return permissions
    .filter(
      (permission) => isCovered(permission.allowedAgents, agent) && firstHeld(permission, agent).length > 0,
    )
    .toSorted(byScope)
    .map(({ scope }) => scope);
}

/** Which agents a principal sees at all, by `allowedAgents` entries. */
export interface VisibleAgents {
  /** Covered by any of these; an empty list covers nothing. */
  patterns: readonly string[];
  /** And by none of these. */
  deniedPatterns: readonly string[];
}

/** The agents of which {@link grantsOf} grants anything. */
export function visibleAgents(permissions: readonly Permission[]): VisibleAgents {
  const granting = permissions.filter(({ operations }) => operations.length > 0);
  return {
    patterns: [...new Set(granting.flatMap(({ allowedAgents }) => allowedAgents))],
    deniedPatterns: [...new Set(permissions.flatMap(({ deniedAgents = [] }) => deniedAgents))],
  };
}
