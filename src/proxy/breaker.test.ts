import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Breaker, type BreakerSettings, type CallOutcome } from './breaker.ts';

const settings: BreakerSettings = {
  consecutiveFailures: 5,
  failureRatio: 0.5,
  minimumCalls: 20,
  windowMs: 30_000,
  openMs: 5_000,
  maxOpenMs: 60_000,
};

/** Without jitter, from time 0. */
function breakerWith(members: Partial<BreakerSettings> = {}): Breaker {
  return new Breaker({ ...settings, ...members }, () => 0, 0);
}

function calls(breaker: Breaker, nowMs: number, ...outcomes: CallOutcome[]): void {
  for (const outcome of outcomes) breaker.report(breaker.enter(nowMs), outcome, nowMs);
}

const failures = (count: number): CallOutcome[] => Array<CallOutcome>(count).fill('failure');

function opened(): Breaker {
  const breaker = breakerWith();
  calls(breaker, 0, ...failures(5));
  return breaker;
}

describe('a closed breaker', () => {
  it('opens after so many failures in a row', () => {
    const breaker = breakerWith();
    calls(breaker, 0, ...failures(4), 'success', ...failures(4));
    expect(breaker.state).toBe('closed');
    calls(breaker, 7, 'failure');
    expect([breaker.state, breaker.sinceMs, breaker.waitMs(7)]).toEqual(['open', 7, 5_000]);
  });

  it('counts no call that told nothing, neither for nor against', () => {
    const breaker = breakerWith();
    calls(breaker, 0, ...failures(4), 'neither', 'failure');
    expect(breaker.state).toBe('open');
  });

  it('opens where half of enough calls fail', () => {
    const breaker = breakerWith();
    for (let pair = 0; pair < 9; pair++) calls(breaker, 0, 'success', 'failure');
    calls(breaker, 0, 'success');
    expect(breaker.state).toBe('closed');
    calls(breaker, 0, 'failure');
    expect(breaker.state).toBe('open');
  });

  it('forgets what is older than a window', () => {
    const breaker = breakerWith();
    for (let pair = 0; pair < 9; pair++) calls(breaker, 0, 'success', 'failure');
    calls(breaker, 30_000, 'success', 'failure');
    expect(breaker.state).toBe('closed');
  });

  it('remembers the half window before', () => {
    const breaker = breakerWith();
    for (let pair = 0; pair < 9; pair++) calls(breaker, 14_999, 'success', 'failure');
    calls(breaker, 15_000, 'success', 'failure');
    expect(breaker.state).toBe('open');
  });
});

describe('an open breaker', () => {
  it('lets nothing through before its time, and then one call at a time', () => {
    const breaker = opened();
    expect([breaker.admits(4_999), breaker.admits(5_000)]).toEqual([false, true]);
    breaker.enter(5_000);
    expect([breaker.state, breaker.admits(5_000), breaker.waitMs(5_000)]).toEqual([
      'half_open',
      false,
      5_000,
    ]);
  });

  it('closes with the success of that one, and begins anew', () => {
    const breaker = opened();
    calls(breaker, 5_000, 'success');
    expect([breaker.state, breaker.sinceMs]).toEqual(['closed', 5_000]);
    calls(breaker, 5_000, ...failures(4));
    expect(breaker.state).toBe('closed');
    calls(breaker, 5_000, 'failure');
    expect(breaker.waitMs(5_000)).toBe(5_000);
  });

  it('stays open twice as long with each failure of one, up to a limit', () => {
    const breaker = opened();
    const waits: number[] = [];
    for (let nowMs = 5_000; waits.length < 6; nowMs += breaker.waitMs(nowMs)) {
      calls(breaker, nowMs, 'failure');
      waits.push(breaker.waitMs(nowMs));
    }
    expect(waits).toEqual([10_000, 20_000, 40_000, 60_000, 60_000, 60_000]);
  });

  it('found to be up lets one call try at once, and is closed by that one only', () => {
    const breaker = opened();
    breaker.tryNow(1);
    expect([breaker.state, breaker.waitMs(1)]).toEqual(['open', 0]);
    const trial = breaker.enter(1);
    breaker.tryNow(2);
    expect([breaker.state, breaker.admits(2)]).toEqual(['half_open', false]);
    breaker.report(trial, 'failure', 3);
    expect([breaker.state, breaker.waitMs(3)]).toEqual(['open', 10_000]);
  });

  it('lets the next try where one ended without telling', () => {
    const breaker = opened();
    calls(breaker, 5_000, 'neither');
    expect([breaker.state, breaker.admits(5_000)]).toEqual(['half_open', true]);
  });

  it('lets the next try where one hangs, whose end then says nothing', () => {
    const breaker = opened();
    const hanging = breaker.enter(5_000);
    expect([breaker.admits(64_999), breaker.admits(65_000)]).toEqual([false, true]);
    const next = breaker.enter(65_000);
    breaker.report(hanging, 'failure', 65_001);
    expect(breaker.state).toBe('half_open');
    breaker.report(next, 'success', 65_002);
    expect(breaker.state).toBe('closed');
  });

  it('does not listen to calls that began before it opened', () => {
    const breaker = breakerWith();
    const [early, late] = [breaker.enter(0), breaker.enter(0)];
    calls(breaker, 0, ...failures(5));
    breaker.report(early, 'success', 1);
    expect(breaker.state).toBe('open');
    calls(breaker, 5_000, 'success');
    breaker.report(late, 'failure', 5_001);
    calls(breaker, 5_001, ...failures(4));
    expect(breaker.state).toBe('closed');
  });
});

describe('whatever happens', () => {
  const step = fc.record({
    passMs: fc.integer({ min: 0, max: 20_000 }),
    outcome: fc.constantFrom<CallOutcome>('success', 'failure', 'neither'),
    isEarlier: fc.boolean(),
    isFoundUp: fc.boolean(),
  });

  it('at most one call is out to try at any time, and no opening lasts longer than the longest', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 200 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (steps, random) => {
          const breaker = new Breaker({ ...settings, consecutiveFailures: 2 }, () => random, 0);
          const out: { pass: number; isTrial: boolean; atMs: number }[] = [];
          let nowMs = 0;
          for (const { passMs, outcome, isEarlier, isFoundUp } of steps) {
            nowMs += passMs;
            if (isFoundUp) breaker.tryNow(nowMs);
            expect(breaker.waitMs(nowMs)).toBeLessThanOrEqual(settings.maxOpenMs);
            if (breaker.admits(nowMs)) {
              const isTrial = breaker.state !== 'closed';
              out.push({ pass: breaker.enter(nowMs), isTrial, atMs: nowMs });
            }
            const trials = out.filter(({ isTrial, atMs }) => isTrial && nowMs < atMs + settings.maxOpenMs);
            expect(trials.length).toBeLessThanOrEqual(1);
            const ended = isEarlier ? out.shift() : undefined;
            if (ended !== undefined) breaker.report(ended.pass, outcome, nowMs);
          }
        },
      ),
    );
  });

  it('an opening is at most a fifth shorter than its length', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (random) => {
        const breaker = new Breaker(settings, () => random, 0);
        calls(breaker, 0, ...failures(5));
        expect(breaker.waitMs(0)).toBeGreaterThanOrEqual(4_000);
        expect(breaker.waitMs(0)).toBeLessThanOrEqual(5_000);
      }),
    );
  });
});
