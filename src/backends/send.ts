import { GatewayError } from '../failure.ts';
import type { ConnectionOptions, Upstream, UpstreamRequest, UpstreamResponse } from '../ports.ts';
import type { AuthConfig, SecretValues } from './auth-config.ts';
import { type AgentDeadlines, type BackendConfig, plainHttp } from './backend-config.ts';
import type { Credentials } from './credentials.ts';
import { targetKindOf } from './kinds.ts';
import type { CallFacts, OutgoingRequest } from './request.ts';

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
  /** See `TargetKind.affinity`. */
  session?: string | undefined;
  /** The secrets themselves, where they are not kept yet. */
  secrets?: SecretValues | undefined;
}

/**
 * Sends a call as its backend takes it, with its credential, once; once more with a fresh credential where the backend
 * answers 401, since a refused request was not acted upon.
 *
 * @throws GatewayError `upstream_unauthorized`, `upstream_redirected`, `credential_unavailable`, and those of Upstream
 *   and of the target's kind
 */
export type SendToBackend = (call: BackendCall) => Promise<UpstreamResponse>;

export function createSendToBackend(upstream: Upstream, credentials: Credentials): SendToBackend {
  return async ({ to, request, facts, session, secrets }) => {
    const { backend = plainHttp } = to;
    const target = targetKindOf(backend);
    const connection = connectionOf(to);
    const plain: OutgoingRequest = connection === undefined ? request : { ...request, connection };
    const wrapped = target.toBackend?.(plain, backend, session) ?? plain;
    const outgoing = await credentials.apply(to.authConfig, wrapped, facts, { secrets });
    if (outgoing === undefined) throw new GatewayError({ code: 'upstream_unauthorized' });
    let response = await upstream.send({ ...request, ...outgoing });
    if (response.status === 401) {
      response.close();
      const fresh = await credentials.apply(to.authConfig, wrapped, facts, { secrets, refused: outgoing });
      if (fresh === undefined) throw new GatewayError({ code: 'upstream_unauthorized' });
      response = await upstream.send({ ...request, ...fresh });
    }
    checkAnswer(response);
    return target.fromBackend?.(response, backend) ?? response;
  };
}

function checkAnswer(response: UpstreamResponse): void {
  const { status } = response;
  const isRedirect = status >= 300 && status < 400;
  if (status !== 401 && !isRedirect) return;
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
