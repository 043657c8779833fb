import type { Operation } from '../../protocol/operations.ts';
import type { JsonObject } from '../core-call.ts';
import { fromCoreAnswer, toCoreAnswer } from './event.ts';
import { type LegacyOperationName, legacyNameOf } from './operation.ts';
import { listOf, objectAt, type Place, within } from './place.ts';
import { fromCoreTaskPushConfig, toCoreTaskPushConfig } from './push-config.ts';
import { task } from './task.ts';

/** `result` of 0.3 JSON-RPC (0.3 §7) and the result objects of core (A2A §3.1). */
interface Translation {
  toCore(result: unknown): JsonObject;
  fromCore(result: JsonObject): unknown;
}

const root: Place = { side: 'answer' };

const aTask: Translation = {
  toCore: (result) => task.toCore(result, root),
  fromCore: (result) => task.fromCore(result, root),
};

const aPushConfig: Translation = {
  toCore: (result) => toCoreTaskPushConfig(result, root),
  fromCore: (result) => fromCoreTaskPushConfig(result, root),
};

const pushConfigs: Translation = {
  toCore: (result) => ({ configs: listOf(toCoreTaskPushConfig)(result, root) }),
  // ProtoJSON leaves an empty list out.
  fromCore: (result) =>
    listOf(fromCoreTaskPushConfig)(objectAt(result, root).configs ?? [], within(root, 'configs')),
};

/** The name of what is deleted is all there is to say, and the caller knows it. */
const nothing: Translation = { toCore: () => ({}), fromCore: () => null };

/** Whoever hands a card out reads it in either layout and writes it anew. */
const aCard: Translation = {
  toCore: (result) => objectAt(result, root),
  fromCore: (result) => objectAt(result, root),
};

const results: Readonly<
  Record<Exclude<LegacyOperationName, 'SendStreamingMessage' | 'SubscribeToTask'>, Translation>
> = {
  SendMessage: { toCore: toCoreAnswer, fromCore: fromCoreAnswer },
  GetTask: aTask,
  CancelTask: aTask,
  CreateTaskPushNotificationConfig: aPushConfig,
  GetTaskPushNotificationConfig: aPushConfig,
  ListTaskPushNotificationConfigs: pushConfigs,
  DeleteTaskPushNotificationConfig: nothing,
  GetExtendedAgentCard: aCard,
};

/**
 * The `result` of an answer in 0.3 JSON-RPC as a result of core; absent is `undefined`.
 *
 * @throws GatewayError `upstream_response_invalid` where it cannot be read as 0.3
 * @throws TypeError for an operation that answers with a stream: its events are translated one by one
 */
export function toCoreResult(operation: Operation, result: unknown): JsonObject {
  return translationFor(operation).toCore(result);
}

/**
 * A result of core as the `result` of an answer in 0.3 JSON-RPC.
 *
 * @throws GatewayError `upstream_response_invalid` where it cannot be read as 1.0
 * @throws TypeError as {@link toCoreResult}
 */
export function fromCoreResult(operation: Operation, result: JsonObject): unknown {
  return translationFor(operation).fromCore(result);
}

function translationFor(operation: Operation): Translation {
  const name = legacyNameOf(operation);
  if (name === 'SendStreamingMessage' || name === 'SubscribeToTask')
    throw new TypeError(`${name} answers with events`);
  return results[name];
}
