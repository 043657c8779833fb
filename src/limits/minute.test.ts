import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MinuteLimit, type MinuteRecord, minuteArithmetic } from './minute.ts';

const minuteMs = 60_000;
const startMs = 1_700_000_003_000;

const { take } = minuteArithmetic;

/** Calls one by one; answers when those came that were let through. */
function admitted(limit: MinuteLimit, times: readonly number[]): number[] {
  let record: MinuteRecord | undefined;
  return times.filter((nowMs) => {
    const { taken, ...more } = take(record, limit, { nowMs, needed: 1, kept: 0 });
    record = more.record ?? record;
    return taken === 1;
  });
}

function mostWithin(times: readonly number[], lengthMs: number): number {
  const sorted = times.toSorted((one, other) => one - other);
  return Math.max(0, ...sorted.map((from, n) => sorted.slice(n).filter((at) => at < from + lengthMs).length));
}

const limits = fc
  .record({
    perMinute: fc.integer({ min: 1, max: 40 }),
    burst: fc.integer({ min: 1, max: 40 }),
  })
  .map(({ perMinute, burst }) => ({ perMinute, burst: Math.min(perMinute, burst) }));

/** Forwards by leaps of any size, and a little back, as clocks of several processes are. */
const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 0, max: 300 }) },
    { weight: 3, arbitrary: fc.integer({ min: 0, max: 6_000 }) },
    { weight: 1, arbitrary: fc.constantFrom(4_999, 5_000, 59_999, 60_000, 60_001, 65_000, 3_600_000) },
  ),
  { minLength: 1, maxLength: 200 },
);

function timesOf(steps: readonly number[]): number[] {
  let atMs = startMs;
  return steps.map((step) => {
    atMs += step;
    return atMs;
  });
}

