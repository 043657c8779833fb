import {
  CancelTaskRequest,
  DeleteTaskPushNotificationConfigRequest,
  GetExtendedAgentCardRequest,
  GetTaskPushNotificationConfigRequest,
  GetTaskRequest,
  ListTaskPushNotificationConfigsRequest,
  ListTaskPushNotificationConfigsResponse,
  Message,
  SendMessageRequest,
  StreamResponse,
  SubscribeToTaskRequest,
  Task,
  TaskPushNotificationConfig,
} from '@a2a-js/sdk';
import { LegacyJsonRpcTransport } from '@a2a-js/sdk/compat/v0_3/client';
import { LegacyJsonRpcTransportHandler } from '@a2a-js/sdk/compat/v0_3/server';
import { type A2ARequestHandler, ServerCallContext } from '@a2a-js/sdk/server';
import { isRecord } from '../../src/protocol/json.ts';
import type { JsonObject } from './bridge-arbitraries.ts';
import { type LegacyOperation, legacyMethod } from './legacy.ts';

/** The official SDK's bridge between 0.3 JSON-RPC and 1.0, made to say what it translates. */

/** Its card is left out: the gateway reads cards in either version by itself. */
export type Compared = Exclude<LegacyOperation, 'GetExtendedAgentCard'>;

/** Of one of the SDK's types. Which, is its own business: what it writes is what itself or the SDK made for it. */
interface Codec {
  fromJSON(value: unknown): unknown;
  toJSON(value: unknown): unknown;
}

const requestCodecs: Readonly<Record<LegacyOperation, Codec>> = {
  SendMessage: SendMessageRequest,
  SendStreamingMessage: SendMessageRequest,
  GetTask: GetTaskRequest,
  CancelTask: CancelTaskRequest,
  SubscribeToTask: SubscribeToTaskRequest,
  CreateTaskPushNotificationConfig: TaskPushNotificationConfig,
  GetTaskPushNotificationConfig: GetTaskPushNotificationConfigRequest,
  ListTaskPushNotificationConfigs: ListTaskPushNotificationConfigsRequest,
  DeleteTaskPushNotificationConfig: DeleteTaskPushNotificationConfigRequest,
  GetExtendedAgentCard: GetExtendedAgentCardRequest,
};

/** That of a send is one of two: see {@link answerCodec}. */
const answerCodecs: Readonly<Record<Exclude<Compared, 'SendMessage'>, Codec>> = {
  SendStreamingMessage: StreamResponse,
  SubscribeToTask: StreamResponse,
  GetTask: Task,
  CancelTask: Task,
  CreateTaskPushNotificationConfig: TaskPushNotificationConfig,
  GetTaskPushNotificationConfig: TaskPushNotificationConfig,
  ListTaskPushNotificationConfigs: ListTaskPushNotificationConfigsResponse,
  DeleteTaskPushNotificationConfig: { fromJSON: () => undefined, toJSON: () => ({}) },
};

function answerCodec(operation: Compared, isMessage: boolean): Codec {
  return operation === 'SendMessage' ? (isMessage ? Message : Task) : answerCodecs[operation];
}

/** A request of core as the SDK reads and writes it. */
export function requestBySdk(operation: LegacyOperation, request: unknown): unknown {
  const codec = requestCodecs[operation];
  return codec.toJSON(codec.fromJSON(request));
}

/** An answer or event of core as the SDK reads and writes it. */
export function answerBySdk(operation: Compared, answer: JsonObject): unknown {
  const { codec, inner, wrapped } = unwrapped(operation, answer);
  return wrapped(codec.toJSON(codec.fromJSON(inner)));
}

/** The SDK knows no object around the answer to a send. */
function unwrapped(operation: Compared, answer: JsonObject) {
  const member = 'message' in answer ? 'message' : 'task';
  const codec = answerCodec(operation, member === 'message');
  if (operation !== 'SendMessage') return { codec, inner: answer, wrapped: (value: unknown) => value };
  return { codec, inner: answer[member], wrapped: (value: unknown): unknown => ({ [member]: value }) };
}

