import type { OperationName } from '../../../src/protocol/operations.ts';
import {
  agentMessage,
  artifactUpdate,
  pushConfig,
  type State,
  stateNames,
  statusUpdate,
  task,
  userMessage,
  wrapped,
} from './entities.ts';
import type { Json, Spelled } from './spelling.ts';

type Params = { readonly [name: string]: Json };

/** What HTTP+JSON asks with. */
export interface RestAsked {
  method: 'GET' | 'POST' | 'DELETE';
  /** Below the interface's URL, with its query. */
  target: string;
  body?: Json;
}

/** A call and its answer in every spelling, by hand. */
export interface Exchange {
  title: string;
  operation: OperationName;
  /** The JSON-RPC method by version; none where 0.3 has no such operation. */
  method: { '1.0': string; '0.3'?: string };
  /** `params` of JSON-RPC. */
  params: Spelled<Params>;
  rest: Readonly<Record<'1.0' | '0.3', RestAsked>>;
  /** What has been made before. */
  after?: Exchange;
  /** What the gateway asks the agent of its own, where that is another thing than it was asked, or nothing. */
  toAgent?: Pick<Exchange, 'params' | 'rest'> | 'nothing';
  /** The result, or the events of a stream. */
  answer: Spelled | readonly Spelled[];
}

const same = <T>(value: T): Spelled<T> => ({ '1.0': value, '0.3': value, '0.3 proto': value });

function sendParams(): Spelled<Params> {
  const message = userMessage({ contextId: 'c-1', referenceTaskIds: ['t-0'] });
  const common = { acceptedOutputModes: ['text/plain'], historyLength: '#3' };
  const legacy = { ...common, blocking: false };
  const rest = { metadata: { trace: '#9007199254740993' }, 'x-unknown': ['#1.0'] };
  return {
    '1.0': { message: message['1.0'], configuration: { ...common, returnImmediately: true }, ...rest },
    '0.3': { message: message['0.3'], configuration: legacy, ...rest },
    '0.3 proto': { message: message['0.3 proto'], configuration: legacy, ...rest },
  };
}

/** In the body of a 0.3 proto request the message is called `message`. */
function sendRest(verb: 'send' | 'stream', params: Spelled<Params>): Exchange['rest'] {
  return {
    '1.0': { method: 'POST', target: `/message:${verb}`, body: params['1.0'] },
    '0.3': { method: 'POST', target: `/v1/message:${verb}`, body: params['0.3 proto'] },
  };
}

function sending(title: string, answer: Spelled): Exchange {
  const params = sendParams();
  const method = { '1.0': 'SendMessage', '0.3': 'message/send' };
  return { title, operation: 'SendMessage', method, params, rest: sendRest('send', params), answer };
}

function streaming(title: string, answer: readonly Spelled[]): Exchange {
  const params = sendParams();
  const method = { '1.0': 'SendStreamingMessage', '0.3': 'message/stream' };
  const rest = sendRest('stream', params);
  return { title, operation: 'SendStreamingMessage', method, params, rest, answer };
}

function getting(state: State): Exchange {
  return {
    title: `a task that is ${state}`,
    operation: 'GetTask',
    method: { '1.0': 'GetTask', '0.3': 'tasks/get' },
    params: same({ id: 't-1', historyLength: '#2' }),
    rest: {
      '1.0': { method: 'GET', target: '/tasks/t-1?historyLength=2' },
      '0.3': { method: 'GET', target: '/v1/tasks/t-1?historyLength=2' },
    },
    answer: task(state),
  };
}

const lifecycle: readonly Spelled[] = [
  wrapped('task', task('submitted')),
  wrapped('statusUpdate', statusUpdate('working', false)),
  wrapped('artifactUpdate', artifactUpdate(false, false)),
  wrapped('artifactUpdate', artifactUpdate(true, true)),
  wrapped('statusUpdate', statusUpdate('completed', true)),
];

const configs = '/tasks/t-1/pushNotificationConfigs';
const config = pushConfig();
const configKey = { id: 't-1', pushNotificationConfigId: 'p-1' };

/** The gateway's own webhook, as `withMadeUp` spells what is another each time. */
const own = pushConfig({
  url: 'http://127.0.0.1:1/push/{{pushId}}',
  token: '{{secret}}',
  credentials: '{{secret}}',
});

const creation: Exchange = {
  title: 'a push notification configuration is made',
  operation: 'CreateTaskPushNotificationConfig',
  method: { '1.0': 'CreateTaskPushNotificationConfig', '0.3': 'tasks/pushNotificationConfig/set' },
  params: config as Spelled<Params>,
  rest: {
    '1.0': { method: 'POST', target: configs, body: config['1.0'] },
    '0.3': { method: 'POST', target: `/v1${configs}`, body: { ...(config['0.3 proto'] as Params) } },
  },
  toAgent: {
    params: own as Spelled<Params>,
    rest: {
      '1.0': { method: 'POST', target: configs, body: withoutTaskId(own['1.0'] as Params) },
      // The body is the configuration, and the request around it as well, which some agents read.
      '0.3': {
        method: 'POST',
        target: `/v1${configs}`,
        body: {
          ...{ parent: 'tasks/t-1', configId: 'p-1', config: own['0.3 proto'] },
          ...(own['0.3 proto'] as Params),
        },
      },
    },
  },
  answer: config,
};

