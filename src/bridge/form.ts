import { isRecord } from '../protocol/json.ts';
import type { Operation } from '../protocol/operations.ts';
import type { JsonObject } from './core-call.ts';
import { invalidAnswer } from './invalid-answer.ts';

/**
 * How a version spells requests, results and events, seen from the form in the middle. All keep members they do not
 * know, and copy numbers without looking at them.
 *
 * Towards core they throw GatewayError: `parameter_invalid` for a request that cannot be read,
 * `upstream_response_invalid` for an answer that cannot.
 */
export interface Form {
  toCoreRequest(operation: Operation, request: JsonObject): JsonObject;
  fromCoreRequest(operation: Operation, request: JsonObject): JsonObject;
  /** @param result undefined and null are the empty result of a deletion */
  toCoreResult(operation: Operation, result: unknown): JsonObject;
  fromCoreResult(operation: Operation, result: JsonObject): unknown;
  toCoreEvent(event: unknown): JsonObject;
  /** @param isFinal nothing more comes on this stream; 1.0 has no word for it */
  fromCoreEvent(event: JsonObject, isFinal: boolean): JsonObject;
}

/** An answer that is no stream. To an operation that streams it is the one event an agent had to tell. */
export function toCoreAnswer(form: Form, operation: Operation, result: unknown): JsonObject {
  return operation.streams ? form.toCoreEvent(result) : form.toCoreResult(operation, result);
}

/** 1.0, which is the form in the middle. */
export const currentForm: Form = {
  toCoreRequest: (_, request) => request,
  fromCoreRequest: (_, request) => request,
  toCoreResult: ({ name }, result) => {
    return objectOf(name === 'DeleteTaskPushNotificationConfig' ? (result ?? {}) : result);
  },
  fromCoreResult: (_, result) => result,
  toCoreEvent: objectOf,
  fromCoreEvent: (event) => event,
};

function objectOf(value: unknown): JsonObject {
  if (!isRecord(value)) throw invalidAnswer('object');
  return value;
}
