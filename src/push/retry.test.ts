import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FailedAttempt } from './attempt.ts';
import { type RetryPolicy, retryAtMs } from './retry.ts';

const policy: RetryPolicy = {
  maxAttempts: 12,
  minBackoffMs: 1_000,
  maxBackoffMs: 3_600_000,
  maxAgeMs: 86_400_000,
};
const down: FailedAttempt = { problem: 'status_503', patience: 'full' };

function waitMs(
  failed: FailedAttempt,
  { tried = 1, ageMs = 0, chance = 1 }: { tried?: number; ageMs?: number; chance?: number } = {},
): number | undefined {
  const nowMs = 1_000_000_000_000;
  const atMs = retryAtMs(failed, { tried, acceptedAtMs: nowMs - ageMs, nowMs }, policy, () => chance);
  return atMs === undefined ? undefined : atMs - nowMs;
}

describe('retryAtMs', () => {
  it('doubles the longest wait after each attempt, up to the longest of all', () => {
    const waits = Array.from({ length: 11 }, (_, index) => waitMs(down, { tried: index + 1 }));
    expect(waits.map((ms = 0) => ms / 1_000)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024]);
    expect(
      retryAtMs(down, { tried: 15, acceptedAtMs: 0, nowMs: 0 }, { ...policy, maxAttempts: 100 }, () => 1),
    ).toBe(3_600_000);
  });

  it('waits less by chance', () => {
    expect(waitMs(down, { tried: 4, chance: 0.25 })).toBe(2_000);
    expect(waitMs(down, { tried: 4, chance: 0 })).toBe(0);
  });

  it('gives up after the last attempt, and what would be too old by then', () => {
    expect(waitMs(down, { tried: 12 })).toBeUndefined();
    expect(waitMs(down, { ageMs: policy.maxAgeMs })).toBeUndefined();
    expect(waitMs(down, { ageMs: policy.maxAgeMs - 1_000 })).toBe(1_000);
  });

  it('tries three times what is refused for what it is, and once what has no hope', () => {
    const refused: FailedAttempt = { problem: 'status_422', patience: 'little' };
    expect([1, 2, 3].map((tried) => waitMs(refused, { tried }))).toEqual([1_000, 2_000, undefined]);
    expect(waitMs({ problem: 'address', patience: 'none' })).toBeUndefined();
  });

  it('waits as long as the receiver wishes, within what anything waits at most', () => {
    expect(waitMs({ ...down, retryAfterMs: 30_000 })).toBe(30_000);
    expect(waitMs({ ...down, retryAfterMs: 1 }, { tried: 3 })).toBe(4_000);
    expect(waitMs({ ...down, retryAfterMs: 999_999_999_000 })).toBe(3_600_000);
  });

  it('never waits longer than its settings say, nor past the age they allow', () => {
    const failed = fc.record({
      problem: fc.constant('x'),
      patience: fc.constantFrom('full', 'little', 'none'),
      retryAfterMs: fc.nat(),
    });
    const facts = { tried: fc.integer({ min: 1, max: 200 }), ageMs: fc.nat(2 * policy.maxAgeMs) };
    const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(failed, fc.record({ ...facts, chance }), (attempt, options) => {
        const ms = waitMs(attempt as FailedAttempt, options) ?? 0;
        return (
          ms >= 0 && ms <= policy.maxBackoffMs && (ms === 0 || options.ageMs + ms <= policy.maxAgeMs + 1)
        );
      }),
    );
  });
});
