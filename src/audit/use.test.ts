import { expect, it } from 'vitest';
import type { CallEvent } from './call-record.ts';
import { Use } from './use.ts';

const call: CallEvent = {
  ...{ event: 'call', atMs: Date.UTC(2026, 2, 10, 12), requestId: 'r', isKnown: true, isUse: true },
  principal: { issuer: 'https://issuer.example', subject: 'alice' },
  ...{ agentId: 'agent', operation: 'SendMessage', decision: 'allow', httpStatus: 200, durationMs: 5 },
};

function errorsOf(more: Partial<CallEvent>): number | undefined {
  const use = new Use(1_000);
  use.add({ ...call, ...more });
  return use.deltas()[0]?.errors;
}

it('counts as errors what failed, in whatever binding, and not that a caller left', () => {
  expect(errorsOf({})).toBe(0);
  expect(errorsOf({ httpStatus: 404 })).toBe(1);
  for (const httpStatus of [200, 502]) {
    expect(errorsOf({ httpStatus, failure: { code: 'upstream_reset' } })).toBe(1);
    expect(errorsOf({ event: 'stream.ended', httpStatus, failure: { code: 'upstream_reset' } })).toBe(1);
  }
  // In HTTP+JSON that is 499, and in JSON-RPC 200.
  for (const httpStatus of [200, 499]) {
    expect(errorsOf({ httpStatus, failure: { code: 'caller_left' } })).toBe(0);
    expect(errorsOf({ event: 'stream.ended', httpStatus, failure: { code: 'caller_left' } })).toBe(0);
  }
});
