import { describe, expect, it } from 'vitest';
import { operationNamed } from '../../../test/support/bridge.ts';
import { GatewayError } from '../../failure.ts';
import type { OperationName } from '../../protocol/operations.ts';
import { fromCoreResult, toCoreResult } from './result.ts';

const task = { kind: 'task', id: 't-1', contextId: 'c-1', status: { state: 'completed' } };
const coreTask = { id: 't-1', contextId: 'c-1', status: { state: 'TASK_STATE_COMPLETED' } };
const pushConfig = { taskId: 't-1', pushNotificationConfig: { id: 'p-1', url: 'u' }, x: 1 };
const corePushConfig = { taskId: 't-1', id: 'p-1', url: 'u', x: 1 };

describe('a result in 0.3 and in core', () => {
  it.each<[OperationName, unknown, Record<string, unknown>]>([
    ['SendMessage', task, { task: coreTask }],
    [
      'SendMessage',
      { kind: 'message', messageId: 'm-1', role: 'agent', parts: [] },
      { message: { messageId: 'm-1', role: 'ROLE_AGENT', parts: [] } },
    ],
    ['GetTask', task, coreTask],
    ['CancelTask', task, coreTask],
    ['CreateTaskPushNotificationConfig', pushConfig, corePushConfig],
    ['GetTaskPushNotificationConfig', pushConfig, corePushConfig],
    ['ListTaskPushNotificationConfigs', [pushConfig], { configs: [corePushConfig] }],
    ['ListTaskPushNotificationConfigs', [], { configs: [] }],
    ['DeleteTaskPushNotificationConfig', null, {}],
    ['GetExtendedAgentCard', { name: 'a', kind: 'b' }, { name: 'a', kind: 'b' }],
  ])('is the same for %s: %j', (name, legacy, core) => {
    expect(toCoreResult(operationNamed(name), legacy)).toEqual(core);
    expect(fromCoreResult(operationNamed(name), core)).toEqual(legacy);
  });

  it('takes a task without its kind where nothing else can come', () => {
    const { kind: _, ...unnamed } = task;
    expect(toCoreResult(operationNamed('GetTask'), unnamed)).toEqual(coreTask);
  });

  it('takes any answer to a deletion, and none', () => {
    expect(toCoreResult(operationNamed('DeleteTaskPushNotificationConfig'), undefined)).toEqual({});
    expect(toCoreResult(operationNamed('DeleteTaskPushNotificationConfig'), { a: 1 })).toEqual({});
  });

  it('reads no list of configurations as an empty one', () => {
    expect(fromCoreResult(operationNamed('ListTaskPushNotificationConfigs'), {})).toEqual([]);
  });

  it.each<[OperationName, unknown]>([
    ['SendMessage', { ...task, kind: 'status-update' }],
    ['SendMessage', coreTask],
    ['GetTask', { ...task, kind: 'message' }],
    ['GetTask', null],
    ['CancelTask', { kind: 'task' }],
    ['ListTaskPushNotificationConfigs', { configs: [] }],
    ['ListTaskPushNotificationConfigs', [{ taskId: 't-1' }]],
    ['GetTaskPushNotificationConfig', { taskId: 't-1' }],
    ['GetExtendedAgentCard', []],
  ])('refuses what is no result of 0.3: %s %j', (name, result) => {
    expect(() => toCoreResult(operationNamed(name), result)).toThrow(GatewayError);
  });

  it.each<[OperationName, Record<string, unknown>]>([
    ['SendMessage', { statusUpdate: { status: {} } }],
    ['SendMessage', coreTask],
    ['GetTask', { status: 'x' }],
    ['ListTaskPushNotificationConfigs', { configs: {} }],
  ])('refuses what is no result of 1.0: %s %j', (name, result) => {
    expect(() => fromCoreResult(operationNamed(name), result)).toThrow(GatewayError);
  });

  it.each<OperationName>(['SendStreamingMessage', 'SubscribeToTask', 'ListTasks'])(
    'has none for %s',
    (name) => {
      expect(() => toCoreResult(operationNamed(name), task)).toThrow(TypeError);
      expect(() => fromCoreResult(operationNamed(name), coreTask)).toThrow(TypeError);
    },
  );
});
