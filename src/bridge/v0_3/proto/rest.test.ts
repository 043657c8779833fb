import { describe, expect, it } from 'vitest';
import { failureOf, operationNamed } from '../../../../test/support/bridge.ts';
import { unwrap } from '../../../failure.ts';
import type { OperationName } from '../../../protocol/operations.ts';
import { matchRest, parseRestBody, restPath } from '../../../protocol/rest.ts';
import type { CoreCall } from '../../core-call.ts';
import { coreRequestOfRest, restRequestOf } from './rest.ts';

function read(method: string, target: string, body = ''): unknown {
  const [path = '', query = ''] = target.split('?');
  const match = unwrap(matchRest(method, path));
  const given = match.operation.body === 'none' ? undefined : unwrap(parseRestBody(body, match));
  return coreRequestOfRest(match, query, given?.value);
}

/** A request as it goes over the wire. */
function asked(call: CoreCall): unknown {
  const { route, bindings, query, body } = restRequestOf(call);
  const { method, alsoMethods: [otherMethod] = [] } = route;
  return {
    method,
    ...(otherMethod !== undefined && { otherMethod }),
    path: restPath(route, bindings),
    query,
    ...(body !== undefined && { body }),
  };
}

const message = { messageId: 'm-1', role: 'ROLE_USER', content: [{ text: 'hi' }] };
const coreMessage = { messageId: 'm-1', role: 'ROLE_USER', parts: [{ text: 'hi' }] };
const configs = '/v1/tasks/t-1/pushNotificationConfigs';
const created = { url: 'https://hooks.example', token: 'x' };

describe('a 0.3 HTTP request in core', () => {
  it.each<[string, string, unknown, unknown]>([
    ['POST', '/v1/message:send', { message }, { message: coreMessage }],
    ['POST', '/v1/message:send', { request: message }, { message: coreMessage }],
    ['GET', '/v1/tasks/caf%C3%A9', '', { id: 'café' }],
    ['GET', '/v1/tasks/t-1?historyLength=3&x=1', '', { id: 't-1', historyLength: 3 }],
    ['GET', '/v1/tasks/t-1?history_length=0&A2A-Version=0.3', '', { id: 't-1', historyLength: 0 }],
    ['GET', '/v1/tasks/t-1?historyLength=', '', { id: 't-1' }],
    ['POST', '/v1/tasks/t-1:cancel', '', { id: 't-1' }],
    ['POST', '/v1/tasks/t-1:cancel', null, { id: 't-1' }],
    [
      'POST',
      '/v1/tasks/t-1:cancel',
      { name: 'tasks/t-1', metadata: { a: 1 } },
      { id: 't-1', metadata: { a: 1 } },
    ],
    ['POST', '/v1/tasks/t-1:subscribe', {}, { id: 't-1' }],
    ['GET', '/v1/tasks/t-1:subscribe', '', { id: 't-1' }],
    ['POST', configs, { pushNotificationConfig: created }, { taskId: 't-1', ...created }],
    [
      'POST',
      configs,
      { parent: 'tasks/t-1', config_id: 'c-1', config: { push_notification_config: created } },
      { taskId: 't-1', id: 'c-1', ...created },
    ],
    [
      'POST',
      configs,
      { name: 'tasks/t-1/pushNotificationConfigs/c-1', pushNotificationConfig: created },
      { taskId: 't-1', id: 'c-1', ...created },
    ],
    ['GET', configs, '', { taskId: 't-1' }],
    ['GET', `${configs}?pageSize=2&page_token=a%20b`, '', { taskId: 't-1', pageSize: 2, pageToken: 'a b' }],
    ['GET', `${configs}/c-1`, '', { taskId: 't-1', id: 'c-1' }],
    ['DELETE', `${configs}/c-1?pageSize=2`, '', { taskId: 't-1', id: 'c-1' }],
    ['GET', '/v1/card', '', {}],
  ])('is, for %s %s %j, %j', (method, target, body, core) => {
    expect(read(method, target, body === '' ? '' : JSON.stringify(body))).toEqual(core);
  });

  it.each([
    ['/v1/tasks/t-1?historyLength=many', 'historyLength'],
    ['/v1/tasks/t-1?historyLength=1e3', 'historyLength'],
    ['/v1/tasks/t-1?historyLength=1&history_length=2', 'historyLength'],
    [`${configs}?pageSize=0x1`, 'pageSize'],
  ])('is refused for GET %s', (target, parameter) => {
    expect(failureOf(() => read('GET', target))).toMatchObject({ code: 'parameter_invalid', parameter });
  });
});

