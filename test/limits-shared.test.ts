import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type DayRecord, dayArithmetic } from '../src/limits/day.ts';
import { type MinuteLimit, type MinuteRecord, minuteArithmetic } from '../src/limits/minute.ts';
import { type OpenStreams, ProcessStreams, SharedStreams } from '../src/limits/open-streams.ts';
import { SharedBudget } from '../src/limits/shared-budget.ts';
import { MemoryCounters } from './support/memory-counters.ts';

/** What several processes on one store let through, in whatever order their calls and the store's answers come. */

const startMs = Date.UTC(2026, 5, 1, 23, 58);

interface Step {
  process: number;
  /** Calls that come at once. */
  calls: number;
  laterMs: number;
}

const step = fc.record({
  process: fc.nat(2),
  calls: fc.integer({ min: 1, max: 8 }),
  laterMs: fc.oneof(fc.integer({ min: 0, max: 900 }), fc.constantFrom(0, 5_000, 20_000, 60_000)),
});
const steps = fc.array(step, { minLength: 1, maxLength: 40 });

/** Times of what was let through. */
async function admitted(
  steps: readonly Step[],
  scheduler: fc.Scheduler,
  budgets: (
    clock: { nowMs(): number },
    counters: MemoryCounters,
  ) => { take(): { taken: number } | Promise<{ taken: number }> }[],
): Promise<number[]> {
  let nowMs = startMs;
  const counters = new MemoryCounters(() => scheduler.schedule(Promise.resolve()));
  const processes = budgets({ nowMs: () => nowMs }, counters);
  const times: number[] = [];
  const under: Promise<void>[] = [];
  for (const { process, calls, laterMs } of steps) {
    nowMs += laterMs;
    for (let n = 0; n < calls; n++) {
      const counted = async () => {
        // Counted by the store when it is asked, which is when its first answer is waited for, or before.
        const answer = await processes[process]?.take();
        if (answer?.taken === 1) times.push(nowMs);
      };
      under.push(counted());
    }
    // The clock goes on when nothing is under way, so that a call is let through at the time it is counted.
    await scheduler.waitFor(Promise.all(under));
  }
  return times;
}

function mostWithin(times: readonly number[], lengthMs: number): number {
  return Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at < from + lengthMs).length));
}

