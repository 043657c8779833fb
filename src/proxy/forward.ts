import { GatewayError } from '../failure.ts';
import type { Upstream, UpstreamRequest, UpstreamResponse } from '../ports.ts';
import type { AuthConfig } from '../registry/agent.ts';
import type { Credentials } from './credentials/credentials.ts';

export interface Deadlines {
  /** From sending to the answer's headers; a blocking send waits here while the agent thinks. Default 300 000. */
  headersTimeoutMs: number;
  /** Longest silence inside an answer. Default 300 000. */
  idleTimeoutMs: number;
}

export interface ForwardedCall {
  method: UpstreamRequest['method'];
  url: URL;
  headers: Readonly<Record<string, string>>;
  body?: string | Uint8Array;
  authConfig: AuthConfig;
  /** Whose leaving ends the call. */
  caller: { readonly signal: AbortSignal };
}

export type Forward = (call: ForwardedCall) => Promise<UpstreamResponse>;

/**
 * Sends a permitted call to its agent with the backend's credential, once; once more with a fresh credential where
 * the backend answers 401, since a refused request was not acted upon.
 *
 * @throws GatewayError `upstream_unauthorized`, `upstream_redirected`, `credential_unavailable`, and those of Upstream
 */
export function createForward(upstream: Upstream, credentials: Credentials, deadlines: Deadlines): Forward {
  function send(
    call: ForwardedCall,
    credential: Readonly<Record<string, string>>,
  ): Promise<UpstreamResponse> {
    return upstream.send({
      method: call.method,
      url: call.url,
      headers: { ...call.headers, ...credential },
      ...(call.body !== undefined && { body: call.body }),
      caller: call.caller,
      ...deadlines,
    });
  }

  return async (call) => {
    const credential = (await credentials.headersFor(call.authConfig)) ?? {};
    let response = await send(call, credential);
    if (response.status === 401) {
      response.close();
      const fresh = await credentials.headersFor(call.authConfig, credential);
      if (fresh === undefined) throw new GatewayError({ code: 'upstream_unauthorized' });
      response = await send(call, fresh);
    }
    return checked(response);
  };
}

function checked(response: UpstreamResponse): UpstreamResponse {
  const { status } = response;
  if (status === 401) return refuse(response, new GatewayError({ code: 'upstream_unauthorized' }));
  // Following would carry the credential and the message to an address nobody registered.
  if (status >= 300 && status < 400)
    return refuse(response, new GatewayError({ code: 'upstream_redirected' }));
  return response;
}

function refuse(response: UpstreamResponse, error: GatewayError): never {
  response.close();
  throw error;
}
