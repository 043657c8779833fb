import { describe, expect, it } from 'vitest';
import { failureOf, operationNamed } from '../../../../test/support/bridge.ts';
import type { OperationName } from '../../../protocol/operations.ts';
import { fromCoreRequest, toCoreRequest } from './request.ts';

const message = { messageId: 'm-1', role: 'ROLE_USER', content: [{ text: 'hi' }] };
const coreMessage = { messageId: 'm-1', role: 'ROLE_USER', parts: [{ text: 'hi' }] };
const configName = 'tasks/t-1/pushNotificationConfigs/c-1';

describe('a request in 0.3 ProtoJSON and in core', () => {
  it.each<[OperationName, Record<string, unknown>, Record<string, unknown>]>([
    [
      'SendMessage',
      {
        message: {
          ...message,
          taskId: 't-1',
          contextId: 'c-1',
          referenceTaskIds: ['t-2'],
          extensions: ['https://ext.example'],
          metadata: { a: null },
        },
        configuration: {
          blocking: false,
          acceptedOutputModes: ['text/plain'],
          historyLength: 2,
          pushNotification: {
            id: 'c-1',
            url: 'https://hooks.example',
            token: 't',
            authentication: { schemes: ['Bearer'], credentials: 'x' },
          },
        },
        metadata: { b: 1 },
        x: 1,
      },
      {
        message: {
          ...coreMessage,
          taskId: 't-1',
          contextId: 'c-1',
          referenceTaskIds: ['t-2'],
          extensions: ['https://ext.example'],
          metadata: { a: null },
        },
        configuration: {
          returnImmediately: true,
          acceptedOutputModes: ['text/plain'],
          historyLength: 2,
          taskPushNotificationConfig: {
            id: 'c-1',
            url: 'https://hooks.example',
            token: 't',
            authentication: { scheme: 'Bearer', credentials: 'x' },
          },
        },
        metadata: { b: 1 },
        x: 1,
      },
    ],
    [
      'SendMessage',
      { message, configuration: { blocking: true } },
      { message: coreMessage, configuration: { returnImmediately: false } },
    ],
    ['SendStreamingMessage', { message }, { message: coreMessage }],
    ['GetTask', { name: 'tasks/t-1', historyLength: 0 }, { id: 't-1', historyLength: 0 }],
    ['CancelTask', { name: 'tasks/a/b', metadata: { a: 1 } }, { id: 'a/b', metadata: { a: 1 } }],
    ['SubscribeToTask', { name: 'tasks/t-1' }, { id: 't-1' }],
    [
      'CreateTaskPushNotificationConfig',
      {
        parent: 'tasks/t-1',
        configId: 'c-1',
        config: {
          name: configName,
          pushNotificationConfig: { id: 'c-1', url: 'https://hooks.example' },
          x: 1,
        },
      },
      { taskId: 't-1', id: 'c-1', url: 'https://hooks.example', x: 1 },
    ],
    ['GetTaskPushNotificationConfig', { name: configName }, { taskId: 't-1', id: 'c-1' }],
    [
      'ListTaskPushNotificationConfigs',
      { parent: 'tasks/t-1', pageSize: 5, pageToken: 'p' },
      { taskId: 't-1', pageSize: 5, pageToken: 'p' },
    ],
    ['DeleteTaskPushNotificationConfig', { name: configName }, { taskId: 't-1', id: 'c-1' }],
    ['GetExtendedAgentCard', { x: 1 }, { x: 1 }],
  ])('is the same for %s', (name, legacy, core) => {
    expect(toCoreRequest(operationNamed(name), legacy)).toEqual(core);
    expect(fromCoreRequest(operationNamed(name), core)).toEqual(legacy);
  });

  it('is read by the proto’s own names', () => {
    const request = {
      request: { message_id: 'm-1', task_id: 't-1', context_id: 'c-1', role: 1, content: [{ text: 'hi' }] },
      configuration: {
        accepted_output_modes: ['text/plain'],
        history_length: 1,
        blocking: true,
        push_notification: { url: 'https://hooks.example' },
      },
    };
    expect(toCoreRequest(operationNamed('SendMessage'), request)).toEqual({
      message: { ...coreMessage, taskId: 't-1', contextId: 'c-1' },
      configuration: {
        acceptedOutputModes: ['text/plain'],
        historyLength: 1,
        returnImmediately: false,
        taskPushNotificationConfig: { url: 'https://hooks.example' },
      },
    });
    const created = {
      parent: 'tasks/t-1',
      config_id: 'c-1',
      config: { push_notification_config: { url: 'https://hooks.example' } },
    };
    expect(toCoreRequest(operationNamed('CreateTaskPushNotificationConfig'), created)).toEqual({
      taskId: 't-1',
      id: 'c-1',
      url: 'https://hooks.example',
    });
  });

  it('waits towards 0.3 unless told otherwise, and in 0.3 does what a left out false says', () => {
    const send = operationNamed('SendMessage');
    expect(fromCoreRequest(send, { message: coreMessage })).toEqual({
      message,
      configuration: { blocking: true },
    });
    expect(
      fromCoreRequest(send, { message: coreMessage, configuration: { returnImmediately: null } }),
    ).toEqual({
      message,
      configuration: { blocking: true },
    });
    for (const configuration of [{}, { blocking: null }, { blocking: false }]) {
      const translated = toCoreRequest(send, { message, configuration });
      expect(translated.configuration).toEqual({ returnImmediately: true });
    }
    expect(toCoreRequest(send, { message })).toEqual({ message: coreMessage });
  });

  it('keeps further schemes of a webhook where 1.0 has but one', () => {
    const authentication = { schemes: ['Bearer', 'Basic'] };
    const legacy = {
      message,
      configuration: { blocking: true, pushNotification: { url: 'u', authentication } },
    };
    const send = operationNamed('SendMessage');
    const core = toCoreRequest(send, legacy);
    expect(core.configuration).toMatchObject({
      taskPushNotificationConfig: { authentication: { scheme: 'Bearer', schemes: ['Bearer', 'Basic'] } },
    });
    expect(fromCoreRequest(send, core)).toEqual(legacy);
  });

  it.each([
    [{ taskPushNotificationConfig: { url: 'x' } }],
    [{ task_push_notification_config: { url: 'x' } }],
    [{ TaskPushNotificationConfig: { url: 'x' } }],
    [{ pushNotificationConfig: { url: 'x' } }],
  ])('does not come by a webhook on the way, as in %j', (smuggled) => {
    const configuration = { blocking: true, ...smuggled };
    const core = toCoreRequest(operationNamed('SendMessage'), { message, configuration });
    const webhooks = Object.keys(core.configuration as object).filter((name) => /push/i.test(name));
    // The name of 0.3 in JSON-RPC is no name here; whoever speaks it decides by its own guard.
    expect(webhooks).toEqual([]);
  });

  it.each<[OperationName, Record<string, unknown>, string]>([
    ['SendMessage', {}, 'message'],
    ['SendMessage', { message: 'hi' }, 'message'],
    ['SendMessage', { message: { content: {} } }, 'message.content'],
    ['SendMessage', { message: { content: [1] } }, 'message.content[0]'],
    ['SendMessage', { message: { role: {} } }, 'message.role'],
    ['SendMessage', { message, configuration: 1 }, 'configuration'],
    ['SendMessage', { message, configuration: { blocking: 'yes' } }, 'configuration.blocking'],
    ['GetTask', {}, 'name'],
    ['GetTask', { name: 't-1' }, 'name'],
    ['GetTask', { name: 'tasks/' }, 'name'],
    ['GetTaskPushNotificationConfig', { name: 'tasks/t-1' }, 'name'],
    ['GetTaskPushNotificationConfig', { name: 'tasks/t-1/pushNotificationConfigs/' }, 'name'],
    ['ListTaskPushNotificationConfigs', { parent: 1 }, 'parent'],
    ['CreateTaskPushNotificationConfig', { parent: 'tasks/t-1' }, 'config'],
    [
      'CreateTaskPushNotificationConfig',
      { parent: 'tasks/t-1', config: {} },
      'config.pushNotificationConfig',
    ],
    ['CreateTaskPushNotificationConfig', { config: { pushNotificationConfig: { url: 'u' } } }, 'parent'],
  ])('of %s is refused as %j', (name, legacy, parameter) => {
    expect(failureOf(() => toCoreRequest(operationNamed(name), legacy))).toMatchObject({
      code: 'parameter_invalid',
      parameter,
    });
  });

  it.each<[OperationName, Record<string, unknown>, string]>([
    ['SendMessage', {}, 'message'],
    ['GetTask', { id: 1 }, 'id'],
    ['GetTask', {}, 'id'],
    ['GetTaskPushNotificationConfig', { taskId: 't-1' }, 'id'],
    ['DeleteTaskPushNotificationConfig', { id: 'c-1' }, 'taskId'],
    ['CreateTaskPushNotificationConfig', { url: 'u' }, 'taskId'],
  ])('of core, of %s, is refused as %j', (name, core, parameter) => {
    expect(failureOf(() => fromCoreRequest(operationNamed(name), core))).toMatchObject({
      code: 'parameter_invalid',
      parameter,
    });
  });

  it('is none for what 0.3 does not have', () => {
    expect(() => toCoreRequest(operationNamed('ListTasks'), {})).toThrow(TypeError);
  });
});
