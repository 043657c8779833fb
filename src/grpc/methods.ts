import { GatewayError } from '../failure.ts';
import { type OperationName, operations } from '../protocol/operations.ts';
import type { ServedVersion } from '../protocol/version.ts';
import { decodeMessage } from './decode.ts';
import { encodeMessage } from './encode.ts';
import * as v1 from './messages.ts';
import * as v0_3 from './messages-v0_3.ts';
import { type MessageType, ProtoError } from './schema.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * An operation as gRPC has it (A2A §10, 0.3 §10): its path, and its messages between bytes and the ProtoJSON of that
 * version. The result of a deletion is an empty object.
 */
export interface GrpcMethod {
  operation: OperationName;
  version: ServedVersion;
  /** `/package.Service/Method`. */
  path: string;
  /** Whether the agent answers with many messages, each an event. */
  streams: boolean;
  /** @throws GatewayError `parameter_invalid` for a member that is not of its field's type */
  encodeRequest(request: Json): Uint8Array<ArrayBuffer>;
  /** @throws GatewayError `body_malformed` */
  decodeRequest(bytes: Uint8Array): Json;
  /** A result or one event. @throws GatewayError `upstream_response_invalid` */
  encodeResult(result: Json): Uint8Array<ArrayBuffer>;
  /** @throws GatewayError `upstream_response_invalid` */
  decodeResult(bytes: Uint8Array): Json;
}

type Messages = readonly [method: string, request: MessageType, result: MessageType];

const messages1_0: Readonly<Record<OperationName, Messages>> = {
  SendMessage: ['SendMessage', v1.sendMessageRequest, v1.sendMessageResponse],
  SendStreamingMessage: ['SendStreamingMessage', v1.sendMessageRequest, v1.streamResponse],
  GetTask: ['GetTask', v1.getTaskRequest, v1.task],
  ListTasks: ['ListTasks', v1.listTasksRequest, v1.listTasksResponse],
  CancelTask: ['CancelTask', v1.cancelTaskRequest, v1.task],
  SubscribeToTask: ['SubscribeToTask', v1.subscribeToTaskRequest, v1.streamResponse],
  CreateTaskPushNotificationConfig: ['CreateTaskPushNotificationConfig', v1.pushConfig, v1.pushConfig],
  GetTaskPushNotificationConfig: ['GetTaskPushNotificationConfig', v1.pushConfigRequest, v1.pushConfig],
  ListTaskPushNotificationConfigs: [
    'ListTaskPushNotificationConfigs',
    v1.listPushConfigsRequest,
    v1.listPushConfigsResponse,
  ],
  DeleteTaskPushNotificationConfig: ['DeleteTaskPushNotificationConfig', v1.pushConfigRequest, v1.empty],
  GetExtendedAgentCard: ['GetExtendedAgentCard', v1.extendedCardRequest, v1.agentCard],
};

/** Listing tasks is not among them: 0.3 has no such method. */
const messages0_3: Readonly<Partial<Record<OperationName, Messages>>> = {
  SendMessage: ['SendMessage', v0_3.sendMessageRequest, v0_3.sendMessageResponse],
  SendStreamingMessage: ['SendStreamingMessage', v0_3.sendMessageRequest, v0_3.streamResponse],
  GetTask: ['GetTask', v0_3.getTaskRequest, v0_3.task],
  CancelTask: ['CancelTask', v0_3.nameRequest, v0_3.task],
  SubscribeToTask: ['TaskSubscription', v0_3.nameRequest, v0_3.streamResponse],
  CreateTaskPushNotificationConfig: [
    'CreateTaskPushNotificationConfig',
    v0_3.createPushConfigRequest,
    v0_3.pushConfig,
  ],
  GetTaskPushNotificationConfig: ['GetTaskPushNotificationConfig', v0_3.nameRequest, v0_3.pushConfig],
  ListTaskPushNotificationConfigs: [
    'ListTaskPushNotificationConfig',
    v0_3.listPushConfigsRequest,
    v0_3.listPushConfigsResponse,
  ],
  DeleteTaskPushNotificationConfig: ['DeleteTaskPushNotificationConfig', v0_3.nameRequest, v1.empty],
  GetExtendedAgentCard: ['GetAgentCard', v1.empty, v0_3.agentCard],
};

const services = {
  '1.0': ['lf.a2a.v1.A2AService', messages1_0],
  '0.3': ['a2a.v1.A2AService', messages0_3],
} as const satisfies Record<ServedVersion, unknown>;

/** Every method of a version, in the order of the operations. */
export function grpcMethods(version: ServedVersion): readonly GrpcMethod[] {
  return methods[version];
}

/** Absent where that version has no such operation. */
export function grpcMethod(operation: OperationName, version: ServedVersion): GrpcMethod | undefined {
  return methods[version].find((method) => method.operation === operation);
}

const methods: Readonly<Record<ServedVersion, readonly GrpcMethod[]>> = {
  '1.0': methodsOf('1.0'),
  '0.3': methodsOf('0.3'),
};

function methodsOf(version: ServedVersion): GrpcMethod[] {
  const [service, messages] = services[version];
  const byOperation: Readonly<Partial<Record<OperationName, Messages>>> = messages;
  return operations.flatMap(({ name, streams }) => {
    const found = byOperation[name];
    if (found === undefined) return [];
    const [method, request, result] = found;
    return { operation: name, version, path: `/${service}/${method}`, streams, ...codecs(request, result) };
  });
}

type Codecs = Pick<GrpcMethod, 'encodeRequest' | 'decodeRequest' | 'encodeResult' | 'decodeResult'>;

function codecs(request: MessageType, result: MessageType): Codecs {
  return {
    encodeRequest: (json) => or(requestRefused, () => encodeMessage(request, json)),
    decodeRequest: (bytes) => or(requestUnreadable, () => decodeMessage(request, bytes)),
    encodeResult: (json) => or(resultInvalid, () => encodeMessage(result, json)),
    decodeResult: (bytes) => or(resultInvalid, () => decodeMessage(result, bytes)),
  };
}

function or<T>(failed: (error: ProtoError) => GatewayError, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof ProtoError ? failed(error) : error;
  }
}

/** A path quotes names of the caller's choice: of so many characters at most. */
const maxPathChars = 128;

function requestRefused(cause: ProtoError): GatewayError {
  const parameter = cause.path.slice(0, maxPathChars);
  return new GatewayError({ code: 'parameter_invalid', parameter, problem: cause.problem }, { cause });
}

function requestUnreadable(cause: ProtoError): GatewayError {
  return new GatewayError({ code: 'body_malformed', problem: cause.problem }, { cause });
}

function resultInvalid(cause: ProtoError): GatewayError {
  return new GatewayError({ code: 'upstream_response_invalid', problem: 'protobuf' }, { cause });
}
