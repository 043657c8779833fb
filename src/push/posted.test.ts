import { describe, expect, it } from 'vitest';
import { GatewayError } from '../failure.ts';
import { bodyIn, parsePosted } from './posted.ts';

const status = { state: 'TASK_STATE_WORKING' };
const update = `{"statusUpdate":{"taskId":"t","contextId":"c","status":{"state":"TASK_STATE_COMPLETED"},"metadata":{"n":9007199254740993}},"vendor":1.0}`;
const legacyTask = `{"kind":"task","id":"t","contextId":"c","status":{"state":"working"},"vendor":1.0}`;

function failureOf(text: string): unknown {
  try {
    return parsePosted(text);
  } catch (error) {
    return error instanceof GatewayError ? error.failure : error;
  }
}

describe('parsePosted', () => {
  it.each([
    ['1.0', { task: { id: 't', contextId: 'c', status } }],
    ['1.0', { message: { taskId: 't', messageId: 'm', role: 'ROLE_AGENT', parts: [] } }],
    ['1.0', { statusUpdate: { taskId: 't', contextId: 'c', status } }],
    ['1.0', { artifactUpdate: { taskId: 't', contextId: 'c', artifact: {} }, task: null, kind: 'odd' }],
    ['0.3', { kind: 'task', id: 't', contextId: 'c' }],
    ['0.3', { kind: 'message', taskId: 't' }],
    ['0.3', { kind: 'status-update', taskId: 't' }],
    ['0.3', { kind: 'artifact-update', taskId: 't' }],
  ])('tells by its shape that it is of %s: %j', (version, posted) => {
    expect(parsePosted(JSON.stringify(posted))).toMatchObject({ version, taskId: 't' });
  });

  it.each([
    [{ code: 'body_malformed' }, ''],
    [{ code: 'body_malformed' }, '{'],
    [{ code: 'notification_refused', problem: 'payload' }, '[]'],
    [{ code: 'notification_refused', problem: 'payload' }, '7'],
    [{ code: 'notification_refused', problem: 'payload' }, '{}'],
    [{ code: 'notification_refused', problem: 'payload' }, '{"task":"t"}'],
    [{ code: 'notification_refused', problem: 'payload' }, '{"task":{"id":7}}'],
    [{ code: 'notification_refused', problem: 'payload' }, '{"message":{"messageId":"m"}}'],
    [{ code: 'notification_refused', problem: 'payload' }, '{"kind":"task"}'],
    [{ code: 'notification_refused', problem: 'payload' }, '{"task":{"id":"t"},"message":{"taskId":"t"}}'],
    [{ code: 'member_refused', rule: 'duplicate' }, '{"task":{"id":"t","id":"u"}}'],
    [{ code: 'member_refused', rule: 'duplicate' }, '{"task":{"id":"t"},"task":{"id":"u"}}'],
    [{ code: 'member_refused', rule: 'alias' }, '{"statusUpdate":{"taskId":"t","task_id":"u"}}'],
    [{ code: 'member_refused', rule: 'alias' }, '{"task":{"id":"t"},"status_update":{"taskId":"u"}}'],
    [{ code: 'member_refused', rule: 'duplicate' }, '{"kind":"task","id":"t","id":"u"}'],
    [{ code: 'member_refused', rule: 'alias' }, '{"kind":"message","taskId":"t","TaskID":"u"}'],
  ])('refuses with %j what it cannot tell the task of: %s', (failure, text) => {
    expect(failureOf(text)).toMatchObject(failure);
  });
});

describe('bodyIn', () => {
  it('leaves every letter of what is in the version of the webhook', async () => {
    expect(await bodyIn('1.0', parsePosted(update))).toEqual({
      contentType: 'application/a2a+json',
      body: update,
    });
    expect(await bodyIn('0.3', parsePosted(legacyTask))).toEqual({
      contentType: 'application/json',
      body: legacyTask,
    });
  });

  it('translates to the version of the webhook, members nobody knows and numbers as they were', async () => {
    expect((await bodyIn('1.0', parsePosted(legacyTask))).body).toBe(
      '{"task":{"id":"t","contextId":"c","status":{"state":"TASK_STATE_WORKING"},"vendor":1.0}}',
    );
    const { body, contentType } = await bodyIn('0.3', parsePosted(update));
    expect(contentType).toBe('application/json');
    expect(body).toContain('9007199254740993');
    expect(JSON.parse(body)).toMatchObject({
      kind: 'status-update',
      taskId: 't',
      status: { state: 'completed' },
      final: true,
    });
  });

  it('marks as the last only what ends the task', async () => {
    const working = JSON.stringify({ statusUpdate: { taskId: 't', contextId: 'c', status } });
    expect(JSON.parse((await bodyIn('0.3', parsePosted(working))).body)).toMatchObject({ final: false });
  });

  it('refuses what cannot be told in that version', async () => {
    const odd = parsePosted('{"kind":"task","id":"t","status":"working"}');
    await expect(bodyIn('1.0', odd)).rejects.toMatchObject({
      failure: { code: 'notification_refused', problem: 'payload' },
    });
  });
});
