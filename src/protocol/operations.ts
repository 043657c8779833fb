import { messageMembers } from './message-members.ts';
import type { PermissionOperation } from './permission-operations.ts';
import { legacyRestMembers } from './v0_3/rest-members.ts';

/**
 * All of A2A that is served: one row an operation (A2A §5.3). Routing, permissions, capability checks, id guards,
 * forwarding and the docs read this table and nothing else.
 */

/** A capability the published card must declare before the operation is let through (A2A §3.3.4). */
export type RequiredCapability = 'streaming' | 'pushNotifications' | 'extendedAgentCard';

export interface RestRoute {
  method: 'GET' | 'POST' | 'DELETE';
  /** Other methods taken as this one: the specification names both for `:subscribe` (§11.3.2 and the proto). */
  alsoMethods?: readonly 'GET'[];
  /** Relative to the interface URL. `{name}` is one segment and binds the request member of that name in 1.0. */
  path: string;
}

/** An operation in HTTP+JSON of 0.3, whose bodies are ProtoJSON of its own proto (0.3 §3.2.3, §5.3). */
export interface LegacyRest extends RestRoute {
  /** As {@link Operation.guarded}, of the body. */
  guarded: readonly string[];
}

export interface Operation {
  /** The operation's name, which is also its JSON-RPC method in 1.0. */
  name: OperationName;
  rest: RestRoute;
  streams: boolean;
  permission: PermissionOperation;
  capability?: RequiredCapability;
  /** Safe to repeat: no state changes at the agent. */
  reads: boolean;
  /** Whether the HTTP+JSON form carries a body. */
  body: 'required' | 'optional' | 'none';
  /**
   * The members an authorisation check looks at, by dotted path from the request object. Each may be spelled only
   * this way: a duplicate or an alias of one is refused.
   */
  guarded: readonly string[];
  /** Its forms in 0.3; absent where 0.3 has no such operation. */
  v0_3?: LegacyForm;
  /** Where the specification defines it. */
  section: string;
}

/** A request as A2A 0.3 spells it (0.3 §7). 0.3 has no tenant; one is guarded all the same, so that none slips by. */
export interface LegacyForm {
  method: string;
  /** As {@link Operation.guarded}. */
  guarded: readonly string[];
  /** Agents on the Python SDK leave `result` out where it is null. */
  resultMayBeAbsent?: true;
  /** The same in HTTP+JSON. */
  rest: LegacyRest;
}

export type OperationName =
  | 'SendMessage'
  | 'SendStreamingMessage'
  | 'GetTask'
  | 'ListTasks'
  | 'CancelTask'
  | 'SubscribeToTask'
  | 'CreateTaskPushNotificationConfig'
  | 'GetTaskPushNotificationConfig'
  | 'ListTaskPushNotificationConfigs'
  | 'DeleteTaskPushNotificationConfig'
  | 'GetExtendedAgentCard';

const legacyConfigs = '/v1/tasks/{taskId}/pushNotificationConfigs';

