import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import {
  AgentCard,
  CancelTaskRequest,
  DeleteTaskPushNotificationConfigRequest,
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
import { LegacyRestTransport } from '@a2a-js/sdk/compat/v0_3/client';
import { legacyRestRouter } from '@a2a-js/sdk/compat/v0_3/server/express';
import { UnsupportedOperationError } from '@a2a-js/sdk/errors';
import type { A2ARequestHandler } from '@a2a-js/sdk/server';
import { UserBuilder } from '@a2a-js/sdk/server/express';
import express from 'express';
import type { JsonObject } from './bridge-arbitraries.ts';
import type { LegacyOperation } from './legacy.ts';
import { cardAt } from './scripted-agent.ts';

/** The official SDK's HTTP+JSON of 0.3, server and client, with nothing behind: what it reads is remembered. */
export interface LegacyRestSdk {
  url: string;
  /** What the server has read since, in the JSON of 1.0. */
  read: JsonObject[];
  /** What it will answer, in the JSON of 1.0; events where it is a list. */
  answer: JsonObject | readonly JsonObject[];
  /** The HTTP exchanges of the client since. */
  exchanges: { method: string; target: string; body: string; answer: string }[];
  client: LegacyRestTransport;
  close(): Promise<void>;
}

/** A message of the SDK, from JSON and to it. */
interface Codec<T> {
  fromJSON(json: unknown): T;
  toJSON(value: T): unknown;
}

/** The JSON as the SDK reads and writes it: without what it does not know, and without defaults. */
export function throughSdk<T>({ fromJSON, toJSON }: Codec<T>, json: unknown): unknown {
  return JSON.parse(JSON.stringify(toJSON(fromJSON(json))));
}

/** The request of each operation, as {@link throughSdk} takes it. */
export const requestCodecs = {
  SendMessage: SendMessageRequest,
  SendStreamingMessage: SendMessageRequest,
  GetTask: GetTaskRequest,
  CancelTask: CancelTaskRequest,
  SubscribeToTask: SubscribeToTaskRequest,
  CreateTaskPushNotificationConfig: TaskPushNotificationConfig,
  GetTaskPushNotificationConfig: GetTaskPushNotificationConfigRequest,
  ListTaskPushNotificationConfigs: ListTaskPushNotificationConfigsRequest,
  DeleteTaskPushNotificationConfig: DeleteTaskPushNotificationConfigRequest,
} as const;

export type CodedOperation = keyof typeof requestCodecs;

export async function startLegacyRestSdk(): Promise<LegacyRestSdk> {
  const app = express();
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // A TCP server that listens has one.
  const sdk: LegacyRestSdk = {
    url,
    read: [],
    answer: {},
    exchanges: [],
    client: new LegacyRestTransport({
      endpoint: url,
      async fetchImpl(target, init) {
        const response = await fetch(target, init);
        sdk.exchanges.push({
          method: init?.method ?? 'GET',
          target: String(target).slice(url.length),
          body: String(init?.body ?? ''),
          answer: await response.clone().text(),
        });
        return response;
      },
    }),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  const requestHandler = handlerOf(sdk);
  app.use(legacyRestRouter({ requestHandler, userBuilder: UserBuilder.noAuthentication }));
  return sdk;
}

function handlerOf(sdk: LegacyRestSdk): A2ARequestHandler {
  const protocol = { protocolBinding: 'HTTP+JSON', protocolVersion: '0.3' };
  const card = AgentCard.fromJSON({
    ...cardAt(sdk.url),
    supportedInterfaces: [{ url: sdk.url, ...protocol }],
  });
  const reads = <T>(codec: Codec<T>, request: T): void =>
    void sdk.read.push(codec.toJSON(request) as JsonObject);
  const answers =
    <T, R>(request: Codec<T>, result: Codec<R>) =>
    async (given: T): Promise<R> => {
      reads(request, given);
      return result.fromJSON(sdk.answer);
    };
  const streams = <T>(request: Codec<T>) =>
    async function* (given: T): AsyncGenerator<StreamResponse, void, undefined> {
      reads(request, given);
      for (const event of sdk.answer as readonly JsonObject[]) yield StreamResponse.fromJSON(event);
    };
  return {
    getAgentCard: async () => card,
    getAuthenticatedExtendedAgentCard: async () => card,
    async sendMessage(given) {
      reads(SendMessageRequest, given);
      const { task, message } = sdk.answer as JsonObject;
      return task === undefined ? Message.fromJSON(message) : Task.fromJSON(task);
    },
    sendMessageStream: streams(SendMessageRequest),
    getTask: answers(GetTaskRequest, Task),
    cancelTask: answers(CancelTaskRequest, Task),
    resubscribe: streams(SubscribeToTaskRequest),
    createTaskPushNotificationConfig: answers(TaskPushNotificationConfig, TaskPushNotificationConfig),
    getTaskPushNotificationConfig: answers(GetTaskPushNotificationConfigRequest, TaskPushNotificationConfig),
    listTaskPushNotificationConfigs: answers(
      ListTaskPushNotificationConfigsRequest,
      ListTaskPushNotificationConfigsResponse,
    ),
    deleteTaskPushNotificationConfig: async (given) => reads(DeleteTaskPushNotificationConfigRequest, given),
    listTasks: () => Promise.reject(new UnsupportedOperationError('0.3 lists no tasks')),
  };
}

/** Calls an operation through the SDK's client. Answers what it makes of the answer, in the JSON of 1.0. */
export async function callThroughSdk(
  { client }: LegacyRestSdk,
  operation: Exclude<LegacyOperation, 'GetExtendedAgentCard'>,
  request: JsonObject,
): Promise<unknown> {
  switch (operation) {
    case 'SendMessage': {
      const result = await client.sendMessage(SendMessageRequest.fromJSON(request));
      return 'messageId' in result ? { message: Message.toJSON(result) } : { task: Task.toJSON(result) };
    }
    case 'SendStreamingMessage':
      return eventsOf(client.sendMessageStream(SendMessageRequest.fromJSON(request)));
    case 'SubscribeToTask':
      return eventsOf(client.resubscribeTask(SubscribeToTaskRequest.fromJSON(request)));
    case 'GetTask':
      return Task.toJSON(await client.getTask(GetTaskRequest.fromJSON(request)));
    case 'CancelTask':
      return Task.toJSON(await client.cancelTask(CancelTaskRequest.fromJSON(request)));
    case 'CreateTaskPushNotificationConfig': {
      const config = TaskPushNotificationConfig.fromJSON(request);
      return TaskPushNotificationConfig.toJSON(await client.createTaskPushNotificationConfig(config));
    }
    case 'GetTaskPushNotificationConfig': {
      const config = GetTaskPushNotificationConfigRequest.fromJSON(request);
      return TaskPushNotificationConfig.toJSON(await client.getTaskPushNotificationConfig(config));
    }
    case 'ListTaskPushNotificationConfigs': {
      const list = ListTaskPushNotificationConfigsRequest.fromJSON(request);
      const listed = await client.listTaskPushNotificationConfig(list);
      return ListTaskPushNotificationConfigsResponse.toJSON(listed);
    }
    case 'DeleteTaskPushNotificationConfig':
      await client.deleteTaskPushNotificationConfig(
        DeleteTaskPushNotificationConfigRequest.fromJSON(request),
      );
      return {};
  }
}

async function eventsOf(stream: AsyncIterable<StreamResponse>): Promise<unknown[]> {
  const events: unknown[] = [];
  for await (const event of stream) events.push(StreamResponse.toJSON(event));
  return events;
}
