import type { CallFacts } from '../backends/request.ts';
import type { SendToBackend } from '../backends/send.ts';
import type { UpstreamRequest, UpstreamResponse } from '../ports.ts';
import type { CallIds } from '../protocol/call-ids.ts';
import type { Operation } from '../protocol/operations.ts';
import type { Agent } from '../registry/agent.ts';

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
 * Sends a permitted call to its agent.
 * @throws GatewayError those of {@link SendToBackend}
 */
export function createForward(send: SendToBackend, deadlines: Deadlines): Forward {
  return ({ agent, facts, method, url, headers, body, caller }) =>
    send({
      to: agent,
      request: { method, url, headers, ...(body !== undefined && { body }), caller, ...deadlines },
      facts,
    });
}