export const operations: readonly Operation[] = [
  {
    name: 'SendMessage',
    rest: { method: 'POST', path: '/message:send' },
    streams: false,
    permission: 'send',
    reads: false,
    body: 'required',
    guarded: messageMembers,
    v0_3: {
      method: 'message/send',
      guarded: messageMembers,
      rest: { method: 'POST', path: '/v1/message:send', guarded: messageMembers },
    },
    section: '3.1.1',
  },
  {
    name: 'SendStreamingMessage',
    rest: { method: 'POST', path: '/message:stream' },
    streams: true,
    permission: 'stream',
    capability: 'streaming',
    reads: false,
    body: 'required',
    guarded: messageMembers,
    v0_3: {
      method: 'message/stream',
      guarded: messageMembers,
      rest: { method: 'POST', path: '/v1/message:stream', guarded: messageMembers },
    },
    section: '3.1.2',
  },
  {
    name: 'GetTask',
    rest: { method: 'GET', path: '/tasks/{id}' },
    streams: false,
    permission: 'read',
    reads: true,
    body: 'none',
    guarded: ['tenant', 'id'],
    v0_3: {
      method: 'tasks/get',
      guarded: ['tenant', 'id'],
      rest: { method: 'GET', path: '/v1/tasks/{id}', guarded: [] },
    },
    section: '3.1.3',
  },
  {
    name: 'ListTasks',
    rest: { method: 'GET', path: '/tasks' },
    streams: false,
    permission: 'read',
    reads: true,
    body: 'none',
    guarded: ['tenant', 'contextId'],
    section: '3.1.4',
  },
  {
    name: 'CancelTask',
    rest: { method: 'POST', path: '/tasks/{id}:cancel' },
    streams: false,
    permission: 'cancel',
    reads: false,
    body: 'optional',
    guarded: ['tenant', 'id'],
    v0_3: {
      method: 'tasks/cancel',
      guarded: ['tenant', 'id'],
      rest: { method: 'POST', path: '/v1/tasks/{id}:cancel', guarded: legacyRestMembers.named },
    },
    section: '3.1.5',
  },
  {
    name: 'SubscribeToTask',
    rest: { method: 'POST', alsoMethods: ['GET'], path: '/tasks/{id}:subscribe' },
    streams: true,
    permission: 'read',
    capability: 'streaming',
    reads: true,
    body: 'optional',
    guarded: ['tenant', 'id'],
    v0_3: {
      method: 'tasks/resubscribe',
      guarded: ['tenant', 'id'],
      rest: {
        method: 'POST',
        alsoMethods: ['GET'],
        path: '/v1/tasks/{id}:subscribe',
        guarded: legacyRestMembers.named,
      },
    },
    section: '3.1.6',
  },
  {
    name: 'CreateTaskPushNotificationConfig',
    rest: { method: 'POST', path: '/tasks/{taskId}/pushNotificationConfigs' },
    streams: false,
    permission: 'push',
    capability: 'pushNotifications',
    reads: false,
    body: 'required',
    guarded: ['tenant', 'taskId', 'id', 'url'],
    v0_3: {
      method: 'tasks/pushNotificationConfig/set',
      guarded: [
        'tenant',
        'taskId',
        'pushNotificationConfig.id',
        'pushNotificationConfig.url',
        'pushNotificationConfig.tenant',
      ],
      rest: { method: 'POST', path: legacyConfigs, guarded: legacyRestMembers.create },
    },
    section: '3.1.7',
  },
  {
    name: 'GetTaskPushNotificationConfig',
    rest: { method: 'GET', path: '/tasks/{taskId}/pushNotificationConfigs/{id}' },
    streams: false,
    permission: 'push',
    capability: 'pushNotifications',
    reads: true,
    body: 'none',
    guarded: ['tenant', 'taskId', 'id'],
    v0_3: {
      method: 'tasks/pushNotificationConfig/get',
      guarded: ['tenant', 'id', 'pushNotificationConfigId'],
      rest: { method: 'GET', path: `${legacyConfigs}/{id}`, guarded: [] },
    },
    section: '3.1.8',
  },
  {
    name: 'ListTaskPushNotificationConfigs',
    rest: { method: 'GET', path: '/tasks/{taskId}/pushNotificationConfigs' },
    streams: false,
    permission: 'push',
    capability: 'pushNotifications',
    reads: true,
    body: 'none',
    guarded: ['tenant', 'taskId'],
    v0_3: {
      method: 'tasks/pushNotificationConfig/list',
      guarded: ['tenant', 'id'],
      rest: { method: 'GET', path: legacyConfigs, guarded: [] },
    },
    section: '3.1.9',
  },
  {
    name: 'DeleteTaskPushNotificationConfig',
    rest: { method: 'DELETE', path: '/tasks/{taskId}/pushNotificationConfigs/{id}' },
    streams: false,
    permission: 'push',
    capability: 'pushNotifications',
    reads: false,
    body: 'none',
    guarded: ['tenant', 'taskId', 'id'],
    v0_3: {
      method: 'tasks/pushNotificationConfig/delete',
      guarded: ['tenant', 'id', 'pushNotificationConfigId'],
      resultMayBeAbsent: true,
      rest: { method: 'DELETE', path: `${legacyConfigs}/{id}`, guarded: [] },
    },
    section: '3.1.10',
  },
  {
    name: 'GetExtendedAgentCard',
    rest: { method: 'GET', path: '/extendedAgentCard' },
    streams: false,
    permission: 'card',
    capability: 'extendedAgentCard',
    reads: true,
    body: 'none',
    guarded: ['tenant'],
    v0_3: {
      method: 'agent/getAuthenticatedExtendedCard',
      guarded: ['tenant'],
      rest: { method: 'GET', path: '/v1/card', guarded: [] },
    },
    section: '3.1.11',
  },
];

/** The operation of a name. */
export function operationOf(name: OperationName): Operation {
  const found = operations.find((operation) => operation.name === name);
  if (found === undefined) throw new TypeError(`no operation ${name}`);
  return found;
}
