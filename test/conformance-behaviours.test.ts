import { AgentCard, ListTasksRequest, type ListTasksResponse, StreamResponse, Task } from '@a2a-js/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { versionOf } from '../examples/conformance/protocols.ts';
import { cites } from './support/cites.ts';
import { eventsOf, outcomeOf, sentToJson, startWebhook } from './support/conformance.ts';
import { type Cell, cells, openCell, said, taskOf } from './support/conformance-cell.ts';

/** What conformance kits have an agent do, done by the official client, directly and through the gateway. */

const outcomes: readonly [messageId: string, outcome: Record<string, unknown>][] = [
  ['tck-complete-task-1', { state: 'COMPLETED', says: ['Hello from TCK'] }],
  ['tck-delayed-complete-1', { state: 'COMPLETED', says: ['Done after delay'] }],
  ['tck-message-response-1', { message: ['Direct message response'] }],
  ['tck-input-required-1', { state: 'INPUT_REQUIRED' }],
  ['tck-auth-required-1', { state: 'AUTH_REQUIRED' }],
  ['tck-reject-task-1', { state: 'REJECTED', says: ['rejected'] }],
  ['tck-artifact-text-1', { state: 'COMPLETED', brings: ['Generated text content'] }],
  ['tck-artifact-file-1', { state: 'COMPLETED', brings: ['tck'] }],
  ['tck-artifact-file-url-1', { state: 'COMPLETED', brings: ['https://example.com/output.txt'] }],
  ['tck-artifact-data-1', { state: 'COMPLETED', brings: [{ key: 'value', count: 42 }] }],
  ['tck-stream-artifact-chunked-1', { state: 'COMPLETED', brings: ['chunk-1 ', 'chunk-2'] }],
  ['test-resubscribe-message-id-1', { state: 'COMPLETED' }],
  ['gw-fail-task-1', { state: 'FAILED', says: ['Failed as asked.'] }],
  ['gw-auth-required-1', { state: 'AUTH_REQUIRED', says: ['Authorize me elsewhere.'] }],
  ['any-other-id', { state: 'COMPLETED', says: ['Done.'] }],
];

const [task, status, artifact] = ['task', 'statusUpdate', 'artifactUpdate'];
const streams: readonly [messageId: string, events: readonly (string | undefined)[]][] = [
  ['tck-stream-001-1', [task, status, artifact, status]],
  ['tck-stream-002-1', [task, status]],
  ['tck-stream-003-1', [task, status, artifact, status]],
  ['tck-stream-ordering-001-1', [task, status, artifact, status]],
  ['tck-stream-artifact-text-1', [task, status, artifact, status]],
  ['tck-stream-artifact-file-1', [task, status, artifact, status]],
  ['tck-stream-artifact-chunked-1', [task, status, artifact, artifact, status]],
  ['tck-message-response-1', ['message']],
  ['tck-input-required-1', [task, status]],
  ['test-resubscribe-message-id-1', [task, status, status]],
  ['gw-auth-required-1', [task, status, status, status, status]],
];

