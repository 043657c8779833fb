import { challengeFor } from '../access/challenge.ts';
import { factsOf, GatewayError } from '../failure.ts';
import { restFailureBody, rpcErrorBody, rpcHttpStatus } from '../protocol/errors.ts';
import type { ServedVersion } from '../protocol/version.ts';
import { counted } from './counted.ts';
import { headersOfCall } from './metering.ts';
import type { Call } from './route.ts';
import type { Services } from './services.ts';

const noStore = { 'cache-control': 'no-store' } as const;

/** A JSON answer of our own. */
export function json(
  call: Call,
  value: unknown,
  status = 200,
  headers: Record<string, string> = {},
): Response {
  return new Response(counted(call, JSON.stringify(value)), {
    status,
    headers: { 'content-type': 'application/json', ...headersOfCall(call), ...noStore, ...headers },
  });
}

export function noContent(call: Call): Response {
  return new Response(null, { status: 204, headers: headersOfCall(call) });
}

/** Whatever was thrown, as a GatewayError: what we did not foresee is `internal`. */
export function toGatewayError(thrown: unknown): GatewayError {
  return thrown instanceof GatewayError ? thrown : new GatewayError({ code: 'internal' }, { cause: thrown });
}

/** A refusal on our own routes and in the HTTP+JSON binding. @param version whose words it is in */
export function restRefusal(
  call: Call,
  error: GatewayError,
  services: Services,
  version: ServedVersion = '1.0',
): Response {
  call.note.error = error;
  const { httpStatus } = factsOf(error.failure.code);
  return new Response(counted(call, restFailureBody(error.failure, version)), {
    status: httpStatus,
    headers: headersOf(call, error, services),
  });
}

/** A refusal on a JSON-RPC endpoint. */
export function rpcRefusal(call: Call, error: GatewayError, idText: string, services: Services): Response {
  const { failure } = error;
  call.note.error = error;
  return new Response(counted(call, rpcErrorBody(failure, idText)), {
    status: rpcHttpStatus(failure),
    headers: headersOf(call, error, services),
  });
}

function headersOf(call: Call, { failure }: GatewayError, services: Services): Record<string, string> {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    ...headersOfCall(call),
    ...noStore,
  };
  const challenge = challengeFor(failure, resourceMetadataUrl(call, services));
  if (challenge !== undefined) headers['www-authenticate'] = challenge;
  if (failure.code === 'method_not_allowed') headers.allow = failure.allow;
  if (failure.code === 'upstream_unavailable' && failure.retryAfter !== undefined) {
    headers['retry-after'] = failure.retryAfter;
  } else if ('retryAfterSeconds' in failure && failure.retryAfterSeconds !== undefined) {
    headers['retry-after'] = String(failure.retryAfterSeconds);
  } else if (factsOf(failure.code).httpStatus === 503 && factsOf(failure.code).retryable) {
    headers['retry-after'] = '5';
  }
  return headers;
}

/**
 * Where the metadata of the resource is, an agent or the gateway itself. Below the public URL, which may have a path: the
 * host's root, where RFC 9728 §3.1 would have it, is then somebody else's. The challenge names it, so nobody guesses.
 */
export function resourceMetadataUrl(call: Call, { config }: Services): string {
  const { agentId } = call.params;
  const resource = agentId === undefined ? '' : `${config.agentsPath}/${agentId}`;
  return `${config.publicUrl.replace(/\/$/, '')}/.well-known/oauth-protected-resource${resource}`;
}
