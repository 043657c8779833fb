import { describe, expect, it } from 'vitest';
import { failureOf, operationNamed } from '../../../../test/support/bridge.ts';
import type { OperationName } from '../../../protocol/operations.ts';
import { fromCoreEvent, fromCoreResult, toCoreEvent, toCoreResult } from './result.ts';

const ids = { taskId: 't-1', contextId: 'c-1' };
const message = { messageId: 'm-1', role: 'ROLE_AGENT', content: [{ text: 'hi' }] };
const coreMessage = { messageId: 'm-1', role: 'ROLE_AGENT', parts: [{ text: 'hi' }] };
const artifact = {
  artifactId: 'a-1',
  name: 'n',
  description: 'd',
  parts: [{ text: 'a' }],
  extensions: ['e'],
};
const task = {
  id: 't-1',
  contextId: 'c-1',
  status: { state: 'TASK_STATE_CANCELLED', message, timestamp: '2026-01-01T00:00:00Z' },
  artifacts: [artifact],
  history: [message],
  metadata: { a: 1 },
  x: 1,
};
const coreTask = {
  ...task,
  status: { state: 'TASK_STATE_CANCELED', message: coreMessage, timestamp: '2026-01-01T00:00:00Z' },
  history: [coreMessage],
};
const config = {
  name: 'tasks/t-1/pushNotificationConfigs/c-1',
  pushNotificationConfig: { id: 'c-1', url: 'https://hooks.example' },
};
const coreConfig = { taskId: 't-1', id: 'c-1', url: 'https://hooks.example' };

describe('a result in 0.3 ProtoJSON and in core', () => {
  it.each<[OperationName, Record<string, unknown>, Record<string, unknown>]>([
    ['SendMessage', { task, y: 1 }, { task: coreTask, y: 1 }],
    ['SendMessage', { message }, { message: coreMessage }],
    ['GetTask', task, coreTask],
    ['CancelTask', task, coreTask],
    ['CreateTaskPushNotificationConfig', config, coreConfig],
    ['GetTaskPushNotificationConfig', config, coreConfig],
    [
      'ListTaskPushNotificationConfigs',
      { configs: [config], nextPageToken: 'p' },
      { configs: [coreConfig], nextPageToken: 'p' },
    ],
    ['DeleteTaskPushNotificationConfig', {}, {}],
    ['GetExtendedAgentCard', { name: 'a', url: 'u' }, { name: 'a', url: 'u' }],
  ])('is the same for %s', (name, legacy, core) => {
    expect(toCoreResult(operationNamed(name), legacy)).toEqual(core);
    expect(fromCoreResult(operationNamed(name), core)).toEqual(legacy);
  });

  it('is read by the proto’s own names', () => {
    const legacy = {
      msg: { message_id: 'm-1', context_id: 'c-1', task_id: 't-1', role: 2, content: [{ text: 'hi' }] },
    };
    expect(toCoreResult(operationNamed('SendMessage'), legacy)).toEqual({
      message: { ...coreMessage, ...ids },
    });
    const own = { id: 't-1', context_id: 'c-1', status: { state: 5, update: message }, history: null };
    expect(toCoreResult(operationNamed('GetTask'), own)).toEqual({
      id: 't-1',
      contextId: 'c-1',
      status: { state: 'TASK_STATE_CANCELED', message: coreMessage },
    });
  });

  it.each([
    [{ pushNotificationConfig: { id: 'c-1', url: 'u' } }, { id: 'c-1', url: 'u' }],
    [
      { name: 'tasks/a/b/pushNotificationConfigs/c-1', pushNotificationConfig: { url: 'u' } },
      { taskId: 'a/b', id: 'c-1', url: 'u' },
    ],
    [
      { name: 'tasks/t-1', pushNotificationConfig: { url: 'u' } },
      { taskId: 't-1', url: 'u' },
    ],
  ])('takes the ids of a push configuration from where they are: %j', (legacy, core) => {
    expect(toCoreResult(operationNamed('GetTaskPushNotificationConfig'), legacy)).toEqual(core);
  });

  it('of a deletion says nothing, whatever the agent said', () => {
    const remove = operationNamed('DeleteTaskPushNotificationConfig');
    for (const said of [undefined, null, '', {}, { x: 1 }]) expect(toCoreResult(remove, said)).toEqual({});
  });

  it('gives a time its zone', () => {
    const timed = (timestamp: string) => ({ id: 't-1', status: { timestamp } });
    const get = operationNamed('GetTask');
    expect(toCoreResult(get, timed('2026-01-01T00:00:00.5'))).toEqual(timed('2026-01-01T00:00:00.5Z'));
    expect(toCoreResult(get, timed('2026-01-01T00:00:00+01:00'))).toEqual(timed('2026-01-01T00:00:00+01:00'));
  });

  it.each<[OperationName, unknown, string]>([
    ['SendMessage', undefined, 'result is no object'],
    ['SendMessage', {}, 'result has no payload'],
    ['SendMessage', { task: null }, 'result has no payload'],
    ['SendMessage', { task, message }, 'result has two payloads'],
    ['SendMessage', { kind: 'task', id: 't-1' }, 'result has no payload'],
    ['GetTask', { id: 't-1' }, 'status is missing'],
    ['GetTask', { id: 't-1', status: { state: [] } }, 'status.state is no text'],
    ['GetTask', { id: 't-1', status: {}, history: {} }, 'history is no list'],
    ['GetTask', { id: 't-1', status: {}, artifacts: [null] }, 'artifacts[0] is no object'],
    ['GetTaskPushNotificationConfig', { name: 'x' }, 'pushNotificationConfig is no object'],
    [
      'GetTaskPushNotificationConfig',
      { ...config, name: 'x' },
      'name is no name of a push notification configuration',
    ],
    ['ListTaskPushNotificationConfigs', { configs: {} }, 'configs is no list'],
    ['GetExtendedAgentCard', [], 'result is no object'],
  ])('of %s is refused as %j', (name, legacy, problem) => {
    expect(failureOf(() => toCoreResult(operationNamed(name), legacy))).toEqual({
      code: 'upstream_response_invalid',
      problem,
    });
  });

  it('of a stream is none', () => {
    expect(() => toCoreResult(operationNamed('SendStreamingMessage'), {})).toThrow(TypeError);
    expect(() => fromCoreResult(operationNamed('SubscribeToTask'), {})).toThrow(TypeError);
  });
});

