import type { Failure } from '../failure.ts';

/**
 * What a failed call speaks of: the `instance` it went to, which is down while others may not be; an `answer`, so that the
 * instance is up whatever the answer is worth; how the agent is set up, since it was never asked; or `nothing` behind the
 * gateway.
 */
export type FailureSubject = 'instance' | 'answer' | 'setup' | 'nothing';

export function subjectOf(failure: Failure): FailureSubject {
  switch (failure.code) {
    case 'upstream_unreachable':
    case 'upstream_tls_failed':
    case 'upstream_reset':
    case 'upstream_stalled':
      return 'instance';
    case 'upstream_timeout':
      return failure.phase === 'deadline' ? 'nothing' : 'instance';
    case 'upstream_unavailable':
      return isDownStatus(failure.status) ? 'instance' : 'answer';
    case 'upstream_response_invalid':
      return brokenHttp.has(failure.problem) ? 'instance' : 'answer';
    case 'upstream_redirected':
    case 'upstream_unauthorized':
    case 'upstream_response_too_large':
    case 'upstream_event_too_large':
      return 'answer';
    case 'upstream_address_refused':
    case 'credential_unavailable':
      return 'setup';
    default:
      return 'nothing';
  }
}

/** Whatever listens there does not speak HTTP, or not well enough to be an agent. */
const brokenHttp: ReadonlySet<string> = new Set(['http', 'headers_too_large']);

/** Statuses of an agent that is down, or of what stands before it and cannot reach it (RFC 9110 §15.6.3 to §15.6.5). */
export function isDownStatus(status: number): boolean {
  return status >= 502 && status <= 504;
}
