import { expect } from 'vitest';
import type { OperationName } from '../../src/protocol/operations.ts';
import { rpc, type TestGateway } from './gateway.ts';

/** The same calls and the same refusals in both bindings, so that a test says once what holds for each. */
export const bindings = ['JSON-RPC', 'HTTP+JSON'] as const;
export type Binding = (typeof bindings)[number];

/** A webhook that gateways of tests may call, and that nobody does. */
export const hookUrl = 'https://127.0.0.1/1';

export const message = { messageId: 'm-1', role: 'ROLE_USER', parts: [{ text: 'hello' }] };

type RestCall = readonly [method: string, path: string];

/** What each operation needs at least, and how it is spelled in HTTP+JSON. */
const calls: Readonly<Record<OperationName, { params: Record<string, unknown>; rest: RestCall }>> = {
  SendMessage: { params: { message }, rest: ['POST', '/message:send'] },
  SendStreamingMessage: { params: { message }, rest: ['POST', '/message:stream'] },
  GetTask: { params: { id: 't-1' }, rest: ['GET', '/tasks/t-1'] },
  ListTasks: { params: {}, rest: ['GET', '/tasks'] },
  CancelTask: { params: { id: 't-1' }, rest: ['POST', '/tasks/t-1:cancel'] },
  SubscribeToTask: { params: { id: 't-1' }, rest: ['POST', '/tasks/t-1:subscribe'] },
  CreateTaskPushNotificationConfig: {
    params: { taskId: 't-1', id: 'c-1', url: hookUrl },
    rest: ['POST', '/tasks/t-1/pushNotificationConfigs'],
  },
  GetTaskPushNotificationConfig: {
    params: { taskId: 't-1', id: 'c-1' },
    rest: ['GET', '/tasks/t-1/pushNotificationConfigs/c-1'],
  },
  ListTaskPushNotificationConfigs: {
    params: { taskId: 't-1' },
    rest: ['GET', '/tasks/t-1/pushNotificationConfigs'],
  },
  DeleteTaskPushNotificationConfig: {
    params: { taskId: 't-1', id: 'c-1' },
    rest: ['DELETE', '/tasks/t-1/pushNotificationConfigs/c-1'],
  },
  GetExtendedAgentCard: { params: {}, rest: ['GET', '/extendedAgentCard'] },
};

/** What an operation needs at least. */
export function leastParams(operation: OperationName): Record<string, unknown> {
  return calls[operation].params;
}

/** Those that the gateway answers by itself: the agent is not asked. */
export const answeredHere: readonly OperationName[] = [
  'GetTaskPushNotificationConfig',
  'ListTaskPushNotificationConfigs',
];

export const operationNames = Object.keys(calls) as readonly OperationName[];

export interface CallOptions extends RequestInit {
  /** Default `agent`. */
  agentId?: string;
  /** In place of the least the operation needs. */
  params?: Record<string, unknown>;
}

/** Calls an operation through the gateway; in JSON-RPC under id 1. */
export function call(
  gateway: Pick<TestGateway, 'fetch'>,
  binding: Binding,
  operation: OperationName,
  { agentId = 'agent', params = calls[operation].params, ...init }: CallOptions = {},
): Promise<Response> {
  if (binding === 'JSON-RPC')
    return gateway.fetch(`/agents/${agentId}`, { ...rpc(operation, params), ...init });
  const [method, path] = calls[operation].rest;
  // What a list is asked by stands in no path.
  const query = operation === 'ListTasks' ? queryOf(params) : '';
  const withBody = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(params) };
  return gateway.fetch(`/agents/${agentId}${path}${query}`, {
    method,
    ...(method === 'POST' && withBody),
    ...init,
  });
}

function queryOf(params: Record<string, unknown>): string {
  const query = new URLSearchParams(Object.entries(params).map(([name, value]) => [name, String(value)]));
  return query.size === 0 ? '' : `?${query}`;
}

/** An agent's answer to a {@link call}: the result, in JSON-RPC inside its envelope. */
export function success(binding: Binding, result: unknown): string {
  return JSON.stringify(binding === 'JSON-RPC' ? { jsonrpc: '2.0', id: 1, result } : result);
}

export interface Refusal {
  rpc: readonly [httpStatus: number, code: number];
  rest: readonly [httpStatus: number, status: string];
}

