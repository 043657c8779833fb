import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../failure.ts';
import { type Operation, type OperationName, operations } from '../../protocol/operations.ts';
import { fromCoreResult, toCoreResult } from './result.ts';

function operation(name: OperationName): Operation {
  const found = operations.find((each) => each.name === name);
  if (found === undefined) throw new Error(name);
  return found;
}

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
    expect(toCoreResult(operation(name), legacy)).toEqual(core);
    expect(fromCoreResult(operation(name), core)).toEqual(legacy);
  });

  it('takes a task without its kind where nothing else can come', () => {
    const { kind: _, ...unnamed } = task;
    expect(toCoreResult(operation('GetTask'), unnamed)).toEqual(coreTask);
  });

  it('takes any answer to a deletion, and none', () => {
    expect(toCoreResult(operation('DeleteTaskPushNotificationConfig'), undefined)).toEqual({});
    expect(toCoreResult(operation('DeleteTaskPushNotificationConfig'), { a: 1 })).toEqual({});
  });

  it('reads no list of configurations as an empty one', () => {
    expect(fromCoreResult(operation('ListTaskPushNotificationConfigs'), {})).toEqual([]);
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
    expect(() => toCoreResult(operation(name), result)).toThrow(GatewayError);
  });

  it.each<[OperationName, Record<string, unknown>]>([
    ['SendMessage', { statusUpdate: { status: {} } }],
    ['SendMessage', coreTask],
    ['GetTask', { status: 'x' }],
    ['ListTaskPushNotificationConfigs', { configs: {} }],
  ])('refuses what is no result of 1.0: %s %j', (name, result) => {
    expect(() => fromCoreResult(operation(name), result)).toThrow(GatewayError);
  });

  it.each<OperationName>(['SendStreamingMessage', 'SubscribeToTask', 'ListTasks'])(
    'has none for %s',
    (name) => {
      expect(() => toCoreResult(operation(name), task)).toThrow(TypeError);
      expect(() => fromCoreResult(operation(name), coreTask)).toThrow(TypeError);
    },
  );
});