describe('a minute of three processes', () => {
  it('is never more than the limit, however they meet', async () => {
    const limits = fc
      .oneof(fc.integer({ min: 1, max: 30 }), fc.constant(4_000))
      .chain((perMinute) =>
        fc.record({ perMinute: fc.constant(perMinute), burst: fc.integer({ min: 1, max: perMinute }) }),
      );
    await fc.assert(
      fc.asyncProperty(limits, steps, fc.scheduler(), async (limit, steps, scheduler) => {
        const times = await admitted(steps, scheduler, (clock, counters) =>
          [0, 1, 2].map(() => {
            const budget = new SharedBudget<MinuteRecord, MinuteLimit>('minute', minuteArithmetic, {
              clock,
              counters,
            });
            return { take: () => budget.take('alice', limit) };
          }),
        );
        expect(mostWithin(times, 60_000)).toBeLessThanOrEqual(limit.perMinute);
        expect(mostWithin(times, 1)).toBeLessThanOrEqual(limit.burst);
      }),
      { numRuns: 60 },
    );
  });

  it('is counted in one, whatever the limit each of a caller’s tokens brings', async () => {
    const clock = { nowMs: () => startMs };
    const counters = new MemoryCounters();
    const budget = new SharedBudget<MinuteRecord, MinuteLimit>('minute', minuteArithmetic, {
      clock,
      counters,
    });
    const generous = { perMinute: 5, burst: 5 };
    for (let n = 0; n < 3; n++) await budget.take('alice', generous);
    expect(await budget.take('alice', { perMinute: 3, burst: 3 })).toMatchObject({ taken: 0 });
    expect(await budget.take('alice', generous)).toMatchObject({ taken: 1 });
    expect(await budget.take('bob', { perMinute: 3, burst: 3 })).toMatchObject({ taken: 1 });
  });

  it('asks the store the less the more there is to have, and leaves little of it unused', async () => {
    const clock = { nowMs: () => startMs };
    const counters = new MemoryCounters();
    const limit = { perMinute: 60_000, burst: 60_000 };
    const processes = [0, 1].map(
      () => new SharedBudget<MinuteRecord, MinuteLimit>('minute', minuteArithmetic, { clock, counters }),
    );
    let had = 0;
    for (let n = 0; n < 62_000; n++) had += (await processes[n % 2]?.take('alice', limit))?.taken ?? 0;
    expect(had).toBeLessThanOrEqual(60_000);
    expect(had).toBeGreaterThan(59_700);
    expect(counters.updates).toBeLessThan(1_000);
  });

  it('refuses without the store who was refused, until there can be more', async () => {
    let nowMs = startMs;
    const counters = new MemoryCounters();
    const budget = new SharedBudget<MinuteRecord, MinuteLimit>('minute', minuteArithmetic, {
      clock: { nowMs: () => nowMs },
      counters,
    });
    const limit = { perMinute: 1, burst: 1 };
    await budget.take('alice', limit);
    expect(await budget.take('alice', limit)).toMatchObject({ taken: 0, waitMs: 60_000 });
    const asked = counters.updates;
    nowMs += 59_999;
    expect(await budget.take('alice', limit)).toMatchObject({ taken: 0, waitMs: 1 });
    expect(counters.updates).toBe(asked);
    nowMs += 1;
    expect(await budget.take('alice', limit)).toMatchObject({ taken: 1 });
  });

  it('refuses nobody for longer than a minute where the clock is set back', async () => {
    let nowMs = startMs;
    const budget = new SharedBudget<MinuteRecord, MinuteLimit>('minute', minuteArithmetic, {
      clock: { nowMs: () => nowMs },
      counters: new MemoryCounters(),
    });
    const limit = { perMinute: 1, burst: 1 };
    for (let n = 0; n < 2; n++) await budget.take('alice', limit);
    nowMs -= 3_600_000;
    expect(await budget.take('alice', limit)).toMatchObject({ taken: 0, waitMs: 60_000 });
    nowMs += 60_000;
    expect(await budget.take('alice', limit)).toMatchObject({ taken: 1 });
  });

  it('fails every call that waits for a store that fails, and asks it again', async () => {
    let fails = true;
    const counters = new MemoryCounters(async () => {
      if (fails) throw new Error('down');
    });
    const budget = new SharedBudget<MinuteRecord, MinuteLimit>('minute', minuteArithmetic, {
      clock: { nowMs: () => startMs },
      counters,
    });
    const take = async () => budget.take('alice', { perMinute: 2, burst: 2 });
    const answers = await Promise.allSettled([take(), take()]);
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    fails = false;
    expect(await Promise.all([take(), take(), take()])).toMatchObject([
      { taken: 1 },
      { taken: 1 },
      { taken: 0 },
    ]);
  });
});

