import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasInlinePush } from '../guarded.ts';
import { operations } from '../operations.ts';
import { canStandInPath, matchRest, parseRestBody, type RestMatch, restPath } from '../rest.ts';

function matched(method: string, path: string): RestMatch {
  const result = matchRest(method, path);
  if (!result.ok) throw new Error(JSON.stringify(result.failure));
  return result.value;
}

const configs = '/v1/tasks/t-1/pushNotificationConfigs';

describe('matchRest below /v1/', () => {
  it.each([
    ['POST', '/v1/message:send', 'SendMessage', {}],
    ['POST', '/v1/message:stream', 'SendStreamingMessage', {}],
    ['GET', '/v1/tasks/a:b', 'GetTask', { id: 'a:b' }],
    ['GET', '/v1/tasks/v1', 'GetTask', { id: 'v1' }],
    ['POST', '/v1/tasks/t-1:cancel', 'CancelTask', { id: 't-1' }],
    ['POST', '/v1/tasks/t-1:subscribe', 'SubscribeToTask', { id: 't-1' }],
    ['GET', '/v1/tasks/t-1:subscribe', 'SubscribeToTask', { id: 't-1' }],
    ['POST', configs, 'CreateTaskPushNotificationConfig', { taskId: 't-1' }],
    ['GET', configs, 'ListTaskPushNotificationConfigs', { taskId: 't-1' }],
    ['GET', `${configs}/c:1`, 'GetTaskPushNotificationConfig', { taskId: 't-1', id: 'c:1' }],
    ['DELETE', `${configs}/c-1`, 'DeleteTaskPushNotificationConfig', { taskId: 't-1', id: 'c-1' }],
    ['GET', '/v1/card', 'GetExtendedAgentCard', {}],
  ])('takes %s %s for %s of 0.3', (method, path, name, bindings) => {
    const match = matched(method, path);
    expect([match.operation.name, match.version, match.bindings]).toEqual([name, '0.3', bindings]);
    expect(match.bound).toEqual(expect.arrayContaining(['name', 'parent', 'id', 'taskId']));
  });

  it.each([
    ['GET', '/v1/message:send', 'POST'],
    ['DELETE', '/v1/tasks/t-1', 'GET'],
    ['GET', '/v1/tasks/t-1:cancel', 'POST'],
    ['POST', '/v1/card', 'GET'],
  ])('refuses %s %s and says which methods it takes', (method, path, allow) => {
    expect(matchRest(method, path)).toEqual({ ok: false, failure: { code: 'method_not_allowed', allow } });
  });

  it.each([
    '/v1/',
    '/v1',
    '/v1/tasks', // 0.3 lists no tasks, and no tenant of 1.0 is called `v1`.
    '/v1/extendedAgentCard',
    '/v1/v1/card',
    '/V1/card',
    '/card',
    '/v1/tasks/t-1/task/pushNotificationConfigs',
  ])('finds no route at %s', (path) => {
    expect(matchRest('GET', path)).toEqual({ ok: false, failure: { code: 'route_not_found' } });
  });

  it('and restPath undo each other for any id that can stand in a path', () => {
    const id = fc.string({ unit: 'binary', minLength: 1 }).filter(canStandInPath);
    const routes = operations.flatMap(({ v0_3 }) => (v0_3 === undefined ? [] : [v0_3.rest]));
    const property = fc.property(fc.constantFrom(...routes), id, id, (route, one, other) => {
      const names = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
      const bindings = Object.fromEntries(names.map((name, index) => [name, [one, other][index] ?? '']));
      expect(matched(route.method, restPath(route, bindings))).toMatchObject({ route, bindings });
    });
    fc.assert(property);
  });
});

describe('canStandInPath', () => {
  it.each(['t-1', 'a:b', 'café', 'a b', '100%', '%zz', '...', 'a..b', '?#&=;'])('takes %j', (id) => {
    expect(canStandInPath(id)).toBe(true);
  });

  it.each(['', '.', '..', '../a', 'a/b', 'a\\b', 'a\u0000', 'a\n', 'a\u0085', '%2e%2e', 'a%2Fb', '\ud800'])(
    'refuses %j',
    (id) => expect(canStandInPath(id)).toBe(false),
  );

  it.each(['t-1:cancel', 't-1:subscribe'])('refuses %j, which a path would make a verb of', (id) => {
    expect(canStandInPath(id)).toBe(false);
  });
});

describe('parseRestBody in 0.3', () => {
  const send = matched('POST', '/v1/message:send');
  const cancel = matched('POST', '/v1/tasks/t-1:cancel');
  const create = matched('POST', configs);

  it.each([
    [{ message: { task_id: 't-1', context_id: 'c-1' } }, { message: { taskId: 't-1', contextId: 'c-1' } }],
    [{ request: { taskId: 't-1', x_y: 1 } }, { message: { taskId: 't-1', x_y: 1 } }],
    [
      { message: {}, configuration: { push_notification: { url: 'u' }, history_length: 1 } },
      { message: {}, configuration: { pushNotification: { url: 'u' }, history_length: 1 } },
    ],
    [
      { message: null, __proto__: 1 },
      { message: null, __proto__: 1 },
    ],
  ])('reads %j by either name and keeps the text', (body, value) => {
    const text = ` ${JSON.stringify(body)}`;
    expect(parseRestBody(text, send)).toEqual({ ok: true, value: { text, value } });
  });

  it('may be absent, or null, where the operation needs none', () => {
    for (const text of ['', 'null', ' null ']) {
      expect(parseRestBody(text, cancel)).toEqual({ ok: true, value: undefined });
    }
    expect(parseRestBody('null', send)).toMatchObject({ failure: { code: 'body_malformed' } });
    expect(parseRestBody('null', matched('POST', '/v1/tasks/t-1:subscribe'))).toMatchObject({ ok: true });
  });

  it.each([
    [{ pushNotification: { url: 'u' } }, true],
    [{ push_notification: { url: 'u' } }, true],
    [{ pushNotification: {} }, true],
    [{ pushNotificationConfig: { url: 'u' } }, true],
    [{ pushNotification: null }, false],
    [{}, false],
  ])('knows of a webhook in %j: %j', (configuration, expected) => {
    const body = parseRestBody(JSON.stringify({ message: {}, configuration }), send);
    if (!body.ok) throw new Error(JSON.stringify(body.failure));
    expect(hasInlinePush(body.value?.value, send.guarded)).toBe(expected);
  });

  it.each([
    ['{}', cancel],
    ['{"name":"tasks/t-1"}', cancel],
    ['{"name":""}', cancel],
    ['{"name":null,"metadata":{"name":"tasks/t-2"}}', cancel],
    ['{"name":"tasks/t-1/pushNotificationConfigs/c-1"}', create],
    ['{"name":"tasks/t-1/pushNotificationConfigs/"}', create],
    ['{"parent":"tasks/t-1/pushNotificationConfigs"}', create],
    ['{"parent":"tasks/t-1","config":{"name":"tasks/t-1","pushNotificationConfig":{}}}', create],
    ['{"config":{"pushNotificationConfig":{"url":"u"}},"pushNotificationConfig":{"url":"u"}}', create],
  ])('takes %s, which says what the path says', (text, match) => {
    expect(parseRestBody(text, match)).toMatchObject({ ok: true, value: { text } });
  });
});
