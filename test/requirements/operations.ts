import type { OperationName } from '../../src/protocol/operations.ts';
import { type Clauses, everywhere, everywhereIn1 } from './clause.ts';

const anywhereInsideTask = { ...everywhere, level: 'MUST' } as const;

/** What an agent is asked, and that it arrives: A2A §3.1 to §3.5, §5.1, §7. */
export const operationClauses = {
  'A2A-3.1.1-send-message': {
    ...anywhereInsideTask,
    section: 'A2A 3.1.1',
    says: 'a message is handed to the agent and answered with its task or its message',
  },
  'A2A-3.1.2-send-streaming-message': {
    ...anywhereInsideTask,
    section: 'A2A 3.1.2',
    says: 'a message is answered with the events of the agent',
  },
  'A2A-3.1.3-get-task': {
    ...anywhereInsideTask,
    section: 'A2A 3.1.3',
    says: 'a task is got by its id, its history as long as was asked',
  },
  'A2A-3.1.4-list-tasks': {
    ...everywhereIn1,
    section: 'A2A 3.1.4',
    level: 'MUST',
    says: 'tasks are listed by the filters that were given; 0.3 has no such operation in JSON-RPC',
  },
  'A2A-3.1.4-pages': {
    ...everywhereIn1,
    section: 'A2A 3.1.4',
    level: 'MUST',
    says: 'the cursor of a page leads to the next, and the pages joined are the list',
  },
  'A2A-3.1.4-empty-page': {
    ...everywhereIn1,
    section: 'A2A 3.1.4',
    level: 'MUST',
    says: 'an empty cursor, an empty list and a total of zero are in the answer',
  },
  'A2A-3.1.4-own-tasks': {
    ...everywhereIn1,
    section: 'A2A 3.1.4',
    level: 'MUST',
    says: 'only tasks of the caller are listed',
  },
  'A2A-3.1.5-cancel-task': {
    ...anywhereInsideTask,
    section: 'A2A 3.1.5',
    says: 'a task is cancelled, over HTTP with a body or without',
  },
  'A2A-3.1.6-subscribe-to-task': {
    ...anywhereInsideTask,
    section: 'A2A 3.1.6',
    says: 'a caller subscribes to a task and gets its events',
  },
  'A2A-3.1.6-get-and-post': {
    bindings: ['HTTP+JSON'],
    section: 'A2A 3.1.6',
    level: 'MUST',
    says: 'subscribing works by POST and by GET, whichever of them the agent takes',
  },
  'A2A-3.1.7-create-push-config': {
    ...anywhereInsideTask,
    section: 'A2A 3.1.7',
    says: 'a push configuration is created for a task',
  },
  'A2A-3.1.8-get-push-config': {
    ...anywhereInsideTask,
    section: 'A2A 3.1.8',
    says: 'a push configuration is got by its id',
  },
  'A2A-3.1.9-list-push-configs': {
    ...anywhereInsideTask,
    section: 'A2A 3.1.9',
    says: 'the push configurations of a task are listed',
  },
  'A2A-3.1.10-delete-push-config': {
    ...anywhereInsideTask,
    section: 'A2A 3.1.10',
    says: 'a push configuration is deleted, however the agent spells that there is no result',
  },
  'A2A-3.1.11-get-extended-card': {
    ...anywhereInsideTask,
    section: 'A2A 3.1.11',
    says: 'the extended card is got by callers of the agent',
  },
  'A2A-3.2.2-waiting': {
    ...everywhere,
    section: 'A2A 3.2.2',
    level: 'MUST',
    says: 'a call that waits for its task has as long as the registration of the agent says',
  },
  'A2A-3.2.6-extensions': {
    section: 'A2A 3.2.6',
    level: 'SHOULD',
    says: 'the extensions a caller asks for reach the agent under the name its version has for them, and those it activated come back',
  },
  'A2A-3.4-ids-unchanged': {
    ...everywhere,
    section: 'A2A 3.4',
    level: 'MUST',
    says: 'ids of messages, tasks, contexts and artifacts are those of who made them',
  },
  'A2A-3.4-many-turns': {
    section: 'A2A 3.4',
    level: 'MUST',
    says: 'a task that asked for input goes on with the next message',
  },
  'A2A-3.4-sticky': {
    section: 'A2A 3.4',
    level: 'MAY',
    says: 'a conversation goes on at the instance that knows it, where that is set',
    bindings: ['JSON-RPC', 'HTTP+JSON'],
    versions: ['1.0'],
  },
  'A2A-5.1-every-operation': {
    ...everywhere,
    section: 'A2A 5.1',
    level: 'MUST',
    says: 'every binding that a card declares offers every operation its version has',
  },
  'A2A-5.1-equal-answers': {
    ...everywhere,
    section: 'A2A 5.1',
    level: 'MUST',
    says: 'an agent answers through the gateway as it does directly',
  },
  'A2A-5.7-unknown-members': {
    section: 'A2A 5.7',
    level: 'SHOULD',
    says: 'members nobody knows survive, and numbers as they were spelled, where both sides speak the same',
    bindings: ['JSON-RPC', 'HTTP+JSON'],
    versions: ['1.0', '0.3'],
  },
} as const satisfies Clauses;

/** The clause that an operation works. */
export const clauseOf: Readonly<Record<OperationName, keyof typeof operationClauses>> = {
  SendMessage: 'A2A-3.1.1-send-message',
  SendStreamingMessage: 'A2A-3.1.2-send-streaming-message',
  GetTask: 'A2A-3.1.3-get-task',
  ListTasks: 'A2A-3.1.4-list-tasks',
  CancelTask: 'A2A-3.1.5-cancel-task',
  SubscribeToTask: 'A2A-3.1.6-subscribe-to-task',
  CreateTaskPushNotificationConfig: 'A2A-3.1.7-create-push-config',
  GetTaskPushNotificationConfig: 'A2A-3.1.8-get-push-config',
  ListTaskPushNotificationConfigs: 'A2A-3.1.9-list-push-configs',
  DeleteTaskPushNotificationConfig: 'A2A-3.1.10-delete-push-config',
  GetExtendedAgentCard: 'A2A-3.1.11-get-extended-card',
};