describe('a day of three processes', () => {
  it('is never more than the quota, also by what each has ahead, and what is given back is had again', async () => {
    const quotas = fc.oneof(fc.integer({ min: 1, max: 30 }), fc.constant(3_000));
    await fc.assert(
      fc.asyncProperty(quotas, steps, fc.scheduler(), fc.nat(4), async (perDay, steps, scheduler, gives) => {
        let calls = 0;
        const times = await admitted(steps, scheduler, (clock, counters) =>
          [0, 1, 2].map(() => {
            const budget = new SharedBudget<DayRecord, number>('day', dayArithmetic, { clock, counters });
            return {
              async take() {
                const askedAtMs = clock.nowMs();
                const taken = await budget.take('alice', perDay);
                if (taken.taken === 0 || calls++ % 5 >= gives) return taken;
                budget.giveBack('alice', perDay, askedAtMs);
                return { taken: 0 };
              },
            };
          }),
        );
        const dayOf = (at: number) => Math.floor(at / 86_400_000);
        const mostOfDay = times.map((one) => times.filter((other) => dayOf(one) === dayOf(other)).length);
        expect(Math.max(0, ...mostOfDay)).toBeLessThanOrEqual(perDay);
      }),
      { numRuns: 60 },
    );
  });

  it('is not remembered by a process of a caller who has not called for two hours', async () => {
    let nowMs = Date.UTC(2026, 5, 1);
    const counters = new MemoryCounters();
    const budget = new SharedBudget<DayRecord, number>('day', dayArithmetic, {
      clock: { nowMs: () => nowMs },
      counters,
    });
    const askedBy = async (caller: string) => {
      const before = counters.updates;
      await budget.take(caller, 1);
      return counters.updates - before;
    };
    expect([await askedBy('alice'), await askedBy('alice'), await askedBy('alice')]).toEqual([1, 1, 0]);
    nowMs += 2 * 3_600_000;
    expect([await askedBy('bob'), await askedBy('alice'), await askedBy('alice')]).toEqual([1, 1, 0]);
  });

  it('goes on after a restart with what is left, but for a thousandth', async () => {
    const clock = { nowMs: () => startMs };
    const counters = new MemoryCounters();
    let had = 0;
    for (let n = 0; n < 20; n++) {
      const process = new SharedBudget<DayRecord, number>('day', dayArithmetic, { clock, counters });
      for (let call = 0; call < 700; call++) had += (await process.take('alice', 10_000)).taken;
    }
    expect(had).toBeLessThanOrEqual(10_000);
    expect(had).toBeGreaterThanOrEqual(10_000 - 20 * 10);
    expect(counters.updates).toBeLessThan(5_000);
  });
});

describe.each(['process', 'store'])('open streams counted by the %s', (whose) => {
  const clock = { nowMs: () => startMs };
  function counting(counters = new MemoryCounters(), processId = 'p'): OpenStreams {
    return whose === 'process' ? new ProcessStreams() : new SharedStreams({ counters, clock, processId });
  }

  it('are never more than there may be, and free when they are over, once', async () => {
    const streams = counting();
    const opened = await Promise.all(Array.from({ length: 10 }, () => streams.open('alice', 3)));
    const open = opened.filter((close) => close !== undefined);
    expect(open).toHaveLength(3);
    const bobs = await streams.open('bob', 3);
    expect(bobs).toBeDefined();
    open[0]?.();
    open[0]?.();
    const more = await Promise.all([streams.open('alice', 3), streams.open('alice', 3)]);
    expect(more.filter((close) => close !== undefined)).toHaveLength(1);
    expect(await streams.open('alice', 0)).toBeUndefined();
    // Who has some open tells the store of them again and again.
    for (const close of [bobs, ...opened, ...more]) close?.();
  });
});