describe('an event in 0.3 ProtoJSON and in core', () => {
  it.each<[Record<string, unknown>, Record<string, unknown>]>([
    [{ task }, { task: coreTask }],
    [{ message }, { message: coreMessage }],
    [
      { statusUpdate: { ...ids, status: { state: 'TASK_STATE_WORKING' }, final: false, metadata: {} } },
      { statusUpdate: { ...ids, status: { state: 'TASK_STATE_WORKING' }, metadata: {} } },
    ],
    [
      { artifactUpdate: { ...ids, artifact, append: true, lastChunk: false } },
      { artifactUpdate: { ...ids, artifact, append: true, lastChunk: false } },
    ],
  ])('is the same for %j', (legacy, core) => {
    expect(toCoreEvent(legacy)).toEqual(core);
    expect(fromCoreEvent(core, false)).toEqual(legacy);
  });

  it('says of a status update alone that it is the last', () => {
    const statusUpdate = { ...ids, status: { state: 'TASK_STATE_COMPLETED' } };
    expect(fromCoreEvent({ statusUpdate }, true)).toEqual({ statusUpdate: { ...statusUpdate, final: true } });
    expect(fromCoreEvent({ task: coreTask }, true)).toEqual({ task });
  });

  it('is read by the proto’s own names', () => {
    const own = { status_update: { task_id: 't-1', context_id: 'c-1', status: {}, final: true } };
    expect(toCoreEvent(own)).toEqual({ statusUpdate: { ...ids, status: {} } });
    const chunk = { artifact_update: { task_id: 't-1', artifact: { artifact_id: 'a-1' }, last_chunk: true } };
    expect(toCoreEvent(chunk)).toEqual({
      artifactUpdate: { taskId: 't-1', artifact: { artifactId: 'a-1' }, lastChunk: true },
    });
  });

  it.each([[null], ['x'], [{}], [{ task, statusUpdate: { status: {} } }], [{ artifactUpdate: {} }]])(
    'is refused as %j',
    (event) => {
      const code = 'upstream_response_invalid';
      expect(failureOf(() => toCoreEvent(event))).toMatchObject({ code });
    },
  );
});
