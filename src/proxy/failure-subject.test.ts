import { expect, it } from 'vitest';
import type { Failure } from '../failure.ts';
import { type FailureSubject, subjectOf } from './failure-subject.ts';

const cases: [FailureSubject, ...Failure[]][] = [
  [
    'instance',
    { code: 'upstream_unreachable' },
    { code: 'upstream_tls_failed' },
    { code: 'upstream_reset' },
    { code: 'upstream_stalled', idleTimeoutMs: 1 },
    { code: 'upstream_timeout', phase: 'connect' },
    { code: 'upstream_timeout', phase: 'headers' },
    { code: 'upstream_timeout', phase: 'body' },
    { code: 'upstream_timeout', phase: 'total' },
    { code: 'upstream_unavailable', status: 502 },
    { code: 'upstream_unavailable', status: 503 },
    { code: 'upstream_unavailable', status: 504 },
    { code: 'upstream_response_invalid', problem: 'http' },
    { code: 'upstream_response_invalid', problem: 'headers_too_large' },
  ],
  [
    'answer',
    { code: 'upstream_unavailable', status: 429 },
    { code: 'upstream_unauthorized' },
    { code: 'upstream_redirected' },
    { code: 'upstream_response_invalid', problem: 'content_encoding' },
    { code: 'upstream_response_too_large', maxBytes: 1 },
    { code: 'upstream_event_too_large', maxEventBytes: 1 },
  ],
  [
    'setup',
    { code: 'upstream_address_refused', rule: 'private' },
    { code: 'credential_unavailable', problem: 'secret' },
  ],
  [
    'nothing',
    { code: 'upstream_timeout', phase: 'deadline' },
    { code: 'caller_left' },
    { code: 'shutting_down' },
    { code: 'agent_overloaded', retryAfterSeconds: 1 },
    { code: 'gateway_overloaded', retryAfterSeconds: 1 },
    { code: 'store_unavailable' },
    { code: 'internal' },
  ],
];

it.each(cases)('of failures that speak of the %s', (subject, ...failures) => {
  for (const failure of failures) expect([failure.code, subjectOf(failure)]).toEqual([failure.code, subject]);
});
