import type { PermissionOperation } from '../protocol/permission-operations.ts';
import { type AgentFacts, denies, type GivenPermission, grantedBy, sendsMessage } from './authorize.ts';
import { takesMessage } from './permission.ts';

/** What one permission says of a call; the first of these that is true. */
export type Consideration =
  /** There is no such agent. */
  | 'agent_unknown'
  /** It takes the agent from whoever has it. */
  | 'agent_denied'
  /** None of its patterns covers the agent, or it grants nothing at all. */
  | 'agent_not_allowed'
  | 'operation_not_allowed'
  /** It names the agent and the operation, and its condition does not hold. */
  | 'condition_not_met'
  /** It names skills of the agent, and the message none of them. */
  | 'skill_not_allowed'
  | 'grants';

/** A question of what permissions say. */
export interface Question {
  agent: AgentFacts | undefined;
  operation: PermissionOperation;
  skillId: string | undefined;
}

/** What a permission by itself says of a call, by the functions that decide calls. */
export function considered(
  permission: GivenPermission,
  { agent, operation, skillId }: Question,
): Consideration {
  if (agent === undefined) return 'agent_unknown';
  if (denies(permission, agent)) return 'agent_denied';
  const { condition: _, ...unconditional } = permission;
  const named = grantedBy(unconditional, agent);
  if (named.size === 0) return 'agent_not_allowed';
  if (!named.has(operation)) return 'operation_not_allowed';
  if (!grantedBy(permission, agent).has(operation)) return 'condition_not_met';
  const isTaken = !sendsMessage(operation) || takesMessage(permission, agent.agentId, skillId);
  return isTaken ? 'grants' : 'skill_not_allowed';
}
