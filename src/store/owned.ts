import type { SeenTask, Taken } from './ports/ownership.ts';

/** What a store keeps of an id, beside whose it is. */
export interface Owned {
  kind: 'task' | 'context';
  id: string;
  expiresAtMs: number;
  /** Of a task; a context has none. */
  seen?: KeptSight;
}

/** What was last seen of a task. */
export interface KeptSight extends Omit<SeenTask, 'taskId'> {
  /** Left out of lists. */
  isForgotten: boolean;
}

export interface OwnedTimes {
  nowMs: number;
  expiresAtMs: number;
}

const maxTaken = 100;

/**
 * The ids as they would be kept if nobody had them, each of them once.
 *
 * @throws TypeError for more than 100 ids, and for a time that is no whole number
 */
export function ownedOf({ tasks, contextIds }: Taken, times: OwnedTimes): Owned[] {
  const { nowMs, expiresAtMs } = times;
  const isWhole = [nowMs, expiresAtMs, ...tasks.map((task) => task.statusAtMs)].every(Number.isSafeInteger);
  if (!isWhole || tasks.length + contextIds.length > maxTaken) {
    throw new TypeError(`at most ${maxTaken} ids are taken at once, and times are whole numbers`);
  }
  const untilMs = keptUntilMs(times);
  const byTaskId = new Map<string, Owned>();
  for (const { taskId, ...sight } of tasks) {
    const seen = seenAgain(byTaskId.get(taskId)?.seen, { ...sight, isForgotten: false });
    byTaskId.set(taskId, { kind: 'task', id: taskId, expiresAtMs: untilMs, seen });
  }
  const contexts = [...new Set(contextIds)].map((id) => ({
    ...{ kind: 'context' as const, id },
    expiresAtMs: untilMs,
  }));
  return [...byTaskId.values(), ...contexts];
}

/**
 * What is to be written of an id that is taken by the holder who has it already; undefined where nothing changes.
 * `expiresAtMs` is until when it must be kept at least.
 */
export function takenAgain(known: Owned, taken: Owned, expiresAtMs: number): Owned | undefined {
  const isKept = known.expiresAtMs >= expiresAtMs;
  const seen = taken.seen && seenAgain(known.seen, taken.seen);
  if (isKept && sameSight(known.seen, seen)) return undefined;
  return { ...taken, expiresAtMs: isKept ? known.expiresAtMs : taken.expiresAtMs, ...(seen && { seen }) };
}

/**
 * Longer than asked for, by an eighth of the time: who uses an id again and again then writes until when it is kept once
 * in that eighth, not every time.
 */
function keptUntilMs({ nowMs, expiresAtMs }: OwnedTimes): number {
  return expiresAtMs + Math.max(0, Math.ceil((expiresAtMs - nowMs) / 8));
}

/**
 * Of two statuses the later counts, of two of one time the one that comes last; any counts more than none. The context is
 * the first that was shown: a task stays in it (A2A §3.4). So it makes no difference what is put together first.
 */
function seenAgain(known: KeptSight | undefined, seen: KeptSight): KeptSight {
  if (known === undefined) return seen;
  const isLater =
    seen.state !== undefined && (known.state === undefined || seen.statusAtMs >= known.statusAtMs);
  const contextId = known.contextId ?? seen.contextId;
  return { ...(isLater ? seen : known), ...(contextId !== undefined && { contextId }), isForgotten: false };
}

function sameSight(one: KeptSight | undefined, other: KeptSight | undefined): boolean {
  return (
    one?.contextId === other?.contextId &&
    one?.state === other?.state &&
    one?.statusAtMs === other?.statusAtMs &&
    one?.isForgotten === other?.isForgotten
  );
}