const deletion: Pick<Exchange, 'params' | 'rest'> = {
  params: { ...same(configKey), '1.0': { taskId: 't-1', id: 'p-1' } },
  rest: {
    '1.0': { method: 'DELETE', target: `${configs}/p-1` },
    '0.3': { method: 'DELETE', target: `/v1${configs}/p-1` },
  },
};

const pushes: readonly Exchange[] = [
  creation,
  {
    title: 'a push notification configuration is read',
    operation: 'GetTaskPushNotificationConfig',
    method: { '1.0': 'GetTaskPushNotificationConfig', '0.3': 'tasks/pushNotificationConfig/get' },
    params: { ...same(configKey), '1.0': { taskId: 't-1', id: 'p-1' } },
    rest: {
      '1.0': { method: 'GET', target: `${configs}/p-1` },
      '0.3': { method: 'GET', target: `/v1${configs}/p-1` },
    },
    after: creation,
    toAgent: 'nothing',
    answer: config,
  },
  {
    title: 'push notification configurations are listed',
    operation: 'ListTaskPushNotificationConfigs',
    method: { '1.0': 'ListTaskPushNotificationConfigs', '0.3': 'tasks/pushNotificationConfig/list' },
    params: { ...same({ id: 't-1' }), '1.0': { taskId: 't-1' } },
    rest: { '1.0': { method: 'GET', target: configs }, '0.3': { method: 'GET', target: `/v1${configs}` } },
    after: creation,
    toAgent: 'nothing',
    answer: {
      '1.0': { configs: [config['1.0']], nextPageToken: '' },
      '0.3': [config['0.3']],
      '0.3 proto': { configs: [config['0.3 proto']], nextPageToken: '' },
    },
  },
  {
    title: 'a push notification configuration is deleted',
    operation: 'DeleteTaskPushNotificationConfig',
    method: { '1.0': 'DeleteTaskPushNotificationConfig', '0.3': 'tasks/pushNotificationConfig/delete' },
    ...deletion,
    after: creation,
    toAgent: deletion,
    answer: same({}),
  },
];

function withoutTaskId({ taskId: _, ...rest }: Params): Params {
  return rest;
}

export const exchanges: readonly Exchange[] = [
  sending('a message is answered by a task', wrapped('task', task('completed'))),
  sending('a message is answered by a message', wrapped('message', agentMessage())),
  streaming('a stream from task to end', lifecycle),
  streaming('a stream of a message', [wrapped('message', agentMessage())]),
  ...stateNames.map(getting),
  {
    title: 'tasks are listed',
    operation: 'ListTasks',
    method: { '1.0': 'ListTasks' },
    params: same({
      contextId: 'c-1',
      status: 'TASK_STATE_COMPLETED',
      pageSize: '#2',
      pageToken: 'p/a=g e',
      historyLength: '#0',
      statusTimestampAfter: '2026-01-02T03:04:05.678Z',
      includeArtifacts: true,
    }),
    rest: {
      '1.0': {
        method: 'GET',
        target:
          '/tasks?contextId=c-1&status=TASK_STATE_COMPLETED&pageSize=2&pageToken=p%2Fa%3Dg+e&historyLength=0' +
          '&statusTimestampAfter=2026-01-02T03%3A04%3A05.678Z&includeArtifacts=true',
      },
      '0.3': { method: 'GET', target: '/v1/tasks?contextId=c-1' },
    },
    answer: same({ tasks: [task('completed')['1.0']], nextPageToken: '', pageSize: '#2', totalSize: '#1' }),
  },
  {
    title: 'a task is canceled',
    operation: 'CancelTask',
    method: { '1.0': 'CancelTask', '0.3': 'tasks/cancel' },
    params: same({ id: 't-1', metadata: { why: '#1.0' } }),
    rest: {
      '1.0': { method: 'POST', target: '/tasks/t-1:cancel', body: { metadata: { why: '#1.0' } } },
      '0.3': { method: 'POST', target: '/v1/tasks/t-1:cancel', body: { metadata: { why: '#1.0' } } },
    },
    answer: task('canceled'),
  },
  {
    title: 'a task is subscribed to',
    operation: 'SubscribeToTask',
    method: { '1.0': 'SubscribeToTask', '0.3': 'tasks/resubscribe' },
    params: same({ id: 't-1' }),
    rest: {
      '1.0': { method: 'POST', target: '/tasks/t-1:subscribe' },
      '0.3': { method: 'POST', target: '/v1/tasks/t-1:subscribe' },
    },
    answer: [
      wrapped('task', task('working')),
      wrapped('artifactUpdate', artifactUpdate(false, true)),
      wrapped('statusUpdate', statusUpdate('failed', true)),
    ],
  },
  ...pushes,
];
