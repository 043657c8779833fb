import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bindings, call, message, success } from './support/bindings.ts';
import { dataFor, type Parts, startDirectoryStand } from './support/directory.ts';
import { errorInfo } from './support/raw.ts';
import type { SearchStand } from './support/search-stand.ts';

let stand: SearchStand;
beforeAll(async () => {
  stand = await startDirectoryStand();
});
afterAll(() => stand.close());

describe('a question', () => {
  it('is what the text parts say, together, files aside', async () => {
    const found = await dataFor(stand.fetch, [
      { text: 'invoice' },
      { url: 'https://files.test/a.pdf', mediaType: 'application/pdf' },
      { raw: 'aGk=', filename: 'a.txt' },
      { text: 'desk' },
    ]);
    expect(found.query).toBe('invoice desk');
  });

  it('may be a data part, alone or with filters for what the text says', async () => {
    const query = 'pay invoices';
    expect((await dataFor(stand.fetch, [{ data: { query, topK: 1 } }])).agents).toHaveLength(1);
    expect((await dataFor(stand.fetch, [{ data: { query, tags: ['money'] } }])).totalMatches).toBe(1);
    const filters = { capability: 'streaming', protocolBinding: 'JSONRPC', protocolVersion: '1.0' };
    const found = await dataFor(stand.fetch, [{ text: query }, { data: filters }]);
    expect(found.agents.map(({ agentId }) => agentId)).toEqual(['travel']);
    expect((await dataFor(stand.fetch, [{ text: 'see the data' }, { data: { query } }])).query).toBe(query);
  });

  const text = { text: 'x' };
  it.each<[Parts, string]>([
    [[{ text: '' }], 'message.parts'],
    [[{ text: ' \n ' }, { text: '\t' }], 'message.parts'],
    [[{ text: '\u0000' }], 'message.parts'],
    [[{ text: 'x'.repeat(1_001) }], 'message.parts'],
    [[{ text: 'x'.repeat(600) }, { text: 'y'.repeat(600) }], 'message.parts'],
    [[{ url: 'https://files.test/a.pdf' }], 'message.parts'],
    [[{ raw: 'aGk=' }], 'message.parts'],
    [[{}], 'message.parts'],
    [[], 'message.parts'],
    [Array(101).fill(text), 'message.parts'],
    [[{ text: 7 }], 'message.parts.0.text'],
    [[text, { data: 'x' }], 'message.parts.1.data'],
    [[text, { data: ['x'] }], 'message.parts.1.data'],
    [[text, { data: { topK: 0 } }], 'message.parts.1.data.topK'],
    [[text, { data: { topK: 1 } }, { data: { topK: 2 } }], 'message.parts.2'],
    [[{ data: { query: '' } }], 'message.parts.0.data.query'],
    [[{ data: { query: null } }], 'message.parts.0.data.query'],
    [[{ data: { topK: 3 } }], 'message.parts'],
    [[{ data: { query: 'x', patterns: ['*'] } }], 'message.parts.0.data.patterns'],
    [[{ data: { query: 'x', [`p${'a'.repeat(5_000)}`]: 1 } }], `message.parts.0.data.p${'a'.repeat(106)}`],
  ])('that is none is refused by what is wrong: %#', async (parts, parameter) => {
    for (const binding of bindings) {
      const params = { message: { ...message, parts } };
      const options = { agentId: 'directory', params };
      for (const operation of ['SendMessage', 'SendStreamingMessage'] as const) {
        const response = await call(stand, binding, operation, options);
        expect(response.status).toBe(binding === 'JSON-RPC' ? 200 : 400);
        const info = errorInfo(await response.text());
        const prefixed = binding === 'JSON-RPC' ? `params.${parameter}`.slice(0, 128) : parameter;
        expect(info).toMatchObject({ reason: 'PARAMETER_INVALID', metadata: { parameter: prefixed } });
      }
    }
  });

  it.each([
    [{}, 'message'],
    [{ message: 'x' }, 'message'],
    [{ message: { parts: [text] } }, 'message.messageId'],
    [{ message: { messageId: '', parts: [text] } }, 'message.messageId'],
    [{ message: { messageId: 'm', parts: text } }, 'message.parts'],
    [{ message: { messageId: 'm', parts: [text, 'x'] } }, 'message.parts.1'],
  ])('in a request that is none is refused: %j', async (params, parameter) => {
    const response = await call(stand, 'HTTP+JSON', 'SendMessage', { agentId: 'directory', params });
    expect(errorInfo(await response.text())).toMatchObject({ metadata: { parameter } });
  });
});

describe('tasks', () => {
  it.each(bindings)('are none, in %s', async (binding) => {
    for (const operation of ['GetTask', 'CancelTask', 'SubscribeToTask'] as const) {
      const response = await call(stand, binding, operation, { agentId: 'directory' });
      expect(response.status).toBe(binding === 'JSON-RPC' ? 200 : 404);
      const info = errorInfo(await response.text());
      expect(info?.reason).toBe('TASK_NOT_FOUND');
    }
    const params = { message: { ...message, taskId: 't-1' } };
    for (const operation of ['SendMessage', 'SendStreamingMessage'] as const) {
      const response = await call(stand, binding, operation, { agentId: 'directory', params });
      expect(response.headers.get('content-type')).toBe('application/json');
      expect(errorInfo(await response.text())?.reason).toBe('TASK_NOT_FOUND');
    }
    const list = await call(stand, binding, 'ListTasks', { agentId: 'directory' });
    const none = { tasks: [], nextPageToken: '', pageSize: 50, totalSize: 0 };
    expect(await list.text()).toBe(success(binding, none));
  });

  it.each(bindings)('are not asked for wrongly, in %s', async (binding) => {
    const list = { agentId: 'directory', params: { pageSize: 101 } };
    const listed =
      binding === 'JSON-RPC'
        ? await call(stand, binding, 'ListTasks', list)
        : await stand.fetch('/agents/directory/tasks?pageSize=0');
    expect(errorInfo(await listed.text())?.reason).toBe('PARAMETER_INVALID');
    if (binding === 'HTTP+JSON') return;
    const got = await call(stand, binding, 'GetTask', { agentId: 'directory', params: {} });
    expect(errorInfo(await got.text())).toMatchObject({ metadata: { parameter: 'params.id' } });
  });

  it.each(bindings)('and pushes and extended cards are not offered, in %s', async (binding) => {
    for (const [operation, reason] of [
      ['CreateTaskPushNotificationConfig', 'PUSH_NOTIFICATION_NOT_SUPPORTED'],
      ['ListTaskPushNotificationConfigs', 'PUSH_NOTIFICATION_NOT_SUPPORTED'],
      ['DeleteTaskPushNotificationConfig', 'PUSH_NOTIFICATION_NOT_SUPPORTED'],
      ['GetExtendedAgentCard', 'UNSUPPORTED_OPERATION'],
    ] as const) {
      const response = await call(stand, binding, operation, { agentId: 'directory' });
      expect(errorInfo(await response.text())?.reason).toBe(reason);
    }
    const configuration = { taskPushNotificationConfig: { url: 'https://hooks.test' } };
    const params = { message, configuration };
    const inline = await call(stand, binding, 'SendMessage', { agentId: 'directory', params });
    expect(errorInfo(await inline.text())?.reason).toBe('PUSH_NOTIFICATION_NOT_SUPPORTED');
  });
});
