import type { JsonObject } from '../core-call.ts';
import { message } from './message.ts';
import { objectAt, type Place, refuse, within } from './place.ts';
import type { Shape } from './shape.ts';
import { artifactUpdate, statusUpdate, task } from './task.ts';

/** What an answer or an event is: its `kind` in 0.3, the member that holds it in core (A2A §3.2.3, 0.3 §7.2.1). */
interface Payload {
  kind: string;
  member: string;
  shape: Shape;
}

const answerPayloads: readonly Payload[] = [
  { kind: 'task', member: 'task', shape: task },
  { kind: 'message', member: 'message', shape: message },
];

const eventPayloads: readonly Payload[] = [
  ...answerPayloads,
  { kind: 'status-update', member: 'statusUpdate', shape: statusUpdate },
  { kind: 'artifact-update', member: 'artifactUpdate', shape: artifactUpdate },
];

const payloadMembers = eventPayloads.map(({ member }) => member);

const root: Place = { side: 'answer' };

/**
 * An event of a 0.3 stream in core, from its JSON-RPC `result`. `final` is dropped: in 1.0 the end of the stream says it.
 *
 * @throws GatewayError `upstream_response_invalid` where it is none of 0.3
 */
export function toCoreEvent(event: unknown): JsonObject {
  return toCorePayload(event, eventPayloads);
}

/**
 * An event of core in 0.3.
 *
 * @param isFinal whether the stream ends after it; only a status update says so in 0.3
 * @throws GatewayError `upstream_response_invalid` where it is none of 1.0
 */
export function fromCoreEvent(event: JsonObject, isFinal: boolean): JsonObject {
  const translated = fromCorePayload(event, eventPayloads);
  return translated.kind === 'status-update' ? { ...translated, final: isFinal } : translated;
}

/** The answer to a send: a task or a message. */
export function toCoreAnswer(answer: unknown): JsonObject {
  return toCorePayload(answer, answerPayloads);
}

export function fromCoreAnswer(answer: JsonObject): JsonObject {
  return fromCorePayload(answer, answerPayloads);
}

function toCorePayload(value: unknown, payloads: readonly Payload[]): JsonObject {
  const { kind } = objectAt(value, root);
  const payload = payloads.find((each) => each.kind === kind);
  if (payload === undefined) return refuse(within(root, 'kind'), 'is none of an answer');
  return { [payload.member]: payload.shape.toCore(value, root) };
}

/** 0.3 has no object around the payload, so what core has there beside it goes inside. */
function fromCorePayload(value: JsonObject, payloads: readonly Payload[]): JsonObject {
  const wrapper = objectAt(value, root);
  const [payload, another] = payloads.filter(({ member }) => (wrapper[member] ?? null) !== null);
  if (payload === undefined) return refuse(root, 'has no payload');
  if (another !== undefined) return refuse(root, 'has two payloads');
  const translated = payload.shape.fromCore(wrapper[payload.member], within(root, payload.member));
  return { ...payload.shape.besideIn0_3(wrapper, payloadMembers), ...translated };
}
