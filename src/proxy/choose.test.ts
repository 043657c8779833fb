import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leastBusy } from './choose.ts';

const weights = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 2, maxLength: 16 });

/** Every stretch of chance equally often. */
function evenly(count: number): number[] {
  return Array.from({ length: count }, (_, index) => (index + 0.5) / count);
}

describe('the least busy', () => {
  it('of none is none', () => {
    expect(leastBusy([], () => 0)).toBeUndefined();
  });

  it('is chosen in proportion to the weights where nothing is under way', () => {
    fc.assert(
      fc.property(weights, (given) => {
        const choices = given.map((weight) => ({ weight, underWay: 0, calls: 0 }));
        const sum = given.reduce((total, weight) => total + weight, 0);
        for (const chance of evenly(10 * sum)) {
          const chosen = leastBusy(choices, () => chance);
          if (chosen !== undefined) chosen.calls++;
        }
        for (const { weight, calls } of choices) expect(Math.abs(calls - 10 * weight)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 50 },
    );
  });

  it('keeps what is under way in proportion to the weights', () => {
    fc.assert(
      fc.property(
        weights,
        fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })),
        (given, chances) => {
          const choices = given.map((weight) => ({ weight, underWay: 0 }));
          const sum = given.reduce((total, weight) => total + weight, 0);
          for (let call = 0; call < 5 * sum; call++) {
            const chosen = leastBusy(choices, () => chances.next().value);
            if (chosen !== undefined) chosen.underWay++;
          }
          for (const { weight, underWay } of choices) expect(underWay).toBe(5 * weight);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('is never one that has more under way for its weight than another', () => {
    const choice = fc.record({ weight: fc.integer({ min: 1, max: 100 }), underWay: fc.nat(1_000) });
    fc.assert(
      fc.property(
        fc.array(choice, { minLength: 1 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (choices, chance) => {
          const chosen = leastBusy(choices, () => chance) ?? { weight: 1, underWay: Number.NaN };
          for (const other of choices)
            expect(chosen.underWay * other.weight).toBeLessThanOrEqual(other.underWay * chosen.weight);
        },
      ),
    );
  });
});
