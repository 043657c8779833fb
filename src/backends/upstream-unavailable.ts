import type { Failure } from '../failure.ts';
import type { UpstreamResponse } from '../ports.ts';

/** The failure of a backend that says it cannot serve now. */
export function upstreamUnavailable(response: UpstreamResponse): Failure {
  const retryAfter = response.header('retry-after');
  const isPlain = retryAfter !== undefined && /^[\w ,:-]{1,40}$/.test(retryAfter);
  return {
    code: 'upstream_unavailable',
    status: response.status,
    ...(isPlain && { retryAfter }),
  };
}