describe('a call as a 0.3 HTTP request', () => {
  const config = {
    name: 'tasks/t-1/pushNotificationConfigs/c-1',
    pushNotificationConfig: { id: 'c-1', url: 'https://hooks.example' },
  };

  it.each<[OperationName, Record<string, unknown>, object]>([
    [
      'SendMessage',
      { message: coreMessage },
      {
        method: 'POST',
        path: '/v1/message:send',
        query: '',
        body: { message, configuration: { blocking: true } },
      },
    ],
    [
      'SendStreamingMessage',
      { message: coreMessage },
      { method: 'POST', path: '/v1/message:stream', query: '', body: { message } },
    ],
    ['GetTask', { id: 'a:b c' }, { method: 'GET', path: '/v1/tasks/a%3Ab%20c', query: '' }],
    [
      'GetTask',
      { id: 't-1', historyLength: 0 },
      { method: 'GET', path: '/v1/tasks/t-1', query: '?historyLength=0' },
    ],
    ['GetTask', { id: 't-1', historyLength: null }, { method: 'GET', path: '/v1/tasks/t-1', query: '' }],
    ['CancelTask', { id: 't-1' }, { method: 'POST', path: '/v1/tasks/t-1:cancel', query: '' }],
    [
      'CancelTask',
      { id: 't-1', metadata: { a: 1 } },
      { method: 'POST', path: '/v1/tasks/t-1:cancel', query: '', body: { metadata: { a: 1 } } },
    ],
    [
      'SubscribeToTask',
      { id: 't-1' },
      { method: 'POST', otherMethod: 'GET', path: '/v1/tasks/t-1:subscribe', query: '' },
    ],
    [
      'CreateTaskPushNotificationConfig',
      { taskId: 't-1', id: 'c-1', url: 'https://hooks.example' },
      {
        method: 'POST',
        path: configs,
        query: '',
        body: { ...config, parent: 'tasks/t-1', configId: 'c-1', config },
      },
    ],
    [
      'GetTaskPushNotificationConfig',
      { taskId: 't-1', id: 'c-1' },
      { method: 'GET', path: `${configs}/c-1`, query: '' },
    ],
    [
      'ListTaskPushNotificationConfigs',
      { taskId: 't-1', pageSize: 2, pageToken: 'a b' },
      { method: 'GET', path: configs, query: '?pageSize=2&pageToken=a+b' },
    ],
    [
      'DeleteTaskPushNotificationConfig',
      { taskId: 't-1', id: 'c-1' },
      { method: 'DELETE', path: `${configs}/c-1`, query: '' },
    ],
    ['GetExtendedAgentCard', {}, { method: 'GET', path: '/v1/card', query: '' }],
  ])('is, of %s %j, %j', (name, request, expected) => {
    const operation = operationNamed(name);
    expect(asked({ operation, request })).toEqual(expected);
  });

  it('is refused for a number that is none', () => {
    const request = { id: 't-1', historyLength: '1&name=x' };
    expect(failureOf(() => restRequestOf({ operation: operationNamed('GetTask'), request }))).toMatchObject({
      code: 'parameter_invalid',
      parameter: 'historyLength',
    });
  });

  it('is none for what 0.3 does not have', () => {
    const call = { operation: operationNamed('ListTasks'), request: {} };
    expect(failureOf(() => restRequestOf(call))).toEqual({
      code: 'operation_unsupported',
      capability: 'ListTasks',
    });
  });
});