interface TaskJson {
  status: { state: string };
  history?: { messageId: string }[];
}
describe.each(cells)('$protocol', (cell) => {
  const { protocol } = cell;
  let both: Cell['both'];
  let close: Cell['close'];
  beforeAll(async () => {
    ({ both, close } = await openCell(cell));
  });
  afterAll(() => close());

  it.each(outcomes)('%s', async (messageId, outcome) => {
    const answers = await both(async (client) => {
      const sent = await client.sendMessage(said(messageId));
      return { json: sentToJson(sent), outcome: outcomeOf(sent) };
    });
    expect(answers.outcome).toEqual(outcome);
  });

  it.each(streams)('%s, streamed', async (messageId, cases) => {
    const events = await both((client) => eventsOf(client.sendMessageStream(said(messageId))));
    expect(events.map((event) => Object.keys(event as object)[0])).toEqual(cases);
  });

  it('an echo of parts of every kind', async () => {
    const parts = [
      { text: 'hello', mediaType: 'text/plain' },
      { raw: Buffer.from('bytes').toString('base64'), filename: 'a.txt', mediaType: 'text/plain' },
      { url: 'https://example.com/b.png', filename: 'b.png', mediaType: 'image/png' },
      { data: { nested: { list: [1, 'two', null, true] } } },
    ];
    const outcome = await both(async (client) =>
      outcomeOf(await client.sendMessage(said('gw-echo', { parts }))),
    );
    expect(outcome.brings).toEqual([
      'hello',
      'bytes',
      'https://example.com/b.png',
      { nested: { list: [1, 'two', null, true] } },
    ]);
  });

  it('a task that waits is gone on with, and its history is told once', async () => {
    const task = await both(async (client) => {
      const { id: taskId, contextId } = taskOf(await client.sendMessage(said('tck-input-required-1')));
      const more = said('tck-complete-task-2', { taskId, contextId });
      return Task.toJSON(taskOf(await client.sendMessage(more))) as TaskJson;
    });
    expect(task.status.state).toBe('TASK_STATE_COMPLETED');
    const told = task.history?.map(({ messageId }) => messageId) ?? [];
    expect(told.slice(0, 2)).toEqual(['tck-input-required-1', 'tck-complete-task-2']);
    expect(new Set(told).size).toBe(told.length);
  });

  it('a task is got, with as much history as was asked for', async () => {
    const tasks = await both(async (client) => {
      const { id } = taskOf(await client.sendMessage(said('tck-complete-task')));
      return [
        Task.toJSON(await client.getTask({ id, tenant: '' })),
        Task.toJSON(await client.getTask({ id, tenant: '', historyLength: 1 })),
      ] as TaskJson[];
    });
    // The SDK reads the 0 that gRPC of 0.3 has for no length as none at all.
    const whole = protocol === 'grpc-0.3' ? undefined : 'tck-complete-task';
    expect(tasks[0]?.history?.[0]?.messageId).toBe(whole);
    expect(tasks[1]?.history).toHaveLength(1);
  });

  it('a task at work is subscribed to, and canceled', async () => {
    const { events, canceled } = await both(async (client) => {
      const begun = await client.sendMessage(said('gw-long-task', {}, { returnImmediately: true }));
      const { id } = taskOf(begun);
      const events: string[] = [];
      let canceled: unknown;
      for await (const { payload } of client.resubscribeTask({ id, tenant: '' })) {
        if (events.length === 0)
          canceled = Task.toJSON(await client.cancelTask({ id, tenant: '', metadata: undefined }));
        events.push(payload?.$case ?? 'nothing');
      }
      return { events, canceled: canceled as TaskJson };
    });
    expect(events).toEqual(['task', 'statusUpdate']);
    expect(canceled.status.state).toBe('TASK_STATE_CANCELED');
  });
  it('the extended card tells more', async () => {
    const skills = await both(async (client) => {
      const card = AgentCard.toJSON(await client.getAgentCard()) as { skills: { id: string }[] };
      return card.skills.map(({ id }) => id);
    });
    expect(skills).toEqual(['conformance', 'conformance-extended']);
  });

  it('who does not wait is answered before the work is done', async () => {
    const states = await both(async (client) => {
      const send = async (configuration: object) =>
        outcomeOf(await client.sendMessage(said('tck-delayed-complete-1', {}, configuration))).state;
      return [await send({ returnImmediately: true }), await send({ returnImmediately: false })];
    });
    expect(states).toEqual(['SUBMITTED', 'COMPLETED']);
  });

  it('all who subscribe see the same, also when one of them leaves', async () => {
    cites('A2A-3.5.2-several-subscribers', 'JSON-RPC 1.0', 'HTTP+JSON 1.0', 'JSON-RPC 0.3', 'HTTP+JSON 0.3');
    const [one, other] = await both(async (client) => {
      const { id } = taskOf(await client.sendMessage(said('tck-input-required')));
      const open = () => client.resubscribeTask({ id, tenant: '' });
      const [one, other, leaver] = [open(), open(), open()];
      const first = await Promise.all([one.next(), other.next(), leaver.next()]);
      await leaver.return();
      await client.sendMessage(said('tck-complete-task-2', { taskId: id }));
      const rest = await Promise.all([eventsOf(one), eventsOf(other)]);
      return rest.map((events, n) => [StreamResponse.toJSON(first[n]?.value as StreamResponse), ...events]);
    });
    expect(one?.length).toBeGreaterThan(1);
    expect(JSON.stringify(one?.at(-1))).toContain('TASK_STATE_COMPLETED');
    expect(other).toEqual(one);
  });

  it('a push configuration is kept, listed, and deleted as often as one likes', async () => {
    const lists = await both(async (client) => {
      const { id: taskId } = taskOf(await client.sendMessage(said('tck-complete-task')));
      const config = { taskId, id: 'c-1', url: 'https://127.0.0.1/', token: '', tenant: '' };
      const authentication = { scheme: 'Bearer', credentials: 'for-the-hook' };
      await client.createTaskPushNotificationConfig({ ...config, authentication });
      const list = async () => {
        const listed = { taskId, tenant: '', pageSize: 0, pageToken: '' };
        const { configs } = await client.listTaskPushNotificationConfig(listed);
        return configs.map(({ id, url }) => [id, url]);
      };
      const kept = await list();
      for (const _ of [1, 2])
        await client.deleteTaskPushNotificationConfig({ taskId, id: 'c-1', tenant: '' });
      return [kept, await list()];
    });
    expect(lists).toEqual([[['c-1', 'https://127.0.0.1/']], []]);
  });

  it('a webhook named with the message is told, with its credentials', async () => {
    const post = await both(async (client) => {
      const webhook = await startWebhook();
      try {
        const authentication = { scheme: 'Bearer', credentials: 'for-the-hook' };
        const taskPushNotificationConfig = { id: 'c-1', url: webhook.url, authentication };
        await client.sendMessage(said('tck-input-required', {}, { taskPushNotificationConfig }));
        return (await webhook.posted(1))[0];
      } finally {
        await webhook.close();
      }
    });
    expect(post?.authorization).toBe('Bearer for-the-hook');
  });

  it('a webhook is told what becomes of a task, in the version it was registered in', async () => {
    const posts = await both(async (client) => {
      const webhook = await startWebhook();
      try {
        const begun = await client.sendMessage(said('gw-long-task', {}, { returnImmediately: true }));
        const { id: taskId } = taskOf(begun);
        const config = { taskId, id: 'c-1', url: webhook.url, token: 't-1', tenant: '' };
        await client.createTaskPushNotificationConfig({ ...config, authentication: undefined });
        const kept = await client.getTaskPushNotificationConfig({ taskId, id: 'c-1', tenant: '' });
        expect(kept).toMatchObject({ id: 'c-1', url: webhook.url, token: 't-1' });
        await client.cancelTask({ id: taskId, tenant: '', metadata: undefined });
        // The SDK tells of the last event twice.
        return (await webhook.posted(1)).slice(0, 1);
      } finally {
        await webhook.close();
      }
    });
    expect(posts[0]?.token).toBe('t-1');
    const isOlder = versionOf(protocol) === '0.3';
    expect(Object.keys(posts[0]?.body as object).includes('kind')).toBe(isOlder);
    expect(JSON.stringify(posts[0]?.body)).toMatch(/canceled/i);
  });

  it.runIf(versionOf(protocol) === '1.0')('tasks are listed, newest first and page by page', async () => {
    const lists = await both(async (client) => {
      const contextId = crypto.randomUUID();
      for (const n of [1, 2, 3]) await client.sendMessage(said(`tck-artifact-text-${n}`, { contextId }));
      const list = async (filter: object) =>
        client.listTasks(ListTasksRequest.fromJSON({ contextId, ...filter }));
      const all = await list({});
      const first = await list({ pageSize: 2 });
      const second = await list({ pageSize: 2, pageToken: first.nextPageToken });
      const oldest = all.tasks.at(-1)?.status?.timestamp;
      const since = await list({ statusTimestampAfter: oldest, includeArtifacts: true });
      const names = (page: ListTasksResponse) => page.tasks.map(({ history }) => history[0]?.messageId);
      return {
        // Those of one millisecond may come in any order, but in the same on every page.
        names: names(all).toSorted(),
        joined: JSON.stringify([...names(first), ...names(second)]) === JSON.stringify(names(all)),
        isLast: [all, first, second].map(({ nextPageToken }) => nextPageToken === ''),
        totals: [all, first, second].map(({ totalSize }) => totalSize),
        since: since.tasks.map(({ artifacts }) => artifacts.length),
      };
    });
    expect(lists).toEqual({
      names: [1, 2, 3].map((n) => `tck-artifact-text-${n}`),
      joined: true,
      isLast: [true, false, true],
      totals: [3, 3, 3],
      since: [1, 1, 1],
    });
  });
});
