import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { cites } from '../../test/support/cites.ts';
import { operations } from './operations.ts';
import { matchRest, parseRestBody, type RestMatch, restPath } from './rest.ts';

function matched(method: string, path: string): RestMatch {
  const result = matchRest(method, path);
  if (!result.ok) throw new Error(JSON.stringify(result.failure));
  return result.value;
}

describe('matchRest', () => {
  beforeEach(() => cites('A2A-11.3-routes', 'HTTP+JSON 1.0'));

  it.each([
    ['POST', '/message:send', 'SendMessage', {}],
    ['POST', '/message:stream', 'SendStreamingMessage', {}],
    ['GET', '/tasks', 'ListTasks', {}],
    ['GET', '/tasks/t-1', 'GetTask', { id: 't-1' }],
    ['GET', '/tasks/a:b', 'GetTask', { id: 'a:b' }],
    ['GET', '/tasks/caf%C3%A9%20%25', 'GetTask', { id: 'café %' }],
    ['POST', '/tasks/t-1:cancel', 'CancelTask', { id: 't-1' }],
    ['POST', '/tasks/t-1:subscribe', 'SubscribeToTask', { id: 't-1' }],
    ['GET', '/tasks/t-1:subscribe', 'SubscribeToTask', { id: 't-1' }],
    ['POST', '/tasks/t-1/pushNotificationConfigs', 'CreateTaskPushNotificationConfig', { taskId: 't-1' }],
    ['GET', '/tasks/t-1/pushNotificationConfigs', 'ListTaskPushNotificationConfigs', { taskId: 't-1' }],
    [
      'GET',
      '/tasks/t-1/pushNotificationConfigs/c:1',
      'GetTaskPushNotificationConfig',
      { taskId: 't-1', id: 'c:1' },
    ],
    [
      'DELETE',
      '/tasks/t-1/pushNotificationConfigs/c-1',
      'DeleteTaskPushNotificationConfig',
      { taskId: 't-1', id: 'c-1' },
    ],
    ['GET', '/extendedAgentCard', 'GetExtendedAgentCard', {}],
  ])('takes %s %s for %s', (method, path, name, bindings) => {
    const match = matched(method, path);
    expect([match.operation.name, match.bindings]).toEqual([name, bindings]);
  });

  it.each([
    ['GET', '/message:send', 'POST'],
    ['DELETE', '/tasks/t-1', 'GET'],
    ['GET', '/tasks/t-1:cancel', 'POST'],
    ['DELETE', '/tasks/t-1:subscribe', 'POST, GET'],
    ['PUT', '/tasks/t-1/pushNotificationConfigs', 'POST, GET'],
    ['HEAD', '/tasks', 'GET'],
  ])('refuses %s %s and says which methods it takes', (method, path, allow) => {
    const refusal = { ok: false, failure: { code: 'method_not_allowed', allow } };
    expect(matchRest(method, path)).toEqual(refusal);
  });

  it.each([
    '/',
    '/message',
    '/message:Send',
    '/tasks/',
    '/tasks/t-1/',
    '/tasks/t-1/artifacts',
    '/acme/tasks',
  ])('finds no route at %s', (path) => {
    expect(matchRest('GET', path)).toEqual({ ok: false, failure: { code: 'route_not_found' } });
  });
});

describe('restPath', () => {
  beforeEach(() => cites('A2A-11.3.2-ids-in-path', 'HTTP+JSON 1.0'));

  it('and matchRest undo each other for any id', () => {
    const id = fc
      .string({ unit: 'binary', minLength: 1 })
      .filter((text) => !/:(?:cancel|subscribe)$/.test(text));
    const property = fc.property(fc.constantFrom(...operations), id, id, (operation, one, other) => {
      const names = [...operation.rest.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
      const values = [one, other];
      const bindings = Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']));
      const path = restPath(operation.rest, bindings);
      expect(matched(operation.rest.method, path)).toMatchObject({ operation, bindings });
      expect(path.split('/')).toHaveLength(operation.rest.path.split('/').length);
    });
    fc.assert(property);
  });

  it('never lets an id end its segment', () => {
    expect(restPath(matched('GET', '/tasks/t-1').route, { id: '../a?b#c%2f' })).toBe(
      '/tasks/..%2Fa%3Fb%23c%252f',
    );
  });
});

describe('parseRestBody', () => {
  const send = matched('POST', '/message:send');
  const cancel = matched('POST', '/tasks/t-1:cancel');
  const create = matched('POST', '/tasks/t-1/pushNotificationConfigs');

  it('keeps the text beside the value', () => {
    const text = ' {"message":{"parts":[{"data":9007199254740993}]}}\n';
    expect(parseRestBody(text, send)).toEqual({ ok: true, value: { text, value: JSON.parse(text) } });
  });

  it('may be absent only where the operation says so', () => {
    expect(parseRestBody('', cancel)).toEqual({ ok: true, value: undefined });
    expect(parseRestBody('', send)).toMatchObject({ failure: { code: 'body_malformed', problem: 'empty' } });
  });

  it.each(['[]', 'null', '"text"', '1'])('refuses %s, which is no object', (text) => {
    expect(parseRestBody(text, send)).toEqual({
      ok: false,
      failure: { code: 'body_malformed', problem: 'object' },
    });
  });

  it.each([
    ['{"message":{"task_id":"t-1"}}', send, 'message.task_id', 'alias'],
    ['{"message":{},"message":{}}', send, 'message', 'duplicate'],
    ['{"tenant":"acme"}', cancel, 'tenant', 'tenant'],
    ['{"message":{"taskId":7}}', send, 'message.taskId', 'type'],
    ['{"id":"t-2"}', cancel, 'id', 'path'],
    ['{"taskId":null}', create, 'taskId', 'path'],
  ])('refuses %s', (text, match, member, rule) => {
    expect(parseRestBody(text, match)).toEqual({
      ok: false,
      failure: { code: 'member_refused', member, rule },
    });
  });

  it.each(['{"id":"t-1"}', '{"id":""}', '{"tenant":"","metadata":{}}'])(
    'takes %s, which says what the path says',
    (text) => {
      expect(parseRestBody(text, cancel)).toMatchObject({ ok: true, value: { text } });
    },
  );
});
