import { affinityOf, locationOf } from '../backends/backend-config.ts';
import type { CallFacts } from '../backends/request.ts';
import type { SendToBackend } from '../backends/send.ts';
import type { UpstreamRequest, UpstreamResponse } from '../ports.ts';
import type { CallIds } from '../protocol/call-ids.ts';
import type { Operation } from '../protocol/operations.ts';
import type { Agent } from '../registry/agent.ts';
import type { Affinity } from './affinity.ts';

export interface Deadlines {
  /** From sending to the answer's headers; a blocking send waits here while the agent thinks. Default 300 000. */
  headersTimeoutMs: number;
  /** Longest silence inside an answer. Default 300 000. */
  idleTimeoutMs: number;
}

export interface ForwardedCall {
  agent: Agent;
  operation: Operation;
  /** Which conversation and task the call is about, as far as it says. */
  ids: CallIds;
  method: UpstreamRequest['method'];
  /** Of the card's interface. */
  url: URL;
  headers: Readonly<Record<string, string>>;
  body?: string | Uint8Array;
  facts: CallFacts;
  /** Whose leaving ends the call. */
  caller: { readonly signal: AbortSignal };
}

/** An agent's answer. */
export interface ForwardedResponse extends UpstreamResponse {
  /**
   * Tells what ids the answer has shown, before the caller sees it: where conversations stick, later calls about them
   * then find the same instance or session. Absent: nobody wants to know.
   */
  learn?(ids: CallIds): Promise<void>;
}

export type Forward = (call: ForwardedCall) => Promise<ForwardedResponse>;

/**
 * Sends a permitted call to its agent, and to where the conversation is.
 * @throws GatewayError those of {@link SendToBackend} and {@link Affinity}
 */
export function createForward(send: SendToBackend, deadlines: Deadlines, affinity: Affinity): Forward {
  const sendTo = (
    { agent, facts, method, headers, body, caller }: ForwardedCall,
    url: URL,
    session?: string,
  ): Promise<UpstreamResponse> =>
    send({
      to: agent,
      request: { method, url, headers, ...(body !== undefined && { body }), caller, ...deadlines },
      facts,
      session,
    });

  return async (call) => {
    const { agent, ids, url, facts } = call;
    const kind = affinityOf(agent);
    if (kind === 'none') return sendTo(call, url);
    const parties = { agent, principal: facts.caller?.principal };
    const { place = anyOrigin(agent) } = await affinity.place({ ...parties, ids });
    const response = kind === 'session' ? await sendTo(call, url, place) : await sendTo(call, at(place, url));
    return learning(response, (shown) => affinity.learn(parties, place, shown));
  };
}

function anyOrigin(agent: Agent): string {
  const { origins } = locationOf(agent);
  return origins[Math.floor(Math.random() * origins.length)]?.origin ?? '';
}

/** One text, not resolved against the other: a path may begin with two slashes, and would then name a host. */
function at(origin: string, { pathname, search }: URL): URL {
  return new URL(origin + pathname + search);
}

function learning(response: UpstreamResponse, learn: (ids: CallIds) => Promise<void>): ForwardedResponse {
  return {
    status: response.status,
    header: (name) => response.header(name),
    bytes: (maxBytes) => response.bytes(maxBytes),
    chunks: () => response.chunks(),
    close: () => response.close(),
    learn,
  };
}
