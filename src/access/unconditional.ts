import { type AgentFacts, type GivenPermission, heldOperations, type VisibleAgents } from './authorize.ts';
import type { Permission } from './permission.ts';

/** Active agents that are covered. `too many`: more than the one who asks would take. */
export type CoveredAgents = (visible: VisibleAgents) => Promise<readonly AgentFacts[] | 'too many'>;

/** What is asked of a condition that looks at no agent. */
const anyAgent: AgentFacts = { agentId: '-', tags: [] };

/**
 * Permissions that say without conditions what those of a principal say with them, for lists and policies that are made of
 * patterns. A condition that looks at the agent is asked of each one the permission covers, which then stand there by their
 * ids; where they are too many it is taken to hold, and whoever asks has to be content with that.
 */
export async function unconditional(
  permissions: readonly GivenPermission[],
  coveredAgents: CoveredAgents,
): Promise<Permission[]> {
  const each = await Promise.all(
    permissions.map(async (given) => {
      const { condition, conditionHolds: _, looksAt, ...permission } = given;
      if (condition === undefined || permission.operations.length === 0) return [permission];
      if (looksAt?.agent !== true)
        return [{ ...permission, operations: [...heldOperations(given, anyAgent)] }];
      const { allowedAgents: patterns, deniedAgents: deniedPatterns = [] } = permission;
      const agents = await coveredAgents({ patterns, deniedPatterns });
      return agents === 'too many' ? [permission] : byOperations(given, permission, agents);
    }),
  );
  return each.flat();
}

/** A condition asked of so many agents takes some milliseconds; then whatever else waits has its turn. */
const askedAtOnce = 50;

function othersTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** The permission for each set of operations that are granted, and once with none for its denies. */
async function byOperations(
  given: GivenPermission,
  permission: Permission,
  agents: readonly AgentFacts[],
): Promise<Permission[]> {
  const denies: Permission = { ...permission, allowedAgents: [] };
  const groups = new Map<string, Permission>();
  for (const [number, agent] of agents.entries()) {
    if (number % askedAtOnce === askedAtOnce - 1) await othersTurn();
    const operations = [...heldOperations(given, agent)];
    if (operations.length === 0) continue;
    const key = operations.join();
    const group = groups.get(key) ?? { ...permission, operations, allowedAgents: [] };
    group.allowedAgents.push(agent.agentId);
    groups.set(key, group);
  }
  return [denies, ...groups.values()];
}
