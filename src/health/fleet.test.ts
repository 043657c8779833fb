import fc from 'fast-check';
import { expect, it } from 'vitest';
import { summaryOf } from './fleet.ts';
import type { ProcessReport } from './shared-report.ts';

const timeMs = fc.integer({ min: 1, max: 1_000_000 });
const state = fc.constantFrom('closed' as const, 'half_open' as const, 'open' as const);

const origin = fc.record(
  {
    origin: fc.constantFrom('https://a.example', 'https://b.example'),
    weight: fc.constant(1),
    breaker: fc.record({ state, sinceMs: timeMs }),
    ...{ openCalls: fc.constant(0), openStreams: fc.constant(0), calls: fc.nat(99), failures: fc.nat(99) },
    lastSuccessMs: timeMs,
    lastFailure: timeMs.map((atMs) => ({ atMs, code: `code-${atMs}` })),
  },
  {
    requiredKeys: ['origin', 'weight', 'breaker', 'openCalls', 'openStreams', 'calls', 'failures'],
  },
);

const processes = fc.array(
  fc.uniqueArray(origin, { selector: (one) => one.origin, maxLength: 2 }).map(
    (origins): ProcessReport => ({
      ...{ atMs: 1, process: { id: 'p', sinceMs: 1 } },
      ...{ openCalls: 0, openStreams: 0, queuedCalls: 0, retries: 0 },
      origins,
      credential: {},
    }),
  ),
  { maxLength: 6 },
);

it('sums up one origin, in whatever order the processes come', () => {
  fc.assert(
    fc.property(processes, (given) => {
      const at = 'https://a.example';
      const seen = given.flatMap(({ origins }) => origins).filter((one) => one.origin === at);
      const states = seen.map(({ breaker }) => breaker.state);
      const latestMs = (times: (number | undefined)[]) =>
        times.filter((time) => time !== undefined).toSorted((one, other) => other - one)[0];
      const summary = summaryOf(at, given);
      expect(summary).toMatchObject({
        worstBreaker: (['open', 'half_open'] as const).find((one) => states.includes(one)) ?? 'closed',
        calls: seen.reduce((sum, { calls }) => sum + calls, 0),
        failures: seen.reduce((sum, { failures }) => sum + failures, 0),
      });
      expect(summary.lastSuccessMs).toBe(latestMs(seen.map(({ lastSuccessMs }) => lastSuccessMs)));
      expect(summary.lastFailure?.atMs).toBe(latestMs(seen.map(({ lastFailure }) => lastFailure?.atMs)));
      expect(summaryOf(at, given.toReversed())).toEqual(summary);
    }),
  );
});
