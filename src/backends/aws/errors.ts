import { type Failure, GatewayError } from '../../failure.ts';
import type { UpstreamResponse } from '../../ports.ts';
import { upstreamUnavailable } from '../upstream-unavailable.ts';

/** What an AWS service says of a request it did not serve, such as `ThrottlingException`; undefined where it says nothing. */
export function awsErrorType(response: UpstreamResponse): string | undefined {
  // `Name:http://…` and `namespace#Name` are both in use.
  return response.header('x-amzn-errortype')?.replace(/^.*#/, '').replace(/:.*$/s, '');
}

/** Whether a request was refused for credentials that have expired: others may do. AWS says so with status 403, too. */
export function hasExpiredCredentials(response: UpstreamResponse): boolean {
  const type = awsErrorType(response) ?? '';
  return response.status === 403 && expired.has(type);
}

const expired: ReadonlySet<string> = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'RequestExpired',
  'UnrecognizedClientException',
]);

/** What is wrong with the request itself: trying again is of no use. */
const refusals: ReadonlySet<number> = new Set([400, 405, 406, 411, 413, 414, 415, 416]);

/** The failure of an answer that is the service's and not the agent's. Its words stay inside. */
export function awsFailure(response: UpstreamResponse): GatewayError {
  const { status } = response;
  const options = { cause: new Error(`AWS answered ${status} ${awsErrorType(response) ?? ''}`.trimEnd()) };
  if (status === 401 || status === 403) return new GatewayError({ code: 'upstream_unauthorized' }, options);
  const failure: Failure = refusals.has(status)
    ? { code: 'upstream_response_invalid', problem: `status_${status}` }
    : upstreamUnavailable(response);
  return new GatewayError(failure, options);
}

/** The function ran and failed: what a load balancer before it would call a bad gateway. */
export function functionFailed(name: string): GatewayError {
  return new GatewayError(
    { code: 'upstream_unavailable', status: 502 },
    { cause: new Error(`the function failed: ${name}`) },
  );
}
