import type { CallerWords } from '../bridge/caller-words.ts';
import type { JsonObject } from '../bridge/core-call.ts';
import { idsOfRequest } from '../protocol/call-ids.ts';
import type { AgentInterface } from '../protocol/card.ts';
import type { NamedIds } from '../protocol/named-ids.ts';
import type { Operation } from '../protocol/operations.ts';
import type { Binding } from '../protocol/protocols.ts';
import type { ServedVersion } from '../protocol/version.ts';
import type { Admission } from './admission.ts';
import { answerHeld, type CallersStream, callersStream, type StreamWords } from './answer.ts';
import { answerBridged } from './bridged.ts';
import { own } from './owned.ts';
import { planned } from './planned.ts';
import type { Call } from './route.ts';
import type { Services } from './services.ts';

/** A permitted call, as its binding and version have it. */
export interface PermittedCall {
  operation: Operation;
  binding: Binding;
  version: ServedVersion;
  /** The request object with its guarded members checked; what path and query bind among its members. */
  request: JsonObject;
  /** Every task and context it names, wherever it does. */
  named: NamedIds;
  streamWords: StreamWords;
  /** The request in core, with numbers as they are spelled. @throws GatewayError `parameter_invalid` */
  toCore(): Promise<JsonObject>;
  words(): Promise<CallerWords>;
  /** Hands the request on as it came, to an agent that speaks as the caller does, and answers what it says. */
  exchange(to: AgentInterface, stream: CallersStream): Promise<Response>;
}

/**
 * What becomes of a permitted call, in whatever binding: where it is about the caller's own, the agent is asked in its own
 * protocol and the caller answered in theirs.
 *
 * @throws GatewayError `task_not_found`, `context_refused`, and those of forwarding and of reading the agent's answer
 */
export async function perform(
  call: Call,
  permitted: PermittedCall,
  admission: Admission,
  services: Services,
): Promise<Response> {
  const { operation, binding, version, request, named, streamWords: words } = permitted;
  const plan = planned(call, { protocolBinding: binding, protocolVersion: version }, admission.agent);
  const core = plan.isTransparent ? undefined : await permitted.toCore();
  const look = await own({ operation, named, core }, admission, services);
  const { taskId } = idsOfRequest(request);
  const about = { operation, binding, version, taskId, admission, words, look };
  const stream = callersStream(call, about, services);
  if (stream.resumption?.feed !== undefined)
    return answerHeld(call, stream.resumption.feed, stream, services);
  if (core === undefined) return permitted.exchange(plan.to, stream);
  const bridged = { operation, request: core, plan, words: await permitted.words(), version, binding };
  return answerBridged(call, bridged, stream, services);
}
