import { inPieces } from '../../in-parallel.ts';
import type { Clock } from '../../ports.ts';
import { isAgentId } from '../../registry/agent.ts';
import type { AgentStore } from '../../store/port.ts';
import { type FillCursor, fromCursorText, toCursorText } from './cursor.ts';
import { isSetKey } from './names.ts';
import { notPlaced, type Target } from './place.ts';
import type { KeptSet } from './sets.ts';
import { type SyncDeps, syncAgents } from './sync.ts';
import { isRefused } from './vector-bucket.ts';

export interface FillOptions {
  /** `next` of the fill that this one goes on with. Absent: from the beginning. */
  after?: string;
  /** Stops after the page that is under way at this time; one page, of 100 agents, is always done. Default: never. */
  deadlineMs?: number;
  /** Makes every vector again, whether or not the text has changed. Default false. */
  isAnew?: boolean;
  /** Told after each page. */
  progress?(done: FillOutcome): void;
}

export interface FillOutcome {
  /** Agents looked at, and how many there are. */
  done: number;
  total: number;
  /** Absent: the set is complete. */
  next?: string;
}

export interface FillDeps extends SyncDeps {
  agents: AgentStore;
  clock: Clock;
  begin(): Promise<{ target: Target; kept: KeptSet }>;
  /** Says in the set how far it is: that a fill goes on, or that all is there. */
  mark(kept: KeptSet, progress: 'filling' | 'complete'): Promise<void>;
}

const logEveryMs = 10_000;

/**
 * Goes through the whole registry and puts into the configured model's set what is missing there or is not as it should be;
 * then through the set, and removes what the registry has not; then marks the set as complete. Agents that change meanwhile
 * are the concern of `sync`, which knows the set from its first moment. Doing it again, or twice at once, does no harm.
 *
 * An agent that S3 Vectors refuses is logged and left out.
 *
 * @throws GatewayError `search_unavailable` where the model cannot be reached; what was done until then stays done
 */
export function createFill(deps: FillDeps): (options?: FillOptions) => Promise<FillOutcome> {
  const { agents, bucket, clock, log } = deps;

  async function sync(agentIds: readonly string[], target: Target, isAnew: boolean): Promise<void> {
    const placed = await syncAgents(deps, agentIds, [target], isAnew);
    // Those that only change too often come again by themselves.
    if (placed.cause !== undefined) throw notPlaced(placed);
  }

  async function agentsPage(
    cursor: FillCursor,
    target: Target,
    isAnew: boolean,
  ): Promise<{ cursor: FillCursor; total: number }> {
    const { after, done, indexName } = cursor;
    const { items, next, totalSize } = await agents.ids(
      { status: 'active' },
      { size: 100, ...(after !== undefined && { after }) },
    );
    await sync(items, target, isAnew);
    const looked = { indexName, done: done + items.length };
    if (next === undefined) return { cursor: { ...looked, phase: 'strays' }, total: totalSize };
    return { cursor: { ...looked, phase: 'agents', after: next }, total: totalSize };
  }

  /** Undefined after the last page. */
  async function straysPage(
    { after, ...cursor }: FillCursor,
    target: Target,
  ): Promise<FillCursor | undefined> {
    const { keys, next } = await bucket.keys(target.indexName, after).catch((error: unknown) => {
      // A token from an earlier call may be too old.
      if (after === undefined || !isRefused(error)) throw error;
      return bucket.keys(target.indexName);
    });
    const own = keys.filter((key) => !isSetKey(key));
    await bucket.delete(
      target.indexName,
      own.filter((key) => !isAgentId(key)),
    );
    for (const patterns of inPieces(own.filter(isAgentId), 100)) {
      const { items } = await agents.ids({ status: 'active', patterns }, { size: 100 });
      const active = new Set(items);
      const strays = patterns.filter((agentId) => !active.has(agentId));
      if (strays.length > 0) await sync(strays, target, false);
    }
    return next === undefined ? undefined : { ...cursor, after: next };
  }

  return async ({ after, deadlineMs = Infinity, isAnew = false, progress } = {}) => {
    const { target, kept } = await deps.begin();
    const { modelId } = target;
    let cursor: FillCursor | undefined = fromCursorText(after, target.indexName);
    let outcome: FillOutcome = { done: cursor.done, total: cursor.done };
    let loggedAtMs = clock.nowMs();
    while (cursor !== undefined) {
      if (cursor.phase === 'agents') {
        const page: Awaited<ReturnType<typeof agentsPage>> = await agentsPage(cursor, target, isAnew);
        cursor = page.cursor;
        outcome = { done: cursor.done, total: page.total };
      } else {
        cursor = await straysPage(cursor, target);
      }
      const nowMs = clock.nowMs();
      if (nowMs - loggedAtMs >= logEveryMs) {
        loggedAtMs = nowMs;
        log.write('info', 'search: embedding', { modelId, ...outcome });
      }
      progress?.(outcome);
      if (cursor === undefined || nowMs < deadlineMs) continue;
      await deps.mark(kept, 'filling');
      return { ...outcome, next: toCursorText(cursor) };
    }
    await deps.mark(kept, 'complete');
    log.write('info', 'search: filled', { modelId, ...outcome });
    return outcome;
  };
}
