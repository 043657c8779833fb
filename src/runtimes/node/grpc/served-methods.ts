import type { CoreAnswer, JsonObject } from '../../../bridge/core-call.ts';
import { withFinal } from '../../../bridge/events.ts';
import { legacyProtoForm } from '../../../bridge/v0_3/proto/form.ts';
import { type GrpcMethod, grpcMethods } from '../../../grpc/methods.ts';
import { type Operation, operationOf } from '../../../protocol/operations.ts';
import type { ServedVersion } from '../../../protocol/version.ts';
import { toLegacyProtoCard } from './legacy-card.ts';

/** A method as it is served: bytes on one side, ProtoJSON of A2A 1.0 on the other, whatever version it is of. */
export interface ServedMethod {
  path: string;
  operation: Operation;
  /** Which its caller speaks. */
  version: ServedVersion;
  /** Of the metadata that names the extensions an agent activated. */
  extensionsKey: 'a2a-extensions' | 'x-a2a-extensions';
  /** @throws GatewayError `body_malformed`, `parameter_invalid` */
  readRequest(bytes: Uint8Array): JsonObject;
  /**
   * The result, or all events, as messages.
   * @throws GatewayError `upstream_response_invalid`, and whatever the results throw
   */
  writeResults(results: AsyncIterable<JsonObject>): AsyncIterable<Uint8Array>;
}

export const servedMethods: readonly ServedMethod[] = [
  ...grpcMethods('1.0').map(current),
  ...grpcMethods('0.3').map(legacy),
];

function current({ path, operation, decodeRequest, encodeResult }: GrpcMethod): ServedMethod {
  return {
    path,
    operation: operationOf(operation),
    version: '1.0',
    extensionsKey: 'a2a-extensions',
    readRequest: decodeRequest,
    async *writeResults(results) {
      for await (const result of results) yield encodeResult(result);
    },
  };
}

/** 0.3 by way of 1.0: the core is asked in 1.0 alone, so that what is said of an error or a card is said once. */
function legacy(method: GrpcMethod): ServedMethod {
  const operation = operationOf(method.operation);
  return {
    path: method.path,
    operation,
    version: '0.3',
    extensionsKey: 'x-a2a-extensions',
    readRequest: (bytes) => legacyProtoForm.toCoreRequest(operation, method.decodeRequest(bytes)),
    writeResults: (results) => (method.streams ? events(results) : single(results)),
  };

  async function* events(results: AsyncIterable<JsonObject>): AsyncGenerator<Uint8Array> {
    for await (const { event, isFinal } of withFinal(asAnswers(results)))
      if (event.ok) yield method.encodeResult(legacyProtoForm.fromCoreEvent(event.result, isFinal));
  }

  async function* single(results: AsyncIterable<JsonObject>): AsyncGenerator<Uint8Array> {
    for await (const result of results) yield method.encodeResult(legacyResult(operation, result));
  }
}

async function* asAnswers(results: AsyncIterable<JsonObject>): AsyncGenerator<CoreAnswer> {
  for await (const result of results) yield { ok: true, result };
}

function legacyResult(operation: Operation, result: JsonObject): JsonObject {
  if (operation.capability === 'extendedAgentCard') return toLegacyProtoCard(result);
  return legacyProtoForm.fromCoreResult(operation, result) as JsonObject; // Every message is an object.
}
