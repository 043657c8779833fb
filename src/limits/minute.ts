import type { Arithmetic, Asked, Taken } from './standing.ts';

/** Calls in any 60 seconds, however they fall: there is no edge at which an allowance comes twice. */

export interface MinuteLimit {
  perMinute: number;
  /** So many at once; the others come evenly. At most `perMinute`, which means all at once. */
  burst: number;
}

/** What a caller has had. Plain JSON, at most some twenty slices. */
export interface MinuteRecord {
  /** By slices of five seconds: its number, how many calls, and when the last of them came. */
  slices: readonly Slice[];
  /** When the calls so far would be over if they came evenly, see {@link evenRoom}. Absent: they may come at once. */
  evenMs?: number;
}

type Slice = readonly [slice: number, calls: number, lastMs: number];

const minuteMs = 60_000;
const sliceMs = 5_000;
/**
 * By how much clocks of processes may differ. So much longer a slice stays in the record for who is behind; what is later
 * than this has been written by a clock that was set back since, and counts as of now.
 */
const maxSkewMs = 10_000;
/** Writes of one caller to a shared store that are worth their price, in a minute. */
const writesPerMinute = 600;

/**
 * A slice counts until the last of its calls is a minute old, so that its first may count for five seconds more: a steady
 * caller has up to a thirteenth fewer than the limit, and nobody ever more.
 */
export const minuteArithmetic: Arithmetic<MinuteRecord, MinuteLimit> = {
  take: takeOfMinute,
  keptUntilMs: (nowMs) => (sliceOf(nowMs) + 1) * sliceMs,
  lastsMs: sliceMs + minuteMs + maxSkewMs,
  // What is kept is used later than it was asked for, so that more might come at once than a burst has.
  maxKept: ({ perMinute, burst }) => (burst < perMinute ? 0 : Math.floor(perMinute / writesPerMinute)),
};

function takeOfMinute(
  record: MinuteRecord | undefined,
  { perMinute, burst }: MinuteLimit,
  { nowMs, needed, kept }: Asked,
): Taken & { record?: MinuteRecord } {
  const { slices, isMended } = seenAt(nowMs, record?.slices ?? []);
  const room = perMinute - callsOf(slices, nowMs);
  const even = burst < perMinute ? evenRoom(record?.evenMs, { perMinute, burst }, nowMs) : undefined;
  const open = Math.max(0, Math.min(room, even?.room ?? room));
  const taken = Math.min(needed + kept, open);
  if (taken === 0) {
    const waitMs =
      burst === 0 ? Infinity : Math.max(waitForRoom(slices, perMinute, nowMs), even?.waitMs ?? 0);
    const resetMs = waitMs === Infinity ? 0 : waitMs;
    return { taken, remaining: 0, waitMs, resetMs, ...(isMended && { record: { ...record, slices } }) };
  }
  const lastMs = taken > needed ? minuteArithmetic.keptUntilMs(nowMs) - 1 : nowMs;
  const after = withCalls(slices, [sliceOf(nowMs), taken, lastMs], nowMs);
  return {
    taken,
    remaining: open - taken,
    waitMs: 0,
    // What has more room than the other has it now as well.
    resetMs: Math.max(room <= open ? untilOneEnds(after, nowMs) : 0, even?.room === open ? even.waitMs : 0),
    record: {
      slices: after,
      ...(even !== undefined && { evenMs: even.fromMs + taken * even.intervalMs }),
    },
  };
}

/** What was written by a clock that has been set back since counts as of now. */
function seenAt(nowMs: number, slices: readonly Slice[]): { slices: readonly Slice[]; isMended: boolean } {
  const latestMs = nowMs + sliceMs + maxSkewMs;
  if (slices.every(([, , lastMs]) => lastMs <= latestMs)) return { slices, isMended: false };
  const mended = slices.map(
    (slice): Slice => (slice[2] > latestMs ? [sliceOf(nowMs), slice[1], nowMs] : slice),
  );
  return { slices: mended, isMended: true };
}

function isCounted([, , lastMs]: Slice, nowMs: number): boolean {
  return lastMs > nowMs - minuteMs;
}

function callsOf(slices: readonly Slice[], nowMs: number): number {
  let calls = 0;
  for (const slice of slices) if (isCounted(slice, nowMs)) calls += slice[1];
  return calls;
}

/** Until the first of the slices is over. */
function untilOneEnds(slices: readonly Slice[], nowMs: number): number {
  let oldestMs = Infinity;
  for (const slice of slices) if (isCounted(slice, nowMs)) oldestMs = Math.min(oldestMs, slice[2]);
  return oldestMs + minuteMs - nowMs;
}

function sliceOf(nowMs: number): number {
  return Math.floor(nowMs / sliceMs);
}

/** Without what is over for everybody. */
function withCalls(slices: readonly Slice[], [number, taken, takenMs]: Slice, nowMs: number): Slice[] {
  const kept: Slice[] = [];
  let [calls, lastMs] = [taken, takenMs];
  for (const slice of slices) {
    if (slice[0] === number) {
      calls += slice[1];
      lastMs = Math.max(lastMs, slice[2]);
    } else if (slice[2] > nowMs - minuteMs - maxSkewMs) kept.push(slice);
  }
  kept.push([number, calls, lastMs]);
  return kept;
}

/** Until so many slices are over that one more call has room. */
function waitForRoom(slices: readonly Slice[], perMinute: number, nowMs: number): number {
  if (perMinute === 0) return Infinity;
  const counted = slices.filter((slice) => isCounted(slice, nowMs));
  let calls = counted.reduce((sum, [, calls]) => sum + calls, 0);
  let waitMs = 0;
  for (const [, ended, lastMs] of counted.toSorted(([, , one], [, , other]) => one - other)) {
    if (calls < perMinute) break;
    calls -= ended;
    waitMs = lastMs + minuteMs - nowMs;
  }
  return waitMs;
}

interface EvenRoom {
  room: number;
  /** Until one more may come than that. */
  waitMs: number;
  fromMs: number;
  intervalMs: number;
}

/**
 * How many calls may come at once so that in any time there are no more than the burst and what that time evenly has: the
 * generic cell rate algorithm (ITU-T I.371).
 */
function evenRoom(evenMs: number | undefined, { perMinute, burst }: MinuteLimit, nowMs: number): EvenRoom {
  const intervalMs = minuteMs / perMinute;
  const burstMs = burst * intervalMs;
  const latestMs = nowMs + burstMs + maxSkewMs;
  const fromMs = Math.min(Math.max(evenMs ?? nowMs, nowMs), latestMs);
  // A sum of fractions may miss a whole number by a hair.
  const room = Math.floor((nowMs + burstMs - fromMs) / intervalMs + 1e-6);
  const waitMs = fromMs + (Math.max(0, room) + 1) * intervalMs - burstMs - nowMs;
  return { room, waitMs, fromMs, intervalMs };
}
