import { LRUCache } from 'lru-cache';
import { GatewayError } from '../failure.ts';
import { oncePerKey } from '../once-per-key.ts';
import type { Clock } from '../ports.ts';
import { maxIdChars } from '../protocol/guarded.ts';
import type { HeldId, Holder, OwnershipStore } from '../store/ports/ownership.ts';
import { readingOf } from './context-reading.ts';
import { holderOf, sharing } from './holder.ts';
import { type Ownership, ownershipOf, type Shown, type ShownTask } from './ownership.ts';

export interface OwnershipDeps {
  owned: OwnershipStore;
  clock: Clock;
  /** How long a task or context is its owner's after it was last shown. Default 90 days. */
  retentionMs: number;
}

/** For how long what the store said is not asked again. Only that somebody has an id is remembered, never that not. */
const rememberedForMs = 60_000;
const maxRemembered = 10_000;
/** Shortest time between two sweeps. */
const sweepMs = 1_000;
/** What the store takes at once. */
const maxTaken = 100;

/** What is known of an id the holder has. Of a context nothing else is; nor of a task, until it is shown. */
interface Known {
  /** Its row was made to last. What was only found may be gone soon, and is then anybody's. */
  isTaken?: boolean | undefined;
  contextId?: string | undefined;
  state?: string | undefined;
  /** Absent for a status without a date. */
  statusAtMs?: number | undefined;
}

/**
 * Ownership by what a store keeps, which makes callers wait for it only when there is news: a stream of a thousand
 * updates in one state costs one write.
 */
export function createOwnership({ owned, clock, retentionMs }: OwnershipDeps): Ownership {
  const known = new LRUCache<string, Known>({
    max: maxRemembered,
    ttl: rememberedForMs,
    ttlResolution: 0,
    perf: { now: () => clock.nowMs() },
  });
  /** Digests cost more than all the rest of a call about nothing new. */
  const holders = oncePerKey<Holder>(maxRemembered);
  let sweptAtMs = Number.NEGATIVE_INFINITY;

  function remember(holder: Holder, held: HeldId, seen: Known = {}): void {
    const key = keyOf(holder, held);
    const before = known.peek(key);
    const { state, statusAtMs } = seen.state === undefined ? { ...before } : seen;
    const isTaken = seen.isTaken ?? before?.isTaken;
    known.set(key, { isTaken, contextId: seen.contextId ?? before?.contextId, state, statusAtMs });
  }

  /** Those of the ids that are not the holder's. Asked for as long as it is then remembered, so that nothing outlives its row. */
  async function missing(holder: Holder, ids: readonly HeldId[]): Promise<HeldId[]> {
    const unknown = ids.filter((held) => !known.has(keyOf(holder, held)));
    if (unknown.length === 0) return [];
    const held = await owned.held(holder, unknown, clock.nowMs() + rememberedForMs);
    for (const [n, one] of unknown.entries()) if (held[n] === true) remember(holder, one);
    return unknown.filter((_, n) => held[n] !== true);
  }

  async function take(holder: Holder, { tasks, contextIds }: Shown): Promise<boolean> {
    const nowMs = clock.nowMs();
    const dated = tasks.map((task) => ({ ...task, statusAtMs: task.statusAtMs ?? nowMs }));
    const times = { nowMs, expiresAtMs: nowMs + retentionMs };
    if (!(await owned.take(holder, { tasks: dated, contextIds }, times))) return false;
    const isTaken = true;
    for (const { taskId: id, ...seen } of tasks) remember(holder, { kind: 'task', id }, { ...seen, isTaken });
    for (const id of contextIds) remember(holder, { kind: 'context', id }, { isTaken });
    await sweep(nowMs);
    return true;
  }

  async function record(holder: Holder, shown: Shown): Promise<void> {
    for (const part of inParts(shown)) if (!(await take(holder, part))) throw invalid('owner');
  }

  async function sweep(nowMs: number): Promise<void> {
    if (nowMs - sweptAtMs < sweepMs) return;
    sweptAtMs = nowMs;
    await owned.sweep(nowMs).catch(() => {}); // What is left costs room, not an answer; a later sweep finds it.
  }

  /** Whether a task shows what is not known of it. */
  function isNews(holder: Holder, { taskId: id, contextId, state, statusAtMs }: ShownTask): boolean {
    const before = known.get(keyOf(holder, { kind: 'task', id }));
    if (before?.isTaken !== true) return true;
    const isElsewhere = contextId !== undefined && contextId !== before.contextId;
    const isOther = state !== undefined && (state !== before.state || statusAtMs !== before.statusAtMs);
    return isElsewhere || isOther;
  }

  return {
    holderOf(agent, principal) {
      const mode = ownershipOf(agent);
      const key = JSON.stringify([agent.agentId, agent.createdAtMs, ...sharing(principal, mode)]);
      return holders(key, () => holderOf(agent, principal, mode));
    },
    async check(holder, { taskIds, contextIds }, { claims }) {
      if (taskIds.length + contextIds.length === 0) return;
      const tasks = taskIds.map((id) => ({ kind: 'task', id }) as const);
      const contexts = contextIds.map((id) => ({ kind: 'context', id }) as const);
      const absent = await missing(holder, [...tasks, ...contexts]);
      if (absent.some(({ kind }) => kind === 'task')) throw new GatewayError({ code: 'task_not_found' });
      // With what the agent may take each for, which may be another's.
      const brought = [...new Set(absent.flatMap(({ id }) => [id, readingOf(id)]))];
      if (brought.length === 0) return;
      if (!claims || !(await take(holder, { tasks: [], contextIds: brought })))
        throw new GatewayError({ code: 'context_refused' });
    },
    learn(holder, shown) {
      const tasks = shown.tasks.filter((task) => isNews(holder, task));
      const contextIds = shown.contextIds.filter(
        (id) => known.get(keyOf(holder, { kind: 'context', id }))?.isTaken !== true,
      );
      return tasks.length + contextIds.length === 0 ? undefined : record(holder, { tasks, contextIds });
    },
  };
}

function keyOf({ agentKey, ownerKey }: Holder, { kind, id }: HeldId): string {
  return `${agentKey} ${ownerKey} ${kind} ${id}`;
}

function invalid(problem: 'owner' | 'id_length'): GatewayError {
  return new GatewayError({ code: 'upstream_response_invalid', problem });
}

/** As much as the store takes at once: nearly always all of it. @throws GatewayError for an id that cannot be kept */
function* inParts({ tasks, contextIds }: Shown): Generator<Shown> {
  const ids = [...tasks.map(({ taskId }) => taskId), ...contextIds];
  if (ids.some((id) => id.length > maxIdChars)) throw invalid('id_length');
  if (ids.length <= maxTaken) {
    if (ids.length > 0) yield { tasks, contextIds };
    return;
  }
  for (let at = 0; at < tasks.length; at += maxTaken)
    yield { tasks: tasks.slice(at, at + maxTaken), contextIds: [] };
  for (let at = 0; at < contextIds.length; at += maxTaken)
    yield { tasks: [], contextIds: contextIds.slice(at, at + maxTaken) };
}
