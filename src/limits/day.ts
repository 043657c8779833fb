import type { Arithmetic, Asked, Taken } from './standing.ts';

/** Calls from midnight to midnight, UTC. */

/** What a caller has had. Plain JSON. */
export interface DayRecord {
  /** Of the latest two days: its number since the epoch, and how many calls. A process that is behind is still in the first. */
  days: readonly Day[];
}

type Day = readonly [day: number, calls: number];

const dayMs = 86_400_000;
/** What a process that crashes may lose of a quota, at most: this part of it. */
const keptPart = 1 / 1_000;

export const dayArithmetic: Arithmetic<DayRecord, number> = {
  take: takeOfDay,
  keptUntilMs: (nowMs) => (dayOf(nowMs) + 1) * dayMs,
  lastsMs: 2 * dayMs,
  maxKept: (perDay) => Math.floor(perDay * keptPart),
};

function takeOfDay(
  record: DayRecord | undefined,
  perDay: number,
  { nowMs, needed, kept }: Asked,
): Taken & { record?: DayRecord } {
  const today = dayOf(nowMs);
  // What is later than tomorrow was written by a clock that has been set back since.
  const days = (record?.days ?? []).map(([day, calls]): Day => [day > today + 1 ? today : day, calls]);
  const used = days.reduce((sum, [day, calls]) => (day === today ? sum + calls : sum), 0);
  const taken = Math.max(0, Math.min(needed + kept, perDay - used));
  const resetMs = (today + 1) * dayMs - nowMs;
  const others = days.filter(([day]) => day === today - 1 || day === today + 1);
  if (taken === 0) {
    const waitMs = perDay === 0 ? Infinity : resetMs;
    const isMended = record?.days.some(([day]) => day > today + 1) === true;
    const mended = { record: { days: [...others, [today, used]] } } as const;
    return { taken, remaining: 0, waitMs, resetMs, ...(isMended && mended) };
  }
  return {
    taken,
    remaining: perDay - used - taken,
    waitMs: 0,
    resetMs,
    record: { days: [...others, [today, used + taken]] },
  };
}

function dayOf(nowMs: number): number {
  return Math.floor(nowMs / dayMs);
}