/** The SDK's server of 0.3: the request it hands on for `params`, and the `result` it makes of an answer of core. */
export async function bySdkServer(
  operation: Compared,
  params: JsonObject,
  answer: JsonObject,
): Promise<{ request: unknown; result: unknown }> {
  const { codec, inner } = unwrapped(operation, answer);
  const requests: unknown[] = [];
  const handler = new LegacyJsonRpcTransportHandler(handlerOf(requests, codec.fromJSON(inner)));
  const call = { jsonrpc: '2.0', id: 1, method: legacyMethod(operation), params };
  const handled: unknown = await handler.handle(call, new ServerCallContext());
  const response = isAsyncIterable(handled) ? await firstOf(handled) : handled;
  if (!isRecord(response) || !('result' in response)) throw new Error(JSON.stringify(response));
  return {
    request: requestCodecs[operation].toJSON(requests[0]),
    result: plain(response.result),
  };
}

/** Whatever is asked of it, it notes the request and gives the answer. */
function handlerOf(requests: unknown[], answer: unknown): A2ARequestHandler {
  const streaming = async function* (request: unknown) {
    requests.push(request);
    yield answer;
  };
  const once = async (request: unknown) => {
    requests.push(request);
    return answer;
  };
  const methods: Record<string, unknown> = {
    getAgentCard: async () => ({ capabilities: { streaming: true, pushNotifications: true } }),
    sendMessageStream: streaming,
    resubscribe: streaming,
  };
  const handler: object = new Proxy({}, { get: (_, name) => methods[String(name)] ?? once });
  return handler as A2ARequestHandler; // Of every method of it the above is true.
}

/** The SDK's client of 0.3: the `params` it sends for a request of core, and the answer it reads in a `result`. */
export async function bySdkClient(
  operation: Compared,
  request: unknown,
  result: unknown,
): Promise<{ params: unknown; answer: unknown }> {
  let params: unknown;
  const transport = new LegacyJsonRpcTransport({
    endpoint: 'http://agent.test/',
    fetchImpl: async (_, init) => {
      const call = JSON.parse(String(init?.body));
      params = call.params;
      return answering(operation, { jsonrpc: '2.0', id: call.id, result });
    },
  });
  const made = requestCodecs[operation].fromJSON(request);
  const called = calls[operation](transport, made as never); // The operation's codec made it for its method.
  const read: unknown = await (isAsyncIterable(called) ? firstOf(called) : called);
  const isMessage = isRecord(result) && result.kind === 'message';
  const { wrapped, codec } = unwrapped(operation, { [isMessage ? 'message' : 'task']: null });
  return { params, answer: wrapped(codec.toJSON(read)) };
}

function answering(operation: Compared, response: unknown): Response {
  const body = JSON.stringify(response);
  return operation === 'SendStreamingMessage' || operation === 'SubscribeToTask'
    ? new Response(`data: ${body}\n\n`, { headers: { 'content-type': 'text/event-stream' } })
    : new Response(body, { headers: { 'content-type': 'application/json' } });
}

type Call = (transport: LegacyJsonRpcTransport, request: never) => unknown;

const calls: Readonly<Record<Compared, Call>> = {
  SendMessage: (transport, request) => transport.sendMessage(request),
  SendStreamingMessage: (transport, request) => transport.sendMessageStream(request),
  GetTask: (transport, request) => transport.getTask(request),
  CancelTask: (transport, request) => transport.cancelTask(request),
  SubscribeToTask: (transport, request) => transport.resubscribeTask(request),
  CreateTaskPushNotificationConfig: (transport, request) =>
    transport.createTaskPushNotificationConfig(request),
  GetTaskPushNotificationConfig: (transport, request) => transport.getTaskPushNotificationConfig(request),
  ListTaskPushNotificationConfigs: (transport, request) => transport.listTaskPushNotificationConfig(request),
  DeleteTaskPushNotificationConfig: (transport, request) =>
    transport.deleteTaskPushNotificationConfig(request),
};

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

async function firstOf(items: AsyncIterable<unknown>): Promise<unknown> {
  for await (const item of items) return item;
  return undefined;
}

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
