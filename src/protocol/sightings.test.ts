import { describe, expect, it } from 'vitest';
import { type OperationName, operationOf } from './operations.ts';
import { sightingsOf } from './sightings.ts';

const seenIn = (result: unknown, operation: OperationName = 'SendMessage') =>
  sightingsOf(operationOf(operation), result);

const both = { taskId: 't', contextId: 'c' };
const working = { state: 'TASK_STATE_WORKING', timestamp: '2026-01-01T00:00:00Z' };
const atWork = { ...both, ...working };

describe('what a result shows', () => {
  it.each([
    ['a task', { task: { id: 't', contextId: 'c', status: working } }, [atWork]],
    ['a task by itself', { id: 't', contextId: 'c', status: working }, [atWork]],
    ['a task without a status', { id: 't', contextId: 'c' }, [both]],
    ['a message about a task', { message: { taskId: 't', contextId: 'c' } }, [both]],
    ['a message about none', { message: { contextId: 'c' } }, [{ contextId: 'c' }]],
    ['a status update', { statusUpdate: { taskId: 't', contextId: 'c', status: working } }, [atWork]],
    ['an artifact update', { artifactUpdate: { taskId: 't', contextId: 'c', artifact: {} } }, [both]],
    [
      'a task of 0.3',
      { kind: 'task', id: 't', contextId: 'c', status: { state: 'input-required' } },
      [{ ...both, state: 'TASK_STATE_INPUT_REQUIRED' }],
    ],
    [
      'an update of 0.3',
      { kind: 'status-update', taskId: 't', contextId: 'c', status: { state: 'canceled' } },
      [{ ...both, state: 'TASK_STATE_CANCELED' }],
    ],
    ['a message of the 0.3 proto', { msg: { taskId: 't', contextId: 'c' } }, [both]],
    ['names of the proto', { status_update: { task_id: 't', context_id: 'c' } }, [both]],
    [
      'two things at once',
      { task: { id: 't' }, message: { taskId: 'u' } },
      [{ taskId: 't' }, { taskId: 'u' }],
    ],
    ['a task under two ids', { task: { id: 't', taskId: 'u' } }, [{ taskId: 't' }, { taskId: 'u' }]],
    ['ids of another type', { task: { id: 7, contextId: null } }, []],
    ['no result', undefined, []],
    ['a text', 'task', []],
    ['a list', [{ id: 't' }], []],
  ])('is %s', (_, result, expected) => {
    expect(seenIn(result)).toEqual(expected);
  });

  it('is neither what was said before nor what a message refers to', () => {
    const history = [{ taskId: 'u', contextId: 'd' }];
    const message = { taskId: 'u', contextId: 'd', referenceTaskIds: ['v'] };
    const task = { id: 't', contextId: 'c', history, status: { ...working, message } };
    expect(seenIn({ task })).toEqual([atWork]);
  });

  it.each([
    ['TASK_STATE_CANCELLED', 'TASK_STATE_CANCELED'],
    ['unknown', 'TASK_STATE_UNSPECIFIED'],
    ['auth-required', 'TASK_STATE_AUTH_REQUIRED'],
    [2, 'TASK_STATE_WORKING'],
  ])('has its state in the words of 1.0: %s', (state, expected) => {
    expect(seenIn({ id: 't', status: { state } })).toEqual([{ taskId: 't', state: expected }]);
  });

  it.each(['bored', 99, null, { a: 1 }])('has no state that is none: %j', (state) => {
    expect(seenIn({ id: 't', status: { state, timestamp: 'x' } })).toEqual([{ taskId: 't' }]);
  });
});

it.each<[OperationName, object]>([
  ['ListTasks', { tasks: [{ id: 't' }], id: 't' }],
  ['GetExtendedAgentCard', { id: 't', name: 'Agent' }],
  ['CreateTaskPushNotificationConfig', { id: 'p', taskId: 't' }],
])('is nothing in an answer that is no task: %s', (operation, result) => {
  expect(seenIn(result, operation)).toEqual([]);
});