describe('calls in a minute', () => {
  it('are never more than the limit in any 60 seconds', () => {
    fc.assert(
      fc.property(limits, steps, (limit, steps) => {
        const times = admitted(limit, timesOf(steps));
        expect(mostWithin(times, minuteMs)).toBeLessThanOrEqual(limit.perMinute);
      }),
    );
  });

  it('are never more by clocks that differ by up to ten seconds', () => {
    const skews = fc.array(fc.integer({ min: 0, max: 10_000 }), { minLength: 200, maxLength: 200 });
    fc.assert(
      fc.property(limits, steps, skews, (limit, steps, skews) => {
        const times = timesOf(steps).map((atMs, n) => atMs - (skews[n] ?? 0));
        expect(mostWithin(admitted(limit, times), minuteMs)).toBeLessThanOrEqual(limit.perMinute);
      }),
    );
  });

  it('come at once no more than the burst, and then evenly', () => {
    fc.assert(
      fc.property(limits, steps, fc.integer({ min: 1, max: 20_000 }), (limit, steps, lengthMs) => {
        fc.pre(limit.burst < limit.perMinute);
        const times = admitted(limit, timesOf(steps));
        const evenly = Math.ceil((lengthMs * limit.perMinute) / minuteMs);
        expect(mostWithin(times, lengthMs)).toBeLessThanOrEqual(limit.burst + evenly);
        expect(mostWithin(times, 1)).toBeLessThanOrEqual(limit.burst);
      }),
    );
  });

  it('that were refused are let through after the time they were told, and not before it without reason', () => {
    fc.assert(
      fc.property(limits, steps, (limit, steps) => {
        let record: MinuteRecord | undefined;
        for (const nowMs of timesOf(steps)) {
          const answer = take(record, limit, { nowMs, needed: 1, kept: 0 });
          record = answer.record ?? record;
          if (answer.taken === 1) continue;
          expect(answer.record).toBeUndefined();
          expect(answer.waitMs).toBeGreaterThan(0);
          expect(answer.waitMs).toBeLessThanOrEqual(minuteMs + 5_000);
          const later = { nowMs: nowMs + answer.waitMs, needed: 1, kept: 0 };
          expect(take(record, limit, later).taken).toBe(1);
          const early = { nowMs: nowMs + answer.waitMs - 1, needed: 1, kept: 0 };
          expect(take(record, limit, early).taken).toBe(0);
        }
      }),
    );
  });

  it('say when there is more to be had than now, and not before', () => {
    fc.assert(
      fc.property(limits, steps, (limit, steps) => {
        let record: MinuteRecord | undefined;
        const mostAt = (nowMs: number) => take(record, limit, { nowMs, needed: 1_000, kept: 0 }).taken;
        for (const nowMs of timesOf(steps)) {
          const { remaining, resetMs, ...answer } = take(record, limit, { nowMs, needed: 1, kept: 0 });
          record = answer.record ?? record;
          expect(mostAt(nowMs)).toBe(remaining);
          expect(mostAt(nowMs + resetMs)).toBeGreaterThan(remaining);
          expect(mostAt(Math.max(nowMs, nowMs + resetMs - 1))).toBe(remaining);
        }
      }),
    );
  });

  it('cost nothing when they are refused: others are let through as if those had never come', () => {
    const limit = { perMinute: 5, burst: 5 };
    const hammering = Array.from({ length: 600 }, (_, n) => startMs + n * 200);
    const steady = admitted(limit, hammering);
    expect(admitted(limit, steady)).toEqual(steady);
    expect(steady.length).toBeGreaterThanOrEqual(9);
  });

  it('have no edge at which the allowance comes twice', () => {
    const limit = { perMinute: 10, burst: 10 };
    const edgeMs = Math.ceil(startMs / minuteMs) * minuteMs;
    const times = [
      ...Array(10).fill(edgeMs - 1),
      ...Array(10).fill(edgeMs),
      ...Array(10).fill(edgeMs + 59_998),
    ];
    expect(admitted(limit, times)).toHaveLength(10);
    expect(admitted(limit, [...times, edgeMs + minuteMs - 1])).toHaveLength(11);
  });

  it('that come evenly at the limit are let through but for a thirteenth', () => {
    const limit = { perMinute: 60, burst: 60 };
    const evenly = Array.from({ length: 1_200 }, (_, n) => startMs + n * 1_000);
    expect(admitted(limit, evenly).length).toBeGreaterThanOrEqual((1_200 * 12) / 13 - 1);
  });

  it('may be none at all', () => {
    for (const limit of [
      { perMinute: 0, burst: 0 },
      { perMinute: 5, burst: 0 },
    ]) {
      const answer = take(undefined, limit, { nowMs: startMs, needed: 1, kept: 0 });
      expect([answer.taken, answer.waitMs, answer.record]).toEqual([0, Number.POSITIVE_INFINITY, undefined]);
    }
  });

  it('are forgotten by a clock that was set back, but for those of its last minute', () => {
    const limit = { perMinute: 3, burst: 3 };
    const days = 30 * 86_400_000;
    const back = startMs - days;
    const answer = admitted(limit, [startMs, startMs, startMs, back, back + 30_000, back + minuteMs + 1]);
    expect(answer).toEqual([startMs, startMs, startMs, back + minuteMs + 1]);
  });
});

describe('what is kept of a minute', () => {
  it('is counted whenever it is used until its slice is over', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 40 }), steps, (perMinute, steps) => {
        const limit = { perMinute, burst: perMinute };
        let record: MinuteRecord | undefined;
        const used: number[] = [];
        for (const nowMs of timesOf(steps)) {
          const { taken, ...more } = take(record, limit, { nowMs, needed: 1, kept: 3 });
          record = more.record ?? record;
          const lastMs = minuteArithmetic.keptUntilMs(nowMs) - 1;
          for (let n = 0; n < taken; n++) used.push(n === 0 ? nowMs : lastMs);
        }
        expect(mostWithin(used, minuteMs)).toBeLessThanOrEqual(perMinute);
      }),
    );
  });

  it('is nothing where a burst is less than the minute: it would come with the next one', () => {
    expect(minuteArithmetic.maxKept({ perMinute: 100_000, burst: 99_999 })).toBe(0);
    expect(minuteArithmetic.maxKept({ perMinute: 100_000, burst: 100_000 })).toBe(166);
    expect(minuteArithmetic.maxKept({ perMinute: 100, burst: 100 })).toBe(0);
  });

  it('fits in a small record', () => {
    let record: MinuteRecord | undefined;
    const limit = { perMinute: 1_000_000, burst: 999_999 };
    for (let n = 0; n < 1_000; n++) {
      const nowMs = startMs + n * 700 - (n % 3) * 5_000;
      record = take(record, limit, { nowMs, needed: 50, kept: 0 }).record ?? record;
    }
    expect(record?.slices.length).toBeLessThanOrEqual(20);
    expect(JSON.stringify(record).length).toBeLessThan(1_000);
  });
});
