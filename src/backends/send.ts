import { GatewayError } from '../failure.ts';
import type { Clock, ConnectionOptions, Upstream, UpstreamRequest, UpstreamResponse } from '../ports.ts';
import type { AuthConfig, SecretValues } from './auth-config.ts';
import { hasExpiredCredentials } from './aws/errors.ts';
import { type AgentDeadlines, type BackendConfig, plainHttp } from './backend-config.ts';
import type { Credentials } from './credentials.ts';
import { grpcObstacle, withHttpStatus } from './grpc.ts';
import { targetKindOf } from './kinds.ts';
import type { CallFacts, OutgoingRequest } from './request.ts';
import type { TargetCall } from './target.ts';

/** What is known of an agent's backend: a part of the agent. */
export interface Backend {
  agentId: string;
  backend?: BackendConfig | undefined;
  authConfig: AuthConfig;
  caCertificates?: string | undefined;
  deadlines?: AgentDeadlines | undefined;
}

/** A call to one backend, at an origin that was chosen. */
export interface BackendCall {
  to: Backend;
  /** As the agent is to see it. Its URL is on a registered origin. */
  request: UpstreamRequest;
  facts: CallFacts;
  /** See `TargetCall.session`. */
  session?: string | undefined;
  /** The secrets themselves, where they are not kept yet. */
  secrets?: SecretValues | undefined;
}

/**
 * Sends a call as its backend takes it, with its credential, once; once more with a fresh credential where the backend
 * answers 401 (or what AWS says instead, for credentials that expired, or gRPC's UNAUTHENTICATED), since a refused request
 * was not acted upon.
 *
 * @throws GatewayError `operation_unsupported` for gRPC with what it cannot carry, `upstream_unauthorized`, `upstream_redirected`, `credential_unavailable`, and those of Upstream
 *   and of the target's kind
 */
export type SendToBackend = (call: BackendCall) => Promise<UpstreamResponse>;

export interface SendDeps {
  upstream: Upstream;
  clock: Clock;
  credentials: Credentials;
}

export function createSendToBackend({ upstream, clock, credentials }: SendDeps): SendToBackend {
  const callOf = ({ requestId }: CallFacts, session: string | undefined): TargetCall => ({
    session,
    requestId,
    nowMs: clock.nowMs(),
  });
  const sendAs = (outgoing: OutgoingRequest, request: UpstreamRequest) => {
    const sending = upstream.send(asSent(outgoing, request));
    return request.http2 ? sending.then(withHttpStatus) : sending;
  };
  return async ({ to, request, facts, session, secrets }) => {
    const { backend = plainHttp } = to;
    const obstacle = request.http2 && grpcObstacle(to);
    if (obstacle !== undefined)
      throw new GatewayError({ code: 'operation_unsupported', capability: `gRPC with ${obstacle}` });
    const target = targetKindOf(backend);
    const connection = connectionOf(to);
    const plain: OutgoingRequest = connection === undefined ? request : { ...request, connection };
    const wrapped = target.toBackend?.(plain, backend, callOf(facts, session)) ?? plain;
    const outgoing = await credentials.apply(to.authConfig, wrapped, facts, { secrets });
    if (outgoing === undefined) throw new GatewayError({ code: 'upstream_unauthorized' });
    let response = await sendAs(outgoing, request);
    if (isRefused(response)) {
      response.close();
      const fresh = await credentials.apply(to.authConfig, wrapped, facts, { secrets, refused: outgoing });
      if (fresh === undefined) throw new GatewayError({ code: 'upstream_unauthorized' });
      response = await sendAs(fresh, request);
    }
    checkAnswer(response);
    if (target.fromBackend === undefined) return response;
    const unwrapped = await target.fromBackend(response, backend);
    checkAnswer(unwrapped);
    return unwrapped;
  };
}

/** With what only the way out reads: limits of time, and who waits. */
function asSent(outgoing: OutgoingRequest, request: UpstreamRequest): UpstreamRequest {
  // The usual case without a copy: nothing was added.
  return outgoing === request ? request : { ...request, ...outgoing };
}

function isRefused(response: UpstreamResponse): boolean {
  return response.status === 401 || hasExpiredCredentials(response);
}

function checkAnswer(response: UpstreamResponse): void {
  const isRedirect = response.status >= 300 && response.status < 400;
  if (!isRefused(response) && !isRedirect) return;
  response.close();
  // Following would carry the credential and the message to an address nobody registered.
  throw new GatewayError({ code: isRedirect ? 'upstream_redirected' : 'upstream_unauthorized' });
}

/** How connections to an agent differ; undefined where they do not. */
export function connectionOf({ caCertificates, deadlines }: Backend): ConnectionOptions | undefined {
  const connectTimeoutMs = deadlines?.connectTimeoutMs;
  if (caCertificates === undefined && connectTimeoutMs === undefined) return undefined;
  return {
    ...(caCertificates !== undefined && { caCertificates }),
    ...(connectTimeoutMs !== undefined && { connectTimeoutMs }),
  };
}
