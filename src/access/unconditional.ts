import {
  type AgentFacts,
  firstHeld,
  type GivenPermission,
  heldOperations,
  type VisibleAgents,
} from './authorize.ts';
import type { Permission } from './permission.ts';

/** Active agents that are covered. `too many`: more than the one who asks would take. */
export type CoveredAgents = (visible: VisibleAgents) => Promise<readonly AgentFacts[] | 'too many'>;

/** What is asked of a condition that looks at no agent. */
const anyAgent: AgentFacts = { agentId: '-', tags: [] };

export interface UnconditionalOptions {
  /** Of what is granted of an agent only whether it is anything counts: the first operation found stands for all. */
  isAnythingEnough?: boolean;
  /**
   * How many agents conditions are asked of, all permissions together; of those beyond, none is granted. Permissions have
   * even shares, and what one does not need the others have. Default: as many as are covered.
   */
  maxAsked?: number;
}

/**
 * Permissions that say without conditions what those of a principal say with them, for lists and policies that are made of
 * patterns. A condition that looks at the agent is asked of each one the permission covers, which then stand there by their
 * ids; where they are too many it is taken to hold, and whoever asks has to be content with that.
 */
export async function unconditional(
  permissions: readonly GivenPermission[],
  coveredAgents: CoveredAgents,
  { isAnythingEnough = false, maxAsked = Number.POSITIVE_INFINITY }: UnconditionalOptions = {},
): Promise<Permission[]> {
  const held = isAnythingEnough ? firstHeld : heldOperations;
  const each = await Promise.all(permissions.map((given) => covered(given, coveredAgents)));
  const shares = sharesOf(
    each.map(({ agents }) => (Array.isArray(agents) ? agents.length : 0)),
    maxAsked,
  );
  const turns = createTurns();
  const found: Permission[] = [];
  for (const [place, { given, agents }] of each.entries()) {
    const { condition, conditionHolds: _, looksAt: __, ...permission } = given;
    if (agents === 'too many' || (agents === 'none' && condition === undefined)) found.push(permission);
    else if (agents === 'none') found.push({ ...permission, operations: [...held(given, anyAgent)] });
    else {
      const asked = agents.slice(0, shares[place]);
      found.push(...(await byOperations({ given, permission, held, turns }, asked)));
    }
  }
  return found;
}

/** A permission with the agents its condition is to be asked of. `none`: it looks at none. */
interface Covered {
  given: GivenPermission;
  agents: readonly AgentFacts[] | 'too many' | 'none';
}

async function covered(given: GivenPermission, coveredAgents: CoveredAgents): Promise<Covered> {
  const {
    condition,
    looksAt,
    operations,
    allowedAgents: patterns,
    deniedAgents: deniedPatterns = [],
  } = given;
  if (condition === undefined || operations.length === 0 || looksAt?.agent !== true)
    return { given, agents: 'none' };
  return { given, agents: await coveredAgents({ patterns, deniedPatterns }) };
}

/** Of so many in all for each as many as it needs, and no more than what the smaller ones have left over. */
function sharesOf(needed: readonly number[], all: number): number[] {
  const shares = needed.map(() => 0);
  let left = all;
  const bySize = [...needed.entries()].sort(([, one], [, other]) => one - other);
  for (const [done, [place, count]] of bySize.entries()) {
    const share = Math.min(count, Math.floor(left / (bySize.length - done)));
    shares[place] = share;
    left -= share;
  }
  return shares;
}

/** Asking conditions takes as long as tokens and conditions are; after some milliseconds whatever else waits has its turn. */
const turnMs = 10;

function createTurns(): { next(): Promise<void> } {
  let startedMs = performance.now();
  return {
    async next() {
      if (performance.now() - startedMs < turnMs) return;
      await new Promise((resolve) => setTimeout(resolve, 0));
      startedMs = performance.now();
    },
  };
}

interface Asking {
  given: GivenPermission;
  /** The same less its condition. */
  permission: Permission;
  held: typeof heldOperations;
  turns: { next(): Promise<void> };
}

/** The permission for each set of operations that are granted, and once with none for its denies. */
async function byOperations(
  { given, permission, held, turns }: Asking,
  agents: readonly AgentFacts[],
): Promise<Permission[]> {
  const denies: Permission = { ...permission, allowedAgents: [] };
  const groups = new Map<string, Permission>();
  for (const agent of agents) {
    await turns.next();
    const operations = [...held(given, agent)];
    if (operations.length === 0) continue;
    const key = operations.join();
    const group = groups.get(key) ?? { ...permission, operations, allowedAgents: [] };
    group.allowedAgents.push(agent.agentId);
    groups.set(key, group);
  }
  return [denies, ...groups.values()];
}
