import type { Operation } from '../../../protocol/operations.ts';
import type { JsonObject } from '../../core-call.ts';
import { type LegacyOperationName, legacyNameOf } from '../operation.ts';
import { listOf, objectAt, type Place, refuse } from '../place.ts';
import type { Shape } from '../shape.ts';
import { artifactUpdate, message, statusUpdate, task } from './entities.ts';
import { taskPushConfig } from './push-config.ts';
import { createProtoShape, type ProtoMember } from './shape.ts';

/** The response messages of the 0.3 proto in ProtoJSON, and the results and events of core (A2A §3.1, §3.2.3). */

type Translation = Pick<Shape, 'toCore' | 'fromCore'>;

const root: Place = { side: 'answer' };

const answerMembers: readonly ProtoMember[] = [
  { name: 'task', ...task },
  { name: 'message', protoName: 'msg', ...message },
];
const answer = createProtoShape(answerMembers);
const event = createProtoShape([
  ...answerMembers,
  { name: 'statusUpdate', ...statusUpdate },
  { name: 'artifactUpdate', ...artifactUpdate },
]);
const payloadNames = ['task', 'message', 'statusUpdate', 'artifactUpdate'];

/** With the one payload that is given, and what else stands beside it. */
function withPayload(translated: JsonObject): JsonObject {
  const given = payloadNames.filter((name) => (translated[name] ?? null) !== null);
  if (given.length === 0) refuse(root, 'has no payload');
  return given.length === 1 ? translated : refuse(root, 'has two payloads');
}

const oneAnswer: Translation = {
  toCore: (value, at) => withPayload(answer.toCore(value, at)),
  fromCore: (value, at) => withPayload(answer.fromCore(value, at)),
};

const pushConfigs = createProtoShape([
  { name: 'configs', toCore: listOf(taskPushConfig.toCore), fromCore: listOf(taskPushConfig.fromCore) },
  { name: 'nextPageToken' },
]);

/** Empty in both; over HTTP there is no body at all. */
const nothing: Translation = { toCore: () => ({}), fromCore: () => ({}) };

/** Whoever hands a card out reads it in either layout and writes it anew. */
const aCard: Translation = { toCore: objectAt, fromCore: objectAt };

const results: Readonly<
  Record<Exclude<LegacyOperationName, 'SendStreamingMessage' | 'SubscribeToTask'>, Translation>
> = {
  SendMessage: oneAnswer,
  GetTask: task,
  CancelTask: task,
  CreateTaskPushNotificationConfig: taskPushConfig,
  GetTaskPushNotificationConfig: taskPushConfig,
  ListTaskPushNotificationConfigs: pushConfigs,
  DeleteTaskPushNotificationConfig: nothing,
  GetExtendedAgentCard: aCard,
};

/**
 * A response message of 0.3 as a result of core; where there was no body it is `undefined`.
 *
 * @throws GatewayError `upstream_response_invalid` where it cannot be read as 0.3
 * @throws TypeError for an operation that answers with a stream: its events are translated one by one
 */
export function toCoreResult(operation: Operation, result: unknown): JsonObject {
  return translationFor(operation).toCore(result, root);
}

/**
 * A result of core as a response message of 0.3.
 *
 * @throws GatewayError `upstream_response_invalid` where it cannot be read as 1.0
 * @throws TypeError as {@link toCoreResult}
 */
export function fromCoreResult(operation: Operation, result: JsonObject): JsonObject {
  return translationFor(operation).fromCore(result, root);
}

function translationFor(operation: Operation): Translation {
  const name = legacyNameOf(operation);
  if (name === 'SendStreamingMessage' || name === 'SubscribeToTask')
    throw new TypeError(`${name} answers with events`);
  return results[name];
}

/**
 * An event of a 0.3 stream in core. `final` is dropped: in 1.0 the end of the stream says it.
 *
 * @throws GatewayError `upstream_response_invalid` where it is none of 0.3
 */
export function toCoreEvent(value: unknown): JsonObject {
  return withPayload(event.toCore(value, root));
}

/**
 * An event of core in 0.3.
 *
 * @param isFinal whether the stream ends after it; only a status update says so in 0.3
 * @throws GatewayError `upstream_response_invalid` where it is none of 1.0
 */
export function fromCoreEvent(value: JsonObject, isFinal: boolean): JsonObject {
  const translated = withPayload(event.fromCore(value, root));
  const { statusUpdate: update } = translated;
  return update === undefined
    ? translated
    : { ...translated, statusUpdate: { ...objectAt(update, root), final: isFinal } };
}
