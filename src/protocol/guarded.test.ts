import { describe, expect, it } from 'vitest';
import { checkGuardedValues, hasInlinePush, maxIdChars } from './guarded.ts';
import { inlinePushNames } from './message-members.ts';
import { type Operation, type OperationName, operations } from './operations.ts';

function named(name: OperationName): Operation {
  const operation = operations.find((known) => known.name === name);
  if (operation === undefined) throw new Error(name);
  return operation;
}

const send = named('SendMessage');
const legacySend = send.v0_3?.guarded ?? [];
const long = 'x'.repeat(maxIdChars + 1);

describe('checkGuardedValues', () => {
  it.each([
    [{ tenant: 'acme' }, 'tenant', 'tenant'],
    [{ tenant: 1 }, 'tenant', 'tenant'],
    [{ tenant: false }, 'tenant', 'tenant'],
    [{ message: { taskId: 1 } }, 'message.taskId', 'type'],
    [{ message: { contextId: {} } }, 'message.contextId', 'type'],
    [{ message: { contextId: ['c-1'] } }, 'message.contextId', 'type'],
    [{ message: { taskId: long } }, 'message.taskId', 'length'],
    [{ message: { referenceTaskIds: 1 } }, 'message.referenceTaskIds', 'type'],
    [{ message: { referenceTaskIds: ['t-1', null] } }, 'message.referenceTaskIds', 'type'],
    [{ message: { referenceTaskIds: [long] } }, 'message.referenceTaskIds', 'length'],
    [
      { configuration: { taskPushNotificationConfig: { tenant: 'acme' } } },
      'configuration.taskPushNotificationConfig.tenant',
      'tenant',
    ],
    [
      { configuration: { taskPushNotificationConfig: { url: 1 } } },
      'configuration.taskPushNotificationConfig.url',
      'type',
    ],
  ])('refuses %j', (request, path, rule) => {
    expect(checkGuardedValues(request, send.guarded, 'params.')).toEqual({
      ok: false,
      failure: { code: 'member_refused', member: `params.${path}`, rule },
    });
  });

  it.each([
    undefined,
    {},
    { tenant: null, message: { taskId: null, contextId: '', referenceTaskIds: [] } },
    { tenant: '', message: { taskId: 't-1', contextId: 'c-1', referenceTaskIds: ['t-2', 't-3'] } },
    { message: 'text', configuration: [] },
    { configuration: { taskPushNotificationConfig: { url: `https://hooks.example/${long}` } } },
    { metadata: { tenant: 'acme' } },
  ])('takes %j', (request) => {
    expect(checkGuardedValues(request, send.guarded, '')).toEqual({ ok: true, value: undefined });
  });
});

describe('checkGuardedValues in 0.3', () => {
  it.each([
    [{ tenant: 'acme' }, 'tenant', 'tenant'],
    [{ message: { taskId: 1 } }, 'message.taskId', 'type'],
    [{ message: { contextId: long } }, 'message.contextId', 'length'],
    [{ message: { referenceTaskIds: [{}] } }, 'message.referenceTaskIds', 'type'],
    [
      { configuration: { pushNotificationConfig: { url: {} } } },
      'configuration.pushNotificationConfig.url',
      'type',
    ],
    [
      { configuration: { pushNotificationConfig: { tenant: 'acme' } } },
      'configuration.pushNotificationConfig.tenant',
      'tenant',
    ],
  ])('refuses %j', (request, path, rule) => {
    expect(checkGuardedValues(request, legacySend, 'params.')).toEqual({
      ok: false,
      failure: { code: 'member_refused', member: `params.${path}`, rule },
    });
  });
});

describe('hasInlinePush', () => {
  it.each([
    [{ taskPushNotificationConfig: { url: 'https://hooks.example/1' } }, true],
    [{ taskPushNotificationConfig: {} }, true],
    [{ taskPushNotificationConfig: 'text' }, true],
    [{ taskPushNotificationConfig: null }, false],
    [{}, false],
    [null, false],
  ])('of a send with configuration %j is %s', (configuration, expected) => {
    expect(hasInlinePush({ configuration }, send.guarded)).toBe(expected);
    expect(hasInlinePush({ configuration }, named('SendStreamingMessage').guarded)).toBe(expected);
  });

  it.each(inlinePushNames)('is found as %s in either version', (name) => {
    const request = { configuration: { [name]: {} } };
    expect(hasInlinePush(request, legacySend)).toBe(true);
    expect(hasInlinePush(request, send.guarded)).toBe(true);
  });

  it('is false for operations that take none', () => {
    const request = { configuration: { taskPushNotificationConfig: {} } };
    expect(hasInlinePush(request, named('CancelTask').guarded)).toBe(false);
  });
});
