import { expect, it } from 'vitest';
import { idsOfRequest, idsOfResult } from '../call-ids.ts';

const ids = { contextId: 'c-1', taskId: 't-1' };
const status = { state: 'working', message: { kind: 'message', taskId: 'other', contextId: 'other' } };

it.each([
  ['task', { kind: 'task', id: 't-1', contextId: 'c-1', status }, ids],
  ['message', { kind: 'message', messageId: 'm-1', ...ids }, ids],
  ['message about no task', { kind: 'message', messageId: 'm-1' }, {}],
  ['status update', { kind: 'status-update', ...ids, status, final: false }, ids],
  ['artifact update', { kind: 'artifact-update', ...ids, artifact: { artifactId: 'a-1', parts: [] } }, ids],
  ['message in ProtoJSON', { msg: { messageId: 'm-1', ...ids } }, ids],
  ['push configuration', { taskId: 't-1', pushNotificationConfig: { id: 'c-1' } }, {}],
])('a %s of 0.3 shows its ids', (_, result, expected) => {
  expect(idsOfResult(result)).toEqual(expected);
});

it.each([
  ['a send', { message: { kind: 'message', ...ids } }, ids],
  ['a get', { id: 't-1' }, { taskId: 't-1' }],
  ['a push configuration to set', { taskId: 't-1', pushNotificationConfig: { id: 'x' } }, { taskId: 't-1' }],
  ['one to get', { id: 't-1', pushNotificationConfigId: 'x' }, { taskId: 't-1' }],
])('the request of %s names them', (_, request, expected) => {
  expect(idsOfRequest(request)).toEqual(expected);
});
