import { type FailureFacts, failureTable } from './failure-facts.ts';

/**
 * Every way a call can fail, and all that is said about each.
 *
 * A failure is tagged by a stable `code` and carries its evidence. All evidence is public: it reaches the caller
 * as ErrorInfo metadata. What must stay inside (an upstream's words, a stack) travels as the `cause` of a
 * {@link GatewayError} and reaches the log only.
 */
export type Failure =
  // The request as such.
  | { code: 'path_refused'; rule: string }
  | { code: 'route_not_found' }
  | { code: 'method_not_allowed'; allow: string }
  | { code: 'media_type_unsupported'; expected: string }
  | { code: 'body_too_large'; maxBodyBytes: number }
  | { code: 'body_malformed'; problem: string }
  | { code: 'envelope_invalid'; problem: string }
  | { code: 'operation_unknown' }
  | { code: 'member_refused'; member: string; rule: string }
  | { code: 'parameter_invalid'; parameter: string; problem: string }
  | { code: 'version_unsupported'; requested: string; supported: string }
  | { code: 'operation_unsupported'; capability: string }
  | { code: 'push_unsupported' }
  | { code: 'webhook_refused'; rule: string }
  // What a request is about.
  | { code: 'task_not_found' }
  | { code: 'context_refused' }
  // What an agent posts.
  | { code: 'webhook_unknown' }
  | { code: 'webhook_busy'; retryAfterSeconds: number }
  | { code: 'notification_refused'; problem: 'payload' | 'task' }
  // Who calls, and what they may do.
  | { code: 'token_missing' }
  | { code: 'token_invalid'; problem: TokenProblem }
  | { code: 'issuer_unavailable' }
  | { code: 'agent_forbidden' }
  | { code: 'operation_forbidden'; operation: string }
  | { code: 'skill_forbidden'; problem: 'missing' | 'other' }
  | { code: 'scope_missing'; scope: string }
  | { code: 'limit_exceeded'; limit: CallerLimit; allowed: number; retryAfterSeconds?: number }
  // The registry.
  | { code: 'agent_inactive'; status: string }
  | { code: 'agent_not_found' }
  | { code: 'agent_exists' }
  | { code: 'agent_not_servable'; problem: string }
  | { code: 'permission_not_found' }
  | { code: 'dead_letter_not_found' }
  | { code: 'revocation_not_found' }
  | { code: 'revocations_full'; maxRevocations: number }
  | { code: 'precondition_required' }
  | { code: 'precondition_failed' }
  | { code: 'card_unavailable'; problem: string }
  | { code: 'card_invalid'; path: string; problem: string }
  | { code: 'card_not_found' }
  | { code: 'card_untrusted'; verdict: string }
  // Finding agents.
  | { code: 'search_disabled' }
  | { code: 'search_unavailable'; problem: 'starting' | 'model' | 'index' | 'busy' }
  // The agent behind.
  | { code: 'call_loop'; rule: 'hops' | 'repeats'; limit: number }
  | { code: 'upstream_address_refused'; rule: string }
  | { code: 'upstream_unreachable' }
  | { code: 'upstream_tls_failed' }
  | { code: 'upstream_timeout'; phase: 'connect' | 'headers' | 'body' | 'total' | 'deadline' }
  | { code: 'upstream_reset' }
  | { code: 'upstream_stalled'; idleTimeoutMs: number }
  | { code: 'upstream_redirected' }
  | { code: 'upstream_unauthorized' }
  | { code: 'upstream_unavailable'; status: number; retryAfter?: string }
  | { code: 'upstream_response_invalid'; problem: string }
  | { code: 'upstream_response_too_large'; maxBytes: number }
  | { code: 'upstream_event_too_large'; maxEventBytes: number }
  | { code: 'credential_unavailable'; problem: CredentialProblem }
  | { code: 'agent_overloaded'; retryAfterSeconds: number }
  | { code: 'agent_circuit_open'; retryAfterSeconds: number }
  | { code: 'gateway_overloaded'; retryAfterSeconds: number }
  // What stands before the gateway on a platform, and answers in its name.
  | { code: 'request_throttled' }
  | { code: 'request_filtered' }
  | { code: 'request_refused' }
  | { code: 'gateway_unavailable' }
  // The gateway itself.
  | { code: 'caller_left' }
  | { code: 'store_unavailable' }
  | { code: 'signing_unavailable' }
  | { code: 'shutting_down' }
  | { code: 'internal' };

export type FailureCode = Failure['code'];

/** Why a token was refused; told to the caller in `error_description` (RFC 6750 §3). */
export type TokenProblem =
  | 'malformed'
  | 'issuer'
  | 'algorithm'
  | 'key'
  | 'signature'
  | 'expired'
  | 'not_yet_valid'
  | 'audience'
  | 'client'
  | 'type'
  | 'bound'
  | 'groups' // More than are looked at, not in the token, or not a list of names.
  | 'scopes' // More than are looked at.
  | 'tenant' // No text, or one that is too long.
  | 'subject'
  | 'revoked';

/** Of what a caller has had as much as it may. */
export type CallerLimit = 'requestsPerMinute' | 'requestsPerDay' | 'maxOpenStreams' | 'discoveryPerMinute';

/** Why a backend's credential could not be made. */
export type CredentialProblem =
  | 'secret' // It is gone, or cannot be read.
  | 'token_endpoint' // It cannot be reached, fails, or does not answer in time.
  | 'token_refused' // It answers with a refusal.
  | 'token_answer' // Its answer is no token.
  | 'caller' // The credential is made of a caller's token, and there is no caller.
  | 'key' // A private key or certificate cannot be used, or the gateway has none.
  | 'aws'; // AWS gives no credentials for the identity.

/** All that is fixed about a failure's code. */
export function factsOf(code: FailureCode): FailureFacts {
  return failureTable[code];
}

/** Every code, in the order of the table; `docs/errors.md` is compared with it by a test. */
export const failureCodes = Object.keys(failureTable) as readonly FailureCode[];

/** ErrorInfo `reason`: the protocol's own where it has one, else the code in upper case. */
export function reasonOf(failure: Failure): string {
  return factsOf(failure.code).protocolReason ?? failure.code.toUpperCase();
}

/** ErrorInfo `domain`: the protocol's only for the protocol's own reasons. */
export function domainOf(failure: Failure): string {
  return factsOf(failure.code).protocolReason === undefined ? 'a2a-gateway' : 'a2a-protocol.org';
}

/** The evidence as ErrorInfo metadata: a map of strings. */
export function metadataOf(failure: Failure): Record<string, string> {
  const metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(failure)) {
    if (name !== 'code' && value !== undefined) metadata[name] = String(value);
  }
  return metadata;
}

export type Result<T> = { ok: true; value: T } | { ok: false; failure: Failure };

export function ok<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function fail(failure: Failure): { ok: false; failure: Failure } {
  return { ok: false, failure };
}

/** A failure thrown across an asynchronous edge. `cause` is for the log; it never reaches a caller. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
  readonly failure: Failure;

  constructor(failure: Failure, options?: { cause?: unknown }) {
    super(failure.code, options);
    this.failure = failure;
  }
}

/** The failure of a call whose signal has fired: the signal's own when it has one, else the caller's leaving. */
export function leaveFailure({ reason }: AbortSignal): GatewayError {
  return reason instanceof GatewayError
    ? reason
    : new GatewayError({ code: 'caller_left' }, { cause: reason });
}

/** The value of a result, or its failure thrown. */
export function unwrap<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new GatewayError(result.failure);
}