describe('open streams of several processes', () => {
  afterEach(() => void vi.useRealTimers());

  it('are never more than there may be, however they meet', async () => {
    const act = fc.record({ process: fc.nat(2), opens: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(
        fc.array(act, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 4 }),
        fc.scheduler(),
        async (acts, max, scheduler) => {
          const counters = new MemoryCounters(() => scheduler.schedule(Promise.resolve()));
          const clock = { nowMs: () => startMs };
          const processes = ['a', 'b', 'c'].map(
            (processId) => new SharedStreams({ counters, clock, processId }),
          );
          const open: (() => void)[] = [];
          let most = 0;
          const under = acts.map(async ({ process, opens }) => {
            if (!opens) return open.shift()?.();
            const close = await processes[process]?.open('alice', max);
            if (close === undefined) return;
            open.push(close);
            most = Math.max(most, open.length);
          });
          await scheduler.waitFor(Promise.all(under));
          expect(most).toBeLessThanOrEqual(max);
          for (const close of open) close();
          await scheduler.waitIdle();
          expect([...counters.records.values()]).toEqual(counters.records.size === 0 ? [] : ['{}']);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('of one that is gone are free after a minute; of one that is there they stay', async () => {
    vi.useFakeTimers({ now: startMs });
    const clock = { nowMs: () => Date.now() };
    const counters = new MemoryCounters();
    const alive = new SharedStreams({ counters, clock, processId: 'alive' });
    const close = await alive.open('alice', 2);
    const fails = { update: () => Promise.reject(new Error('down')) };
    let store: typeof counters | typeof fails = counters;
    const update: typeof counters.update = (...given) => store.update(...given);
    const crashed = new SharedStreams({ counters: { update }, clock, processId: 'crashed' });
    await crashed.open('alice', 2);
    store = fails;
    expect(await alive.open('alice', 2)).toBeUndefined();
    await vi.advanceTimersByTimeAsync(61_000);
    const free = await alive.open('alice', 2);
    expect(free).toBeDefined();
    expect(await alive.open('alice', 2)).toBeUndefined();
    close?.();
    free?.();
    await vi.advanceTimersByTimeAsync(0);
    expect(JSON.parse([...counters.records.values()][0] ?? '')).not.toHaveProperty('alive');
  });

  it('are refused without the store where one process has them all', async () => {
    const counters = new MemoryCounters();
    const clock = { nowMs: () => startMs };
    const streams = new SharedStreams({ counters, clock, processId: 'p' });
    const close = await streams.open('alice', 1);
    const asked = counters.updates;
    for (let n = 0; n < 5; n++) expect(await streams.open('alice', 1)).toBeUndefined();
    expect(counters.updates).toBe(asked);
    close?.();
    const again = await streams.open('alice', 1);
    expect(again).toBeDefined();
    again?.();
  });

  it('leave no timer behind', async () => {
    vi.useFakeTimers({ now: startMs });
    const counters = new MemoryCounters();
    const streams = new SharedStreams({ counters, clock: { nowMs: () => Date.now() }, processId: 'p' });
    const close = await streams.open('alice', 1);
    expect(vi.getTimerCount()).toBe(1);
    close?.();
    await vi.advanceTimersByTimeAsync(0);
    expect(vi.getTimerCount()).toBe(0);
    expect(await streams.open('alice', 0)).toBeUndefined();
    await vi.advanceTimersByTimeAsync(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('of which a release was not told are told of with the next renewal', async () => {
    vi.useFakeTimers({ now: startMs });
    const counters = new MemoryCounters();
    let isDown = false;
    const update: typeof counters.update = (...given) =>
      isDown ? Promise.reject(new Error('down')) : counters.update(...given);
    const clock = { nowMs: () => Date.now() };
    const streams = new SharedStreams({ counters: { update }, clock, processId: 'p' });
    const [one] = [await streams.open('alice', 2), await streams.open('alice', 2)];
    isDown = true;
    one?.();
    await vi.advanceTimersByTimeAsync(0);
    isDown = false;
    const other = new SharedStreams({ counters, clock, processId: 'q' });
    expect(await other.open('alice', 2)).toBeUndefined();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(await other.open('alice', 2)).toBeDefined();
  });
});

it('forgets callers that have not come for a while, and those alone', async () => {
  const { Recent } = await import('../src/limits/recent.ts');
  const recent = new Recent<{ n: number }>(1_000);
  const first = recent.of('a', 0, () => ({ n: 1 }));
  expect(recent.of('a', 900, () => ({ n: 2 }))).toBe(first);
  for (let n = 0; n < 10; n++) recent.of(`b${n}`, 1_000, () => ({ n }));
  expect(recent.size).toBe(11);
  expect(recent.of('a', 1_500, () => ({ n: 3 }))).toBe(first);
  for (let n = 0; n < 10; n++) recent.of(`c${n}`, 2_600, () => ({ n }));
  expect(recent.size).toBe(11);
  expect(recent.of('a', 2_600, () => ({ n: 4 }))).toBe(first);
});
