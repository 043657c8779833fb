import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RestRequest } from '../../src/bridge/agents/rest.ts';
import { coreRequestOfRest, restRequestOf } from '../../src/bridge/v0_3/proto/rest.ts';
import { unwrap } from '../../src/failure.ts';
import { hasInlinePush } from '../../src/protocol/guarded.ts';
import { matchRest, parseRestBody, restPath } from '../../src/protocol/rest.ts';
import { failureOf, operationNamed } from '../support/bridge.ts';
import { cites } from '../support/cites.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { errorInfo } from '../support/raw.ts';
import { nested, spellings, twiceIn } from './spellings.ts';

/** What `ids.test.ts` holds against callers of 1.0, held against those of HTTP+JSON in 0.3. */

/** What the gateway would act on, or the refusal. */
function read(path: string, body: string): unknown {
  const match = unwrap(matchRest('POST', path));
  const parsed = parseRestBody(body, match);
  if (!parsed.ok) return parsed.failure;
  return failureOf(() => coreRequestOfRest(match, '', parsed.value?.value));
}

function refused(member: string, rule: string): object {
  return { code: 'member_refused', member, rule };
}

const send = '/v1/message:send';
const cancel = '/v1/tasks/t-1:cancel';
const configs = '/v1/tasks/t-1/pushNotificationConfigs';

const guarded: readonly [path: string, member: string][] = [
  ...[send, '/v1/message:stream'].flatMap((path) =>
    [
      'tenant',
      'message.taskId',
      'message.contextId',
      'message.referenceTaskIds',
      'request.taskId',
      ...['pushNotification', 'push_notification', 'pushNotificationConfig'].flatMap((name) =>
        ['id', 'url', 'taskId', 'tenant'].map((inner) => `configuration.${name}.${inner}`),
      ),
    ].map((member): [string, string] => [path, member]),
  ),
  ...[cancel, '/v1/tasks/t-1:subscribe'].flatMap((path) =>
    ['tenant', 'id', 'taskId', 'name'].map((member): [string, string] => [path, member]),
  ),
  ...[
    'tenant',
    'taskId',
    'id',
    'url',
    'name',
    'parent',
    'configId',
    'pushNotificationConfig.url',
    'pushNotificationConfig.id',
    'config.name',
    'config.pushNotificationConfig.url',
    'config.push_notification_config.tenant',
  ].map((member): [string, string] => [configs, member]),
];

