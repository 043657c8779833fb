import type { Cell } from '../requirements/clause.ts';
import { message, hookUrl as url } from './bindings.ts';
import type { TestGateway } from './gateway.ts';
import { type LegacyOperation, legacyMessage } from './legacy.ts';

/** Calls of 0.3 by its proto, as HTTP+JSON and gRPC have them. */

type Json = Readonly<Record<string, unknown>>;

export const protoMessage = { messageId: 'm-1', role: 'ROLE_USER', content: [{ text: 'hello' }] };
const configName = 'tasks/t-1/pushNotificationConfigs/c-1';

/** What each operation needs at least, as gRPC names it. */
export const legacyNamed: Readonly<Record<LegacyOperation, Json>> = {
  SendMessage: { message: protoMessage },
  SendStreamingMessage: { message: protoMessage },
  GetTask: { name: 'tasks/t-1' },
  CancelTask: { name: 'tasks/t-1' },
  SubscribeToTask: { name: 'tasks/t-1' },
  CreateTaskPushNotificationConfig: {
    parent: 'tasks/t-1',
    configId: 'c-1',
    config: { name: configName, pushNotificationConfig: { id: 'c-1', url } },
  },
  GetTaskPushNotificationConfig: { name: configName },
  ListTaskPushNotificationConfigs: { parent: 'tasks/t-1' },
  DeleteTaskPushNotificationConfig: { name: configName },
  GetExtendedAgentCard: {},
};

const configs = '/v1/tasks/t-1/pushNotificationConfigs';

const rest: Readonly<Record<LegacyOperation, readonly [method: string, path: string, body?: Json]>> = {
  SendMessage: ['POST', '/v1/message:send', { message: protoMessage }],
  SendStreamingMessage: ['POST', '/v1/message:stream', { message: protoMessage }],
  GetTask: ['GET', '/v1/tasks/t-1'],
  CancelTask: ['POST', '/v1/tasks/t-1:cancel', {}],
  SubscribeToTask: ['POST', '/v1/tasks/t-1:subscribe', {}],
  CreateTaskPushNotificationConfig: ['POST', configs, { pushNotificationConfig: { id: 'c-1', url } }],
  GetTaskPushNotificationConfig: ['GET', `${configs}/c-1`],
  ListTaskPushNotificationConfigs: ['GET', configs],
  DeleteTaskPushNotificationConfig: ['DELETE', `${configs}/c-1`],
  GetExtendedAgentCard: ['GET', '/v1/card'],
};

/** Calls an operation in HTTP+JSON of 0.3, with no version. @param params the body of an operation that has one */
export function legacyRestCall(
  gateway: Pick<TestGateway, 'fetch'>,
  operation: LegacyOperation,
  { agentId = 'elder', params }: { agentId?: string; params?: Json } = {},
): Promise<Response> {
  const [method, path, least] = rest[operation];
  const body = params ?? least;
  return gateway.fetch(`/agents/${agentId}${path}`, {
    method,
    headers: { 'a2a-version': '', 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

/** A message that brings its push configuration, by the names that readers of a cell know for it. */
export const inlinePushes: Readonly<Record<Cell, readonly Json[]>> = {
  'JSON-RPC 1.0': [{ message, configuration: { taskPushNotificationConfig: { url } } }],
  'HTTP+JSON 1.0': [{ message, configuration: { taskPushNotificationConfig: { url } } }],
  'gRPC 1.0': [{ message, configuration: { taskPushNotificationConfig: { url } } }],
  'JSON-RPC 0.3': [{ message: legacyMessage, configuration: { pushNotificationConfig: { url } } }],
  'HTTP+JSON 0.3': [
    { message: protoMessage, configuration: { pushNotification: { url } } },
    { request: protoMessage, configuration: { push_notification: { url } } },
    { message: protoMessage, configuration: { pushNotificationConfig: { url } } },
  ],
  'gRPC 0.3': [{ message: protoMessage, configuration: { pushNotification: { url } } }],
};
