import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DayRecord, dayArithmetic } from './day.ts';

const dayMs = 86_400_000;
const midnightMs = Date.UTC(2026, 5, 1);

function admitted(perDay: number, times: readonly number[], kept = 0): number[] {
  let record: DayRecord | undefined;
  return times.flatMap((nowMs) => {
    const { taken, ...more } = dayArithmetic.take(record, perDay, { nowMs, needed: 1, kept });
    record = more.record ?? record;
    return Array<number>(taken).fill(nowMs);
  });
}

describe('calls in a day', () => {
  it('are never more than the quota on any day, by clocks that differ too', () => {
    const times = fc.array(
      fc.tuple(fc.integer({ min: 0, max: dayMs / 6 }), fc.integer({ min: 0, max: 60_000 })),
      { minLength: 1, maxLength: 100 },
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.nat(2), times, (perDay, kept, steps) => {
        let atMs = midnightMs - 50_000;
        const calls = steps.map(([step, skew]) => {
          atMs += step;
          return atMs - skew;
        });
        const counts = new Map<number, number>();
        for (const nowMs of admitted(perDay, calls, kept)) {
          const day = Math.floor(nowMs / dayMs);
          counts.set(day, (counts.get(day) ?? 0) + 1);
        }
        expect(Math.max(0, ...counts.values())).toBeLessThanOrEqual(perDay);
      }),
    );
  });

  it('begin anew at midnight, UTC, as the refused are told', () => {
    const noonMs = midnightMs + dayMs / 2;
    const { record } = dayArithmetic.take(undefined, 1, { nowMs: noonMs, needed: 1, kept: 0 });
    const refused = dayArithmetic.take(record, 1, { nowMs: noonMs, needed: 1, kept: 0 });
    expect(refused).toEqual({ taken: 0, remaining: 0, waitMs: dayMs / 2, resetMs: dayMs / 2 });
    const ask = (nowMs: number) => dayArithmetic.take(record, 1, { nowMs, needed: 1, kept: 0 }).taken;
    expect([ask(midnightMs + dayMs - 1), ask(midnightMs + dayMs)]).toEqual([0, 1]);
  });

  it('may be none at all', () => {
    const refused = dayArithmetic.take(undefined, 0, { nowMs: midnightMs, needed: 1, kept: 0 });
    expect([refused.taken, refused.waitMs]).toEqual([0, Number.POSITIVE_INFINITY]);
  });

  it('are fewer by what a clock that was set back had counted', () => {
    const later = midnightMs + 400 * dayMs;
    const [, ...back] = admitted(2, [later, midnightMs, midnightMs, midnightMs + dayMs]);
    expect(back).toEqual([midnightMs, midnightMs + dayMs]);
    const [, ...full] = admitted(1, [later, midnightMs, midnightMs + dayMs]);
    expect(full).toEqual([midnightMs + dayMs]);
  });

  it('are kept by a process to a thousandth of the quota', () => {
    expect([100, 999, 1_000, 1_000_000].map(dayArithmetic.maxKept)).toEqual([0, 0, 1, 1_000]);
  });
});