/** The member by its camel-case name, as a refusal has it once both names were read. */
function camel(member: string): string {
  return member.replace(/^request/, 'message').replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function parentOf(member: string): string {
  return member.slice(0, member.lastIndexOf('.') + 1);
}

describe('in HTTP+JSON of 0.3, an id', () => {
  beforeEach(() => cites('A2A-13.1-inspected-is-forwarded', 'HTTP+JSON 0.3'));

  it.each(guarded)('in a spelling that is no name of it is refused at %s: %s', (path, member) => {
    const own = member.slice(parentOf(member).length);
    const proto = own.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    for (const [, spelled] of spellings) {
      const name = JSON.parse(`"${spelled(own)}"`) as string; // A JSON string is a string.
      if (name === proto) continue; // The proto's own name, which is one.
      const text = nested(member, (last) => `"${spelled(last)}":"x"`);
      expect(read(path, text)).toEqual(refused(parentOf(member) + name, 'alias'));
    }
  });

  it.each(guarded)('given twice is refused at %s: %s', (path, member) => {
    for (const twice of twiceIn(member)) {
      expect(
        read(
          path,
          nested(member, () => twice),
        ),
      ).toEqual(refused(member, 'duplicate'));
    }
  });

  it.each(guarded.filter(([, member]) => /[A-Z]\w*$/.test(member)))(
    'given under both its names is refused at %s: %s',
    (path, member) => {
      const text = nested(member, (name) => {
        const proto = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
        return `"${proto}":"a","${name}":"b"`;
      });
      const last = member.slice(parentOf(member).length).replace(/[A-Z]/g, (a) => `_${a.toLowerCase()}`);
      expect(read(path, text)).toEqual(refused(camel(parentOf(member)) + last, 'duplicate'));
    },
  );

  it.each(guarded)('of the wrong kind is refused at %s: %s', (path, member) => {
    const rule = member.endsWith('tenant') ? 'tenant' : 'type';
    for (const value of ['1', 'true', '{}', '{"$ne":""}', '[{}]', '[["x"]]']) {
      const text = nested(member, (name) => `"${name}":${value}`);
      expect(read(path, text)).toEqual(refused(camel(member), rule));
    }
  });

  it.each([
    ['{"request":{"taskId":"t-9"},"message":{"taskId":"t-1"}}', 'request', 'duplicate'],
    ['{"Request":{"taskId":"t-9"}}', 'Request', 'alias'],
    ['{"message":{"ta\\u017fkId":"x"}}', 'message.taſkId', 'alias'],
    ['{"Configuration":{}}', 'Configuration', 'alias'],
    [
      '{"message":{},"configuration":{"push_notification":{},"pushNotification":{"url":"x"}}}',
      'configuration.push_notification',
      'duplicate',
    ],
  ])('is refused on the way to it: %s', (text, member, rule) => {
    expect(read(send, text)).toEqual(refused(member, rule));
  });

  it.each([
    [cancel, '{"name":"tasks/t-9"}', 'name'],
    [cancel, '{"name":"t-1"}', 'name'],
    [cancel, '{"name":"tasks/t-1/../t-9"}', 'name'],
    [cancel, '{"name":"tasks/t-1:x"}', 'name'],
    [cancel, '{"name":"/tasks/t-1"}', 'name'],
    [cancel, '{"id":"t-9"}', 'id'],
    ['/v1/tasks/t-1:subscribe', '{"name":"tasks/t-11"}', 'name'],
    [
      configs,
      '{"name":"tasks/t-9/pushNotificationConfigs/c-1","pushNotificationConfig":{"url":"u"}}',
      'name',
    ],
    [
      configs,
      '{"name":"tasks/t-1/pushNotificationConfigs/c-1/x","pushNotificationConfig":{"url":"u"}}',
      'name',
    ],
    [configs, '{"parent":"tasks/t-9","config":{"pushNotificationConfig":{"url":"u"}}}', 'parent'],
    [
      configs,
      '{"parent":"tasks/t-1","config":{"name":"tasks/t-9","push_notification_config":{"url":"u"}}}',
      'config.name',
    ],
    [configs, '{"taskId":"t-9","pushNotificationConfig":{"url":"u"}}', 'taskId'],
  ])('other than the path’s is refused: %s %s', (path, text, member) => {
    cites('A2A-11.3.2-ids-in-path', 'HTTP+JSON 0.3');
    expect(read(path, text)).toEqual(refused(member, 'path'));
  });

  it('of a webhook cannot stand in two places that differ', () => {
    const two = '{"pushNotificationConfig":{"url":"u"},"config":{"push_notification_config":{"url":"v"}}}';
    expect(read(configs, two)).toEqual(refused('config', 'duplicate'));
  });

  it('of a webhook never comes from a name that asks for no permission', () => {
    const names = fc.constantFrom(
      'taskPushNotificationConfig',
      'task_push_notification_config',
      'TaskPushNotificationConfig',
      'taskpushnotificationconfig',
      'pushNotifications',
      'push-notification-x',
    );
    const property = fc.property(names, (name) => {
      const match = unwrap(matchRest('POST', send));
      const text = `{"message":{},"configuration":{"${name}":{"url":"https://127.0.0.1"}}}`;
      const parsed = parseRestBody(text, match);
      if (!parsed.ok) {
        expect(parsed.failure.code).toBe('member_refused');
        return;
      }
      const value = parsed.value?.value ?? {};
      if (hasInlinePush(value, match.guarded)) return;
      const { configuration } = coreRequestOfRest(match, '', value);
      for (const place of ['taskPushNotificationConfig', 'task_push_notification_config']) {
        expect(configuration).not.toHaveProperty(place);
      }
    });
    fc.assert(property);
  });
});

describe('an id of a call for an agent of 0.3', () => {
  const evil = [
    '',
    '.',
    '..',
    '../admin',
    'a/b',
    'a\\b',
    '%2e%2e',
    't-1%2Fx',
    't-1:cancel',
    'a\r\nb',
    '\ud800',
  ];

  it.each(evil)('is refused where a path would make something else of it: %j', (id) => {
    for (const name of ['GetTask', 'CancelTask', 'SubscribeToTask'] as const) {
      const call = { operation: operationNamed(name), request: { id } };
      expect(failureOf(() => restRequestOf(call))).toMatchObject({
        code: 'parameter_invalid',
        parameter: 'id',
      });
    }
    for (const name of ['GetTaskPushNotificationConfig', 'DeleteTaskPushNotificationConfig'] as const) {
      const call = { operation: operationNamed(name), request: { taskId: 't-1', id } };
      expect(failureOf(() => restRequestOf(call))).toMatchObject({
        code: 'parameter_invalid',
        parameter: 'id',
      });
      const other = { operation: operationNamed(name), request: { taskId: id, id: 'c-1' } };
      expect(failureOf(() => restRequestOf(other))).toMatchObject({ parameter: 'taskId' });
    }
  });

  it('goes nowhere but to its own segment, whatever it is', () => {
    const property = fc.property(fc.string({ unit: 'binary' }), (id) => {
      const call = { operation: operationNamed('CancelTask'), request: { id } };
      const made = failureOf(() => restRequestOf(call));
      if (typeof made === 'object' && made !== null && 'code' in made) return;
      const { route, bindings } = made as RestRequest; // What it answers where it refuses nothing.
      const path = restPath(route, bindings);
      const url = new URL(`https://agent.example/a2a${path}?x`);
      expect(url.pathname).toBe(`/a2a${path}`);
      const match = unwrap(matchRest('POST', path));
      expect([match.operation.name, match.bindings]).toEqual(['CancelTask', { id }]);
    });
    fc.assert(property, { numRuns: 500 });
  });
});

describe('a path of 0.3', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway.close());

  it('reaches no agent under the version of another', async () => {
    cites('A2A-3.6.2-unsupported', 'A2A-3.6.1-header', 'HTTP+JSON 1.0', 'HTTP+JSON 0.3');
    for (const path of ['/v1/tasks/t-1', '/v1/card']) {
      const answer = await gateway.fetch(`/agents/agent${path}`, { headers: { 'a2a-version': '1.0' } });
      expect(errorInfo(await answer.text())).toMatchObject({
        reason: 'VERSION_NOT_SUPPORTED',
        metadata: { requested: '1.0', supported: '0.3' },
      });
    }
    expect(gateway.agent.seen.filter(({ target }) => target.includes('/v1/'))).toEqual([]);
  });

  it('is no tenant of 1.0', async () => {
    cites('A2A-8.3.2-no-foreign-tenant', 'HTTP+JSON 0.3');
    const answer = await gateway.fetch('/agents/agent/v1/tasks', { headers: { 'a2a-version': '1.0' } });
    expect(errorInfo(await answer.text())).toMatchObject({ reason: 'ROUTE_NOT_FOUND' });
  });
});
