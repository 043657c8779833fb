import type { Sighting } from '../protocol/sightings.ts';
import type { Shown, ShownTask } from './ownership.ts';

/** How far ahead of the gateway's an agent's clock may be. */
const maxAheadMs = 300_000;

/** What sightings show together, the later over the earlier. @param nowMs a status from long after it has no date */
export function toShown(sightings: readonly Sighting[], nowMs: number): Shown {
  const tasks = new Map<string, ShownTask>();
  for (const { taskId, contextId, state, timestamp } of sightings) {
    if (taskId === undefined) continue;
    const statusAtMs = state === undefined ? undefined : timeOf(timestamp, nowMs);
    tasks.set(taskId, {
      ...tasks.get(taskId),
      taskId,
      ...(contextId !== undefined && { contextId }),
      ...(state !== undefined && { state }),
      ...(statusAtMs !== undefined && { statusAtMs }),
    });
  }
  const contextIds = sightings.map(({ contextId }) => contextId).filter((id) => id !== undefined);
  return { tasks: [...tasks.values()], contextIds: [...new Set(contextIds)] };
}

/** A time without a zone is one of UTC, as agents in Python write it. Undefined for what is no time, or cannot be yet. */
function timeOf(timestamp: string | undefined, nowMs: number): number | undefined {
  if (timestamp === undefined) return undefined;
  const hasZone = /(?:z|[+-]\d\d:?\d\d)$/i.test(timestamp);
  const atMs = Date.parse(hasZone ? timestamp : `${timestamp}Z`);
  return atMs >= 0 && atMs <= nowMs + maxAheadMs ? atMs : undefined;
}
