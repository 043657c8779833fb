import { beforeEach, describe, expect, it } from 'vitest';
import { failureOf, operationNamed } from '../../../test/support/bridge.ts';
import { cites } from '../../../test/support/cites.ts';
import type { OperationName } from '../../protocol/operations.ts';
import { fromCoreRequest, toCoreRequest } from './request.ts';

const message = { kind: 'message', messageId: 'm-1', role: 'user', parts: [{ kind: 'text', text: 'hi' }] };
const coreMessage = { messageId: 'm-1', role: 'ROLE_USER', parts: [{ text: 'hi' }] };

describe('a request in 0.3 and in core', () => {
  beforeEach(() => cites('A2A-0.3-6.8-push-configs', 'A2A-0.3-7.1-blocking'));

  it.each<[OperationName, Record<string, unknown>, Record<string, unknown>]>([
    [
      'SendMessage',
      {
        message: {
          ...message,
          taskId: 't-1',
          contextId: 'c-1',
          referenceTaskIds: ['t-0'],
          extensions: ['https://extension.example'],
          metadata: { a: null },
          x: 1,
        },
        configuration: {
          acceptedOutputModes: ['text/plain'],
          blocking: false,
          historyLength: 0,
          pushNotificationConfig: {
            id: 'p-1',
            url: 'https://hooks.example',
            token: 't',
            authentication: { schemes: ['Bearer'], credentials: 's', x: 1 },
            x: 2,
          },
          x: 3,
        },
        metadata: {},
        x: 4,
      },
      {
        message: {
          ...coreMessage,
          taskId: 't-1',
          contextId: 'c-1',
          referenceTaskIds: ['t-0'],
          extensions: ['https://extension.example'],
          metadata: { a: null },
          x: 1,
        },
        configuration: {
          acceptedOutputModes: ['text/plain'],
          returnImmediately: true,
          historyLength: 0,
          taskPushNotificationConfig: {
            id: 'p-1',
            url: 'https://hooks.example',
            token: 't',
            authentication: { scheme: 'Bearer', credentials: 's', x: 1 },
            x: 2,
          },
          x: 3,
        },
        metadata: {},
        x: 4,
      },
    ],
    ['SendStreamingMessage', { message }, { message: coreMessage }],
    ['GetTask', { id: 't-1', historyLength: 2 }, { id: 't-1', historyLength: 2 }],
    ['CancelTask', { id: 't-1', metadata: { a: 1 } }, { id: 't-1', metadata: { a: 1 } }],
    ['SubscribeToTask', { id: 't-1', metadata: { a: 1 } }, { id: 't-1', metadata: { a: 1 } }],
    [
      'CreateTaskPushNotificationConfig',
      { taskId: 't-1', pushNotificationConfig: { id: 'p-1', url: 'u' } },
      { taskId: 't-1', id: 'p-1', url: 'u' },
    ],
    [
      'GetTaskPushNotificationConfig',
      { id: 't-1', pushNotificationConfigId: 'p-1' },
      { taskId: 't-1', id: 'p-1' },
    ],
    ['ListTaskPushNotificationConfigs', { id: 't-1' }, { taskId: 't-1' }],
    [
      'DeleteTaskPushNotificationConfig',
      { id: 't-1', pushNotificationConfigId: 'p-1' },
      { taskId: 't-1', id: 'p-1' },
    ],
    ['GetExtendedAgentCard', { x: 1 }, { x: 1 }],
  ])('is the same for %s', (name, legacy, core) => {
    expect(toCoreRequest(operationNamed(name), legacy)).toEqual(core);
    expect(fromCoreRequest(operationNamed(name), core)).toEqual(legacy);
  });

  it.each([
    [{}, { blocking: true }],
    [{ configuration: null }, { blocking: true }],
    [{ configuration: { returnImmediately: null, historyLength: 1 } }, { blocking: true, historyLength: 1 }],
    [{ configuration: { returnImmediately: false } }, { blocking: true }],
    [{ configuration: { returnImmediately: true } }, { blocking: false }],
  ])('says towards 0.3 whether a send waits: %j', (configured, configuration) => {
    const request = { message: coreMessage, ...configured };
    expect(fromCoreRequest(operationNamed('SendMessage'), request)).toEqual({ message, configuration });
  });

  it('leaves it to the default of 1.0 where 0.3 does not say', () => {
    const { configuration } = toCoreRequest(operationNamed('SendMessage'), { message, configuration: {} });
    expect(configuration).toEqual({});
  });

  it("takes the task's id for that of a push configuration that has none", () => {
    const set = toCoreRequest(operationNamed('CreateTaskPushNotificationConfig'), {
      taskId: 't-1',
      pushNotificationConfig: { url: 'u', id: '' },
    });
    expect(set).toEqual({ taskId: 't-1', id: 't-1', url: 'u' });
    const get = toCoreRequest(operationNamed('GetTaskPushNotificationConfig'), { id: 't-1' });
    expect(get).toEqual({ taskId: 't-1', id: 't-1' });
    const without = toCoreRequest(operationNamed('DeleteTaskPushNotificationConfig'), { id: 't-1' });
    expect(without).toEqual({ taskId: 't-1' });
  });

  it('keeps the schemes of a webhook beyond the first', () => {
    const legacy = {
      taskId: 't-1',
      pushNotificationConfig: { id: 'p-1', url: 'u', authentication: { schemes: ['Bearer', 'Basic'] } },
    };
    const core = toCoreRequest(operationNamed('CreateTaskPushNotificationConfig'), legacy);
    expect(core.authentication).toEqual({ scheme: 'Bearer', schemes: ['Bearer', 'Basic'] });
    expect(fromCoreRequest(operationNamed('CreateTaskPushNotificationConfig'), core)).toEqual(legacy);
    const another = { taskId: 't-1', authentication: { scheme: 'Digest', schemes: ['Bearer', 'Basic'] } };
    expect(fromCoreRequest(operationNamed('CreateTaskPushNotificationConfig'), another)).toEqual({
      taskId: 't-1',
      pushNotificationConfig: { authentication: { schemes: ['Digest'] } },
    });
  });

  it('leaves an empty text out towards 0.3, where it would be one', () => {
    const ids = { taskId: '', contextId: '' };
    const pushConfig = { id: '', url: '', token: '', authentication: { scheme: '', credentials: '' } };
    const request = {
      message: { ...coreMessage, ...ids },
      configuration: { taskPushNotificationConfig: pushConfig },
    };
    expect(fromCoreRequest(operationNamed('SendMessage'), request)).toEqual({
      message,
      configuration: {
        blocking: true,
        pushNotificationConfig: { url: '', authentication: { schemes: [] } },
      },
    });
    const ofConfig = { taskId: 't-1', id: '' };
    expect(fromCoreRequest(operationNamed('GetTaskPushNotificationConfig'), ofConfig)).toEqual({ id: 't-1' });
  });

  it('copies what stands for a number, whatever it is', () => {
    const marked = { id: 't-1', historyLength: '\u0000n1e2' };
    expect(toCoreRequest(operationNamed('GetTask'), marked)).toEqual(marked);
    expect(fromCoreRequest(operationNamed('GetTask'), marked)).toEqual(marked);
  });

  it.each<[OperationName, Record<string, unknown>, Record<string, unknown>]>([
    [
      'GetTaskPushNotificationConfig',
      { id: 't-1', taskId: 't-2', task_id: 't-3', TaskID: 't-4', tenant: 'x' },
      { taskId: 't-1', id: 't-1' },
    ],
    [
      'CreateTaskPushNotificationConfig',
      {
        taskId: 't-1',
        url: 'v',
        pushNotificationConfig: { id: 'p', taskId: 't-2', task_id: 't-3' },
        id: 'q',
      },
      { taskId: 't-1', id: 'p' },
    ],
    [
      'SendMessage',
      {
        message: { ...message, task_id: 't-2' },
        configuration: { task_push_notification_config: { url: 'v' }, return_immediately: true },
      },
      { message: coreMessage, configuration: {} },
    ],
  ])('lets no unchecked member become one that 1.0 knows: %s', (name, legacy, core) => {
    expect(toCoreRequest(operationNamed(name), legacy)).toEqual(core);
  });

  it('lets no unchecked member become one that 0.3 knows', () => {
    const request = { taskId: 't-1', id: 'p-1', pushNotificationConfigId: 'p-2', tenant: '' };
    expect(fromCoreRequest(operationNamed('GetTaskPushNotificationConfig'), request)).toEqual({
      id: 't-1',
      pushNotificationConfigId: 'p-1',
    });
  });

  it.each<[OperationName, Record<string, unknown>, string]>([
    ['SendMessage', {}, 'message'],
    ['SendMessage', { message: 'hi' }, 'message'],
    ['SendMessage', { message: { ...message, kind: 'task' } }, 'message.kind'],
    ['SendMessage', { message: { ...message, role: 1 } }, 'message.role'],
    ['SendMessage', { message: { ...message, parts: {} } }, 'message.parts'],
    [
      'SendStreamingMessage',
      { message: { parts: [message.parts[0], { kind: 'x' }] } },
      'message.parts[1].kind',
    ],
    ['SendMessage', { message, configuration: [] }, 'configuration'],
    ['SendMessage', { message, configuration: { blocking: 'yes' } }, 'configuration.blocking'],
    ['CreateTaskPushNotificationConfig', { taskId: 't-1' }, 'pushNotificationConfig'],
    [
      'CreateTaskPushNotificationConfig',
      { pushNotificationConfig: { authentication: { schemes: [1] } } },
      'pushNotificationConfig.authentication.schemes[0]',
    ],
  ])('refuses what is no request of 0.3 by its place: %s %j', (name, params, parameter) => {
    expect(failureOf(() => toCoreRequest(operationNamed(name), params))).toMatchObject({
      code: 'parameter_invalid',
      parameter,
    });
  });

  it.each<[OperationName, Record<string, unknown>, string]>([
    ['SendMessage', {}, 'message'],
    ['SendMessage', { message: { role: [] } }, 'message.role'],
    ['SendMessage', { message: { parts: [{}] } }, 'message.parts[0]'],
    ['ListTaskPushNotificationConfigs', { taskId: 't-1', pageToken: 'next' }, 'pageToken'],
    ['CreateTaskPushNotificationConfig', { authentication: { scheme: 1 } }, 'authentication.scheme'],
  ])('refuses what is no request of 1.0 by its place: %s %j', (name, request, parameter) => {
    expect(failureOf(() => fromCoreRequest(operationNamed(name), request))).toMatchObject({
      code: 'parameter_invalid',
      parameter,
    });
  });

  it('knows no list of tasks in 0.3', () => {
    expect(() => toCoreRequest(operationNamed('ListTasks'), {})).toThrow(TypeError);
    expect(() => fromCoreRequest(operationNamed('ListTasks'), {})).toThrow(TypeError);
  });
});
