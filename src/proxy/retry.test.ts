import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Failure } from '../failure.ts';
import type { UpstreamResponse } from '../ports.ts';
import { operations } from '../protocol/operations.ts';
import { longestPauseMs, maxRetries, mayRepeat, mayRepeatAfter, pauseMs, RetryBudget } from './retry.ts';

const unsent: Failure[] = [{ code: 'upstream_unreachable' }, { code: 'upstream_timeout', phase: 'connect' }];

const passing: Failure[] = [
  { code: 'upstream_reset' },
  { code: 'upstream_unavailable', status: 502 },
  { code: 'upstream_unavailable', status: 503 },
  { code: 'upstream_unavailable', status: 504 },
];

const final: Failure[] = [
  { code: 'upstream_timeout', phase: 'headers' },
  { code: 'upstream_timeout', phase: 'body' },
  { code: 'upstream_timeout', phase: 'total' },
  { code: 'upstream_timeout', phase: 'deadline' },
  { code: 'upstream_tls_failed' },
  { code: 'upstream_unauthorized' },
  { code: 'upstream_unavailable', status: 429 },
  { code: 'upstream_unavailable', status: 503, retryAfter: '5' },
  { code: 'upstream_response_invalid', problem: 'http' },
  { code: 'credential_unavailable', problem: 'token_endpoint' },
  { code: 'caller_left' },
  { code: 'shutting_down' },
];

const reading = [
  'GetTask',
  'ListTasks',
  'SubscribeToTask',
  'GetTaskPushNotificationConfig',
  'ListTaskPushNotificationConfigs',
  'GetExtendedAgentCard',
];

describe.each(operations)('$name', (operation) => {
  const reads = reading.includes(operation.name);

  it('may be sent again where nothing was sent', () => {
    for (const failure of unsent) expect(mayRepeat(failure, operation)).toBe(true);
  });

  it(`may ${reads ? '' : 'not '}be sent again where the agent may have got it`, () => {
    for (const failure of passing) expect(mayRepeat(failure, operation)).toBe(reads);
    for (const status of [502, 503, 504]) expect(mayRepeatAfter(answerOf(status), operation)).toBe(reads);
  });

  it('is not sent again where that would help nobody', () => {
    for (const failure of final) expect(mayRepeat(failure, operation)).toBe(false);
    for (const status of [200, 400, 404, 429, 500])
      expect(mayRepeatAfter(answerOf(status), operation)).toBe(false);
    expect(mayRepeatAfter(answerOf(503, '5'), operation)).toBe(false);
  });
});

function answerOf(status: number, retryAfter?: string): UpstreamResponse {
  return {
    status,
    header: (name) => (name === 'retry-after' ? retryAfter : undefined),
    trailer: () => undefined,
    bytes: async () => new Uint8Array(),
    async *chunks() {},
    close() {},
  };
}

describe('the pause before a retry', () => {
  it('is any length up to a limit that doubles', () => {
    expect([pauseMs(0, () => 1), pauseMs(1, () => 1), pauseMs(1, () => 0)]).toEqual([50, 100, 0]);
    expect(pauseMs(maxRetries - 1, () => 1)).toBe(longestPauseMs);
  });
});

describe('a budget of retries', () => {
  it('is never spent beyond ten and a fifth of the calls', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 500 }), (retries) => {
        const budget = new RetryBudget();
        let calls = 0;
        let spent = 0;
        for (const isRetry of retries) {
          if (!isRetry) {
            budget.earn();
            calls++;
          } else if (budget.spend()) spent++;
          expect(spent).toBeLessThanOrEqual(10 + calls / 5);
        }
      }),
    );
  });

  it('saves ten at most', () => {
    const budget = new RetryBudget();
    for (let call = 0; call < 1_000; call++) budget.earn();
    const spent = Array.from({ length: 20 }, () => budget.spend()).filter(Boolean);
    expect(spent).toHaveLength(10);
  });
});
