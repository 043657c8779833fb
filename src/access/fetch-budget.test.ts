import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createFetchBudget, fetchEveryMs, maxFetches } from './fetch-budget.ts';

it('is spent at once, and comes back one by one', () => {
  let nowMs = 1_000;
  const budget = createFetchBudget({ nowMs: () => nowMs });
  for (let left = maxFetches; left > 0; left--) {
    expect(budget.left()).toBe(left);
    budget.take();
  }
  expect(budget.left()).toBe(0);
  nowMs += fetchEveryMs - 1;
  expect(budget.left()).toBe(0);
  nowMs += 1;
  expect(budget.left()).toBe(1);
  nowMs += 100 * fetchEveryMs;
  expect(budget.left()).toBe(maxFetches);
});

it('allows no more in any time than it says, whenever it is asked', () => {
  const steps = fc.array(fc.nat(2 * fetchEveryMs), { maxLength: 60 });
  const law = fc.property(steps, (waits) => {
    let nowMs = 0;
    const budget = createFetchBudget({ nowMs: () => nowMs });
    let taken = 0;
    for (const waitMs of waits) {
      nowMs += waitMs;
      if (budget.left() === 0) continue;
      budget.take();
      taken++;
      expect(taken).toBeLessThanOrEqual(maxFetches + Math.floor(nowMs / fetchEveryMs));
    }
  });
  fc.assert(law);
});

it('comes back after the clock was set back, too', () => {
  let nowMs = 1_000 * fetchEveryMs;
  const budget = createFetchBudget({ nowMs: () => nowMs });
  for (let taken = 0; taken < maxFetches; taken++) budget.take();
  nowMs = 0;
  expect(budget.left()).toBe(0);
  nowMs += fetchEveryMs;
  expect(budget.left()).toBe(1);
});
