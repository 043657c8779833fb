import type { OperationName } from '../../src/protocol/operations.ts';
import { hookUrl } from './bindings.ts';
import { rpc, type TestGateway } from './gateway.ts';
import { cardAt } from './scripted-agent.ts';

/** Calls in JSON-RPC of 0.3, to an agent whose card is one of {@link legacyCardAt}. */

/** As {@link cardAt}, of an agent that speaks 0.3 alone. */
export function legacyCardAt(url: string, members: Record<string, unknown> = {}): Record<string, unknown> {
  const { supportedInterfaces: _, ...same } = cardAt(url);
  return {
    ...same,
    protocolVersion: '0.3.0',
    url: `${url}/a2a`,
    preferredTransport: 'JSONRPC',
    capabilities: { streaming: true, pushNotifications: true },
    supportsAuthenticatedExtendedCard: true,
    ...members,
  };
}

export const legacyMessage = {
  kind: 'message',
  messageId: 'm-1',
  role: 'user',
  parts: [{ kind: 'text', text: 'hello' }],
};

export type LegacyOperation = Exclude<OperationName, 'ListTasks'>;

/** What each operation needs at least. */
const calls: Readonly<Record<LegacyOperation, readonly [method: string, params: Record<string, unknown>]>> = {
  SendMessage: ['message/send', { message: legacyMessage }],
  SendStreamingMessage: ['message/stream', { message: legacyMessage }],
  GetTask: ['tasks/get', { id: 't-1' }],
  CancelTask: ['tasks/cancel', { id: 't-1' }],
  SubscribeToTask: ['tasks/resubscribe', { id: 't-1' }],
  CreateTaskPushNotificationConfig: [
    'tasks/pushNotificationConfig/set',
    { taskId: 't-1', pushNotificationConfig: { id: 'c-1', url: hookUrl } },
  ],
  GetTaskPushNotificationConfig: [
    'tasks/pushNotificationConfig/get',
    { id: 't-1', pushNotificationConfigId: 'c-1' },
  ],
  ListTaskPushNotificationConfigs: ['tasks/pushNotificationConfig/list', { id: 't-1' }],
  DeleteTaskPushNotificationConfig: [
    'tasks/pushNotificationConfig/delete',
    { id: 't-1', pushNotificationConfigId: 'c-1' },
  ],
  GetExtendedAgentCard: ['agent/getAuthenticatedExtendedCard', {}],
};

export const legacyOperations = Object.keys(calls) as readonly LegacyOperation[];

/** The JSON-RPC method of an operation in 0.3. */
export function legacyMethod(operation: LegacyOperation): string {
  return calls[operation][0];
}

/** Calls an operation of 0.3 under id 1, with no version, as clients of 0.3 do. */
export function legacyCall(
  gateway: Pick<TestGateway, 'fetch'>,
  operation: LegacyOperation,
  { agentId = 'veteran', params = calls[operation][1] }: { agentId?: string; params?: unknown } = {},
): Promise<Response> {
  return legacyRpc(gateway, rpc(legacyMethod(operation), params), agentId);
}

/** Sends a request without a version: an empty header counts as none (A2A §3.6.2). */
export function legacyRpc(
  gateway: Pick<TestGateway, 'fetch'>,
  request: RequestInit,
  agentId = 'veteran',
): Promise<Response> {
  const headers = new Headers(request.headers);
  headers.set('a2a-version', '');
  return gateway.fetch(`/agents/${agentId}`, { ...request, headers });
}
