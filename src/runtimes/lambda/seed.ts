import type { Conditions } from '../../access/conditions.ts';
import type { ChangeTrail } from '../../audit/audit.ts';
import type { Clock, Log } from '../../ports.ts';
import type { Owner } from '../../registry/agent.ts';
import type { PermissionStore } from '../../store/port.ts';
import type { AgentSeed, StackChanger } from './seed-agents.ts';
import { naming } from './seed-error.ts';
import { putPermission, removePermission } from './seed-permissions.ts';
import type { Seed } from './seed-properties.ts';

export interface SeedDeps {
  /** Not cached: what another process wrote counts. */
  permissions: PermissionStore;
  conditions: Conditions;
  /** Opened for the first agent: many a stack declares none. */
  openAgents(): Promise<AgentSeed>;
  changeTrail: ChangeTrail;
  clock: Clock;
  log: Log;
}

/** Marks the agents a stack made. No token has this issuer, because issuers are URLs. */
export function ownerOf(stackId: string): Owner {
  return { issuer: 'cloudformation', subject: stackId };
}

function changerOf({ stackId, requestId }: { stackId: string; requestId: string }): StackChanger {
  return { requestId, by: ownerOf(stackId) };
}

/** @throws SeedError naming the agent or permission that stopped it; what was done until then stays done */
export type ApplySeed = (change: {
  before: Seed;
  now: Seed;
  stackId: string;
  requestId: string;
}) => Promise<void>;

/**
 * Brings agents and permissions from what a stack said last to what it says now; again, it changes nothing more. An empty
 * `before` is a stack's first word, an empty `now` takes everything away. What is taken away goes first, so that nothing
 * it granted meets what comes.
 *
 * Only what the stack made is touched. Its agents have it for their owner. A permission has no owner: the stack's are
 * those of the scopes it named before, and one that exists with the very same content; it is taken away only with the
 * content the stack gave it, so that one an administrator has changed since stays. Two such resources of one stack must
 * not name the same agent or scope.
 *
 * Secrets are read again, and put anew, where credentials or addresses changed, or `revision` did.
 */
export function createSeed(deps: SeedDeps): ApplySeed {
  const { log } = deps;
  let opening: Promise<AgentSeed> | undefined;

  function agents(): Promise<AgentSeed> {
    opening ??= deps.openAgents();
    return opening;
  }

  async function takeAway(change: Parameters<ApplySeed>[0]): Promise<void> {
    const { before, now } = change;
    const by = changerOf(change);
    const scopes = new Set(now.permissions.map(({ scope }) => scope));
    for (const given of before.permissions) {
      if (scopes.has(given.scope)) continue;
      const what = `permission ${given.scope}`;
      if (!(await naming(what, () => removePermission(deps, given, by)))) leave(what);
    }
    const agentIds = new Set(now.agents.map(({ agentId }) => agentId));
    for (const given of before.agents) {
      if (agentIds.has(given.agentId)) continue;
      const what = `agent ${given.agentId}`;
      if (!(await naming(what, async () => (await agents()).remove(given, by)))) leave(what);
    }
  }

  function leave(what: string): void {
    log.write('warn', 'left as others changed it', { what });
  }

  return async (change) => {
    const { before, now } = change;
    const by = changerOf(change);
    await takeAway(change);
    const authBefore = new Map(before.agents.map(({ agentId, authConfig }) => [agentId, authConfig]));
    for (const given of now.agents) {
      const isSameAuth = JSON.stringify(authBefore.get(given.agentId)) === JSON.stringify(given.authConfig);
      const renewsSecret = !isSameAuth || before.revision !== now.revision;
      await naming(`agent ${given.agentId}`, async () => (await agents()).put(given, by, renewsSecret));
    }
    const scopesBefore = new Set(before.permissions.map(({ scope }) => scope));
    for (const given of now.permissions) {
      const isOurs = scopesBefore.has(given.scope);
      await naming(`permission ${given.scope}`, () => putPermission(deps, given, isOurs, by));
    }
  };
}
