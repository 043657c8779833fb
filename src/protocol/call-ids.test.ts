import { describe, expect, it } from 'vitest';
import { idsOfRequest, idsOfResult } from './call-ids.ts';

const both = { contextId: 'c', taskId: 't' };

describe('the ids of a request', () => {
  it.each([
    ['a message names both', { message: { contextId: 'c', taskId: 't' } }, both],
    ['a message names one', { message: { contextId: 'c' } }, { contextId: 'c' }],
    ['a first message names none', { message: { messageId: 'm' } }, {}],
    ['a message counts, not what stands beside it', { message: {}, id: 'x', contextId: 'y' }, {}],
    ['GetTask names a task', { id: 't' }, { taskId: 't' }],
    ['ListTasks names a conversation', { contextId: 'c' }, { contextId: 'c' }],
    ['of a push configuration the task counts, not its own id', { taskId: 't', id: 'x' }, { taskId: 't' }],
    ['null and the empty text are absence', { message: { contextId: null, taskId: '' } }, {}],
    ['what is no text is no id', { message: { contextId: 7, taskId: { a: 1 } } }, {}],
    ['there is no request', undefined, {}],
    ['a request is a list', [both], {}],
  ])('are those it names: %s', (_, request, expected) => {
    expect(idsOfRequest(request)).toEqual(expected);
  });
});

describe('the ids of a result', () => {
  it.each([
    ['a task', { task: { id: 't', contextId: 'c', status: {} } }, both],
    ['a message', { message: { contextId: 'c', taskId: 't' } }, both],
    ['a message that made no task', { message: { contextId: 'c' } }, { contextId: 'c' }],
    ['a status update', { statusUpdate: { contextId: 'c', taskId: 't', status: {} } }, both],
    ['an artifact update', { artifactUpdate: { contextId: 'c', taskId: 't', artifact: {} } }, both],
    ['a task by itself', { id: 't', contextId: 'c', status: { state: 'TASK_STATE_WORKING' } }, both],
    ['a list of tasks, known before', { tasks: [{ id: 't', contextId: 'c', status: {} }] }, {}],
    ['a push configuration, whose id is no task', { id: 'x', taskId: 't', url: 'https://a.test' }, {}],
    ['an extended card', { name: 'Agent', id: 'x' }, {}],
    ['ids of another type', { task: { id: 7, contextId: null } }, {}],
    ['no result', undefined, {}],
    ['a text', 'task', {}],
  ])('are those of %s', (_, result, expected) => {
    expect(idsOfResult(result)).toEqual(expected);
  });
});
