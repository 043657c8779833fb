import type { CallerWords } from '../bridge/caller-words.ts';
import type { JsonObject } from '../bridge/core-call.ts';
import { ownershipOf } from '../ownership/ownership.ts';
import { idsOfRequest } from '../protocol/call-ids.ts';
import type { AgentInterface } from '../protocol/card.ts';
import type { NamedIds } from '../protocol/named-ids.ts';
import type { Operation } from '../protocol/operations.ts';
import type { Binding } from '../protocol/protocols.ts';
import type { ServedVersion } from '../protocol/version.ts';
import type { Forward } from '../proxy/forward.ts';
import type { LookAtResults } from '../proxy/learning.ts';
import { type Admission, type AskedFor, permitAgain } from './admission.ts';
import { answerHeld, type CallersStream, callersStream, type StreamWords } from './answer.ts';
import { answerBridged } from './bridged.ts';
import type { InlinePush, keepInlinePush } from './inline-push.ts';
import { own } from './owned.ts';
import { planned } from './planned.ts';
import { toGatewayError } from './respond.ts';
import type { Call } from './route.ts';
import type { Services } from './services.ts';
import { inStreamSlot } from './stream-slot.ts';

/** A permitted call, as its binding and version have it. */
export interface PermittedCall extends AskedFor {
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
  /**
   * Hands the request on as it came, to an agent that speaks as the caller does, and answers what it says.
   * @param push the push configuration in the place of the message's own, as this binding and version spells it, in JSON
   */
  exchange(to: AgentInterface, stream: CallersStream, push?: string): Promise<Response>;
}

/**
 * How long what was judged counts for: a call that took longer to come, or waited longer for its place, goes to the agent only
 * if it still may, and an answer that took longer is the caller's only if it still may have it.
 */
const judgedForMs = 2_000;

/**
 * What becomes of a permitted call, in whatever binding: where it is about the caller's own, the agent is asked in its own
 * protocol and the caller answered in theirs. A caller who may no longer have the answer does not get it, whatever the agent
 * has done; the call to the agent is not ended for it.
 *
 * @throws GatewayError `task_not_found`, `context_refused`, `limit_exceeded` of open streams, those of forwarding and of reading
 *   the agent's answer, and of `permitAgain`
 */
export async function perform(
  call: Call,
  permitted: PermittedCall,
  admission: Admission,
  services: Services,
): Promise<Response> {
  call.note.isLetThrough = true;
  call.note.isUse = true;
  const judgeLate = async () => {
    if (services.clock.nowMs() - admission.judgedAtMs >= judgedForMs)
      await permitAgain(admission, permitted, services);
  };
  const forward: Forward = (asked) => admission.forward(asked, judgeLate);
  const response = await answerTo(call, permitted, { ...admission, forward }, services);
  try {
    await judgeLate();
    return response;
  } catch (thrown) {
    const error = toGatewayError(thrown);
    // Known before the stream ends that nobody gets: it is told of as the refused call alone.
    call.note.error = error;
    await response.body?.cancel();
    throw error;
  }
}

async function answerTo(
  call: Call,
  permitted: PermittedCall,
  admission: Admission,
  services: Services,
): Promise<Response> {
  const { operation, binding, version, request, named, streamWords: words } = permitted;
  const plan = planned(call, { protocolBinding: binding, protocolVersion: version }, admission.agent);
  if (operation.name === 'ListTasks' && ownershipOf(admission.agent) !== 'backend')
    return (await import('./list-tasks.ts')).answerTaskList(call, permitted, plan, admission, services);
  const { taskId } = idsOfRequest(request);
  if (taskId !== undefined) call.note.taskId = taskId;
  const core = plan.isTransparent ? undefined : await permitted.toCore();
  const look = await own({ operation, named, core }, admission, services);
  if (operation.capability === 'pushNotifications')
    return (await import('./push-operations.ts')).answerPush(call, permitted, plan, admission, services);
  const push = permitted.bringsPush ? await inlinePushOf(call, permitted, admission, services) : undefined;
  const { skillId } = permitted;
  const shared = { admission, words, skillId, look: lookedAtBy(look, push?.look) };
  const about = { operation, binding, version, taskId, ...shared };
  const stream = callersStream(call, about, services);
  const answer = () =>
    inStreamSlot(stream, services, async (stream) => {
      const feed = stream.resumption?.feed;
      if (feed !== undefined) return answerHeld(call, feed, stream, services);
      if (core === undefined) return permitted.exchange(plan.to, stream, push?.spelled);
      const request = push?.request ?? core;
      const bridged = { operation, request, plan, words: await permitted.words(), version, binding };
      return answerBridged(call, bridged, stream, services);
    });
  return push === undefined ? answer() : push.send(answer);
}

/** Loaded when first needed: few messages bring one. */
async function inlinePushOf(...call: Parameters<typeof keepInlinePush>): Promise<InlinePush> {
  return (await import('./inline-push.ts')).keepInlinePush(...call);
}

/** One after the other: what the first withholds the second is not shown. */
function lookedAtBy(
  first: LookAtResults | undefined,
  second: LookAtResults | undefined,
): LookAtResults | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  return (results) => first(results)?.then(() => second(results)) ?? second(results);
}