/** What callers rely on, by ErrorInfo reason. */
const refusals: Readonly<Record<string, Refusal>> = {
  TOKEN_MISSING: { rpc: [401, -32090], rest: [401, 'UNAUTHENTICATED'] },
  TOKEN_INVALID: { rpc: [401, -32090], rest: [401, 'UNAUTHENTICATED'] },
  AGENT_FORBIDDEN: { rpc: [403, -32091], rest: [403, 'PERMISSION_DENIED'] },
  OPERATION_FORBIDDEN: { rpc: [403, -32091], rest: [403, 'PERMISSION_DENIED'] },
  SKILL_FORBIDDEN: { rpc: [403, -32091], rest: [403, 'PERMISSION_DENIED'] },
  LIMIT_EXCEEDED: { rpc: [429, -32096], rest: [429, 'RESOURCE_EXHAUSTED'] },
  AGENT_INACTIVE: { rpc: [503, -32095], rest: [503, 'UNAVAILABLE'] },
  TASK_NOT_FOUND: { rpc: [200, -32001], rest: [404, 'NOT_FOUND'] },
  UNSUPPORTED_OPERATION: { rpc: [200, -32004], rest: [400, 'FAILED_PRECONDITION'] },
  CONTEXT_REFUSED: { rpc: [200, -32602], rest: [400, 'INVALID_ARGUMENT'] },
  PUSH_NOTIFICATION_NOT_SUPPORTED: { rpc: [200, -32003], rest: [400, 'FAILED_PRECONDITION'] },
  WEBHOOK_REFUSED: { rpc: [200, -32602], rest: [400, 'INVALID_ARGUMENT'] },
  MEMBER_REFUSED: { rpc: [200, -32602], rest: [400, 'INVALID_ARGUMENT'] },
  INVALID_AGENT_RESPONSE: { rpc: [200, -32006], rest: [500, 'INTERNAL'] },
  UPSTREAM_UNREACHABLE: { rpc: [200, -32093], rest: [502, 'UNAVAILABLE'] },
  UPSTREAM_TLS_FAILED: { rpc: [200, -32093], rest: [502, 'UNAVAILABLE'] },
  UPSTREAM_RESET: { rpc: [200, -32093], rest: [502, 'UNAVAILABLE'] },
  UPSTREAM_REDIRECTED: { rpc: [200, -32093], rest: [502, 'UNAVAILABLE'] },
  UPSTREAM_UNAUTHORIZED: { rpc: [200, -32093], rest: [502, 'UNAVAILABLE'] },
  CREDENTIAL_UNAVAILABLE: { rpc: [200, -32093], rest: [502, 'UNAVAILABLE'] },
  UPSTREAM_TIMEOUT: { rpc: [200, -32094], rest: [504, 'DEADLINE_EXCEEDED'] },
  UPSTREAM_STALLED: { rpc: [200, -32094], rest: [504, 'DEADLINE_EXCEEDED'] },
  STORE_UNAVAILABLE: { rpc: [503, -32095], rest: [503, 'UNAVAILABLE'] },
  AGENT_OVERLOADED: { rpc: [503, -32095], rest: [503, 'UNAVAILABLE'] },
  AGENT_CIRCUIT_OPEN: { rpc: [503, -32095], rest: [503, 'UNAVAILABLE'] },
  UPSTREAM_UNAVAILABLE: { rpc: [503, -32093], rest: [503, 'UNAVAILABLE'] },
};

const protocolReasons = [
  'TASK_NOT_FOUND',
  'UNSUPPORTED_OPERATION',
  'PUSH_NOTIFICATION_NOT_SUPPORTED',
  'INVALID_AGENT_RESPONSE',
];

/** The domain of a reason. */
export function domainOfReason(reason: string): string {
  return protocolReasons.includes(reason) ? 'a2a-protocol.org' : 'a2a-gateway';
}

/** The error body of a refusal; its prose is left open. */
function refusalBody(binding: Binding, reason: string, metadata: Record<string, string> = {}): object {
  const { rpc, rest } = refusalOf(reason);
  const info = {
    '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
    reason,
    domain: domainOfReason(reason),
    metadata,
  };
  const text: unknown = expect.any(String);
  if (binding === 'JSON-RPC')
    return { jsonrpc: '2.0', id: 1, error: { code: rpc[1], message: text, data: [info] } };
  return { error: { code: rest[0], status: rest[1], message: text, details: [info] } };
}

/** Asserts status, code, reason, domain and metadata of a refusal of a {@link call}. */
export async function expectRefusal(
  response: Response,
  binding: Binding,
  reason: string,
  metadata: Record<string, string> = {},
): Promise<void> {
  const { rpc, rest } = refusalOf(reason);
  expect(await response.json()).toEqual(refusalBody(binding, reason, metadata));
  expect(response.status).toBe(binding === 'JSON-RPC' ? rpc[0] : rest[0]);
  expect(response.headers.get('content-type')).toBe('application/json');
}

/** Asserts that a text is one error event, with the refusal of a {@link call}. */
export function expectErrorEvent(
  text: string,
  binding: Binding,
  reason: string,
  metadata: Record<string, string> = {},
): void {
  const [, data = ''] = /^event: error\ndata: (.*)\n\n$/.exec(text) ?? [];
  expect(text).toBe(`event: error\ndata: ${data}\n\n`);
  expect(JSON.parse(data)).toEqual(refusalBody(binding, reason, metadata));
}

/** @throws TypeError for a reason that is not in the table */
export function refusalOf(reason: string): Refusal {
  const refusal = refusals[reason];
  if (refusal === undefined) throw new TypeError(`no refusal is known as ${reason}`);
  return refusal;
}
