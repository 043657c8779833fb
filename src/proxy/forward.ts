import type { CallFacts } from '../backends/request.ts';
import type { UpstreamRequest, UpstreamResponse } from '../ports.ts';
import type { CallIds } from '../protocol/call-ids.ts';
import type { Operation } from '../protocol/operations.ts';
import type { Agent } from '../registry/agent.ts';
import type { Affinity } from './affinity.ts';
import { Delivery, type DeliveryDeps } from './delivery.ts';
import type { NoteHop } from './hops.ts';
import { learningOf, routeOf } from './stick.ts';
import type { Traffic } from './traffic.ts';
import { WatchedAnswer } from './watched-answer.ts';

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
  /** By gRPC: over HTTP/2, and told how long its answer is waited for. */
  grpc?: true;
  facts: CallFacts;
  /** Whose leaving ends the call. */
  caller: { readonly signal: AbortSignal };
}

/**
 * Asked when a call has waited for its place, before anything is sent.
 * @throws GatewayError what it is then refused with
 */
export type MayGo = () => Promise<void>;

/** An agent's answer. Holds the call's place until it is read or closed. */
export interface ForwardedResponse extends UpstreamResponse {
  /**
   * Tells what ids the answer has shown, before the caller sees it: where conversations stick, later calls about them
   * then find the same instance or session. Absent: nobody wants to know.
   */
  learn?(ids: CallIds): Promise<void>;
}

/** @param mayGo absent: it may. Beside the call and not a member of it, because copying one costs more than asking. */
export type Forward = (call: ForwardedCall, mayGo?: MayGo) => Promise<ForwardedResponse>;

export interface ForwardDeps extends DeliveryDeps {
  traffic: Traffic;
  noteHop: NoteHop;
  /** Absent: no conversation sticks to anything. */
  affinity?: Affinity;
}

/**
 * Sends a permitted call to its agent: waits for a place, chooses an instance whose breaker is closed, and tries again
 * where that is safe.
 *
 * @throws GatewayError `call_loop`, `agent_overloaded`, `gateway_overloaded`, `agent_circuit_open`, and those of `mayGo` and of
 *   SendToBackend
 */
export function createForward(deps: ForwardDeps): Forward {
  const { traffic, affinity, noteHop } = deps;
  return async (call, mayGo) => {
    const headers = await noteHop(call.agent, call.headers);
    const lane = call.operation.streams ? 'streams' : 'calls';
    const agent = traffic.of(call.agent);
    // Taken before anything is waited for: another revision may come, and this call's credential is not for its origins.
    const { instances, stickiness } = agent;
    const leave = await traffic.enter(agent, lane, call.caller);
    try {
      await mayGo?.();
      const route = await routeOf(call, { instances, stickiness }, affinity);
      const { response, attempt } = await new Delivery(call, { agent, lane, route, headers }, deps).run();
      const at = { session: route.session, instance: attempt.instance };
      return new WatchedAnswer(response, attempt, leave, learningOf(call, { stickiness }, affinity, at));
    } catch (error) {
      leave();
      throw error;
    }
  };
}
