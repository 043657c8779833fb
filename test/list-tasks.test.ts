import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { message } from './support/bindings.ts';
import { expectRefused } from './support/cell-caller.ts';
import { cites } from './support/cites.ts';
import { rpcError } from './support/grpc.ts';
import {
  expectInvalid,
  type ListStand,
  listCells,
  namesIn,
  startListStand,
  timeAt,
} from './support/list-stand.ts';
import { nextCall } from './support/scripted-agent.ts';

/** Lists of tasks that the gateway makes, of agents that cannot tell its callers apart. */

let stand: ListStand;

beforeAll(async () => {
  stand = await startListStand({
    narrow: { limits: { maxConcurrentCalls: 1, maxQueuedCalls: 0 } },
    impatient: { deadlines: { totalTimeoutMs: 1_500 } },
    shared: { ownership: 'client' },
  });
});
afterAll(() => stand.close());
beforeEach(() => stand.reset());

describe.each(listCells)('to a caller of %s', (cell) => {
  it('says of no tasks in all members that there are none, and asks the agent for nothing', async () => {
    cites('A2A-3.1.4-empty-page', cell);
    const nobody = await stand.somebody(cell);
    expect(await nobody.list()).toEqual({ tasks: [], nextPageToken: '', pageSize: 50, totalSize: 0 });
    expect(stand.gateway.agent.seen).toEqual([]);
  });

  it('lists by every filter, the latest first', async () => {
    cites('A2A-3.1.4-list-tasks', cell);
    const alice = await stand.somebody(cell);
    await alice.begin(['one', 'two']);
    await alice.begin(['three'], { contextId: 'd' });
    stand.change(alice.id('two'), { status: { state: 'TASK_STATE_COMPLETED', timestamp: timeAt(60) } });
    expect(await alice.list()).toMatchObject({ totalSize: 3, pageSize: 50, nextPageToken: '' });
    const filters: [Record<string, unknown>, string[]][] = [
      [{}, ['two', 'three', 'one']],
      [{ contextId: alice.id('c') }, ['two', 'one']],
      [{ status: 'TASK_STATE_WORKING' }, ['three', 'one']],
      [{ status: 'TASK_STATE_REJECTED' }, []],
      [{ statusTimestampAfter: timeAt(2) }, ['two', 'three']],
      [{ statusTimestampAfter: timeAt(61) }, []],
      [
        { contextId: alice.id('c'), status: 'TASK_STATE_COMPLETED', statusTimestampAfter: timeAt(60) },
        ['two'],
      ],
    ];
    for (const [filter, names] of filters) {
      const found = await alice.list(filter);
      expect(namesIn(found)).toEqual(names);
      expect(found.totalSize).toBe(names.length);
    }
  });

  it('shows artifacts where they are asked for, and no more of the history than is', async () => {
    const alice = await stand.somebody(cell);
    await alice.begin(['one', 'two']);
    const history = ['a', 'b', 'c'].map((messageId) => ({ ...message, messageId }));
    stand.change(alice.id('one'), { artifacts: [{ artifactId: 'a', parts: [{ text: 'x' }] }], history });
    const shown = async (params: Record<string, unknown>) => (await alice.list(params)).tasks.reverse();
    const [plain] = await shown({});
    expect(plain).not.toHaveProperty('artifacts');
    expect(plain?.history).toHaveLength(3);
    const [full, bare] = await shown({ includeArtifacts: true, historyLength: 2 });
    expect(full).toMatchObject({ artifacts: [{ artifactId: 'a' }], history: history.slice(1) });
    // In protobuf an empty list is none.
    if (cell !== 'gRPC 1.0') expect(bare?.artifacts).toEqual([]);
    expect((await shown({ historyLength: 0 }))[0]).not.toHaveProperty('history');
  });

  it('goes from page to page, whatever their sizes', async () => {
    cites('A2A-3.1.4-pages', cell);
    const alice = await stand.somebody(cell);
    const names = ['one', 'two', 'three', 'four', 'five'];
    await alice.begin(names);
    const walked: (string | undefined)[] = [];
    let pageToken = '';
    for (const pageSize of [2, 1, 50]) {
      const page = await alice.list({ pageSize, ...(pageToken !== '' && { pageToken }) });
      expect(page).toMatchObject({ pageSize, totalSize: 5 });
      walked.push(...namesIn(page));
      pageToken = page.nextPageToken;
    }
    expect(pageToken).toBe('');
    expect(walked).toEqual(names.toReversed());
  });

  it.each([
    ['pageSize', [0, 101, -1], '1 to 100'],
    ['status', ['working', 'TASK_STATE_DONE'], 'not a task state'],
    ['statusTimestampAfter', ['yesterday', '2026-13-01T00:00:00Z'], 'not a time'],
    ['historyLength', [-1], 'not a count'],
    ['pageToken', ['1', 'x'.repeat(100)], 'not a page token'],
  ])('refuses a %s that is none', async (parameter, values, problem) => {
    const alice = await stand.somebody(cell);
    for (const value of values) {
      // Of what its schema cannot say, a client of gRPC does not ask.
      if (cell === 'gRPC 1.0' && ['status', 'statusTimestampAfter'].includes(parameter)) continue;
      const answer = await alice.ask({ [parameter]: value });
      expectInvalid(answer, parameter, problem);
    }
  });

  it('is told an error of the agent as the agent’s own', async () => {
    const alice = await stand.somebody(cell);
    await alice.begin(['one']);
    stand.gateway.agent.script(rpcError(-32004, 'not now'));
    const { text, error } = await alice.ask();
    expect(JSON.stringify([text, error])).toContain('UNSUPPORTED_OPERATION');
    stand.gateway.agent.script((_request, response) => void response.writeHead(500).end());
    const failed = await alice.ask();
    expectRefused(cell, failed, 'INVALID_AGENT_RESPONSE', { problem: 'jsonrpc' });
    stand.behave();
    expect(namesIn(await alice.list())).toEqual(['one']);
  });
});

describe('a list of tasks', () => {
  it('drops what the agent has forgotten, and counts it no more', async () => {
    const alice = await stand.somebody('JSON-RPC 1.0');
    await alice.begin(['one', 'two', 'three']);
    stand.tasks.delete(alice.id('two'));
    expect(await alice.list({ pageSize: 1 })).toMatchObject({ totalSize: 2 });
    expect(namesIn(await alice.list())).toEqual(['three', 'one']);
  });

  it('outlives the gateway', async () => {
    const alice = await stand.somebody('JSON-RPC 1.0');
    await alice.begin(['one', 'two', 'three']);
    const { nextPageToken: pageToken } = await alice.list({ pageSize: 2 });
    await stand.gateway.restart();
    expect(namesIn(await alice.list())).toEqual(['three', 'two', 'one']);
    expect(namesIn(await alice.list({ pageToken }))).toEqual(['one']);
  });

  it('keeps the order of tasks that their agent does not date', async () => {
    const alice = await stand.somebody('JSON-RPC 1.0');
    await alice.begin(['one', 'two', 'three']);
    for (const name of ['three', 'one', 'two'])
      stand.change(alice.id(name), { status: { state: 'TASK_STATE_COMPLETED' } });
    const first = namesIn(await alice.list());
    await stand.gateway.restart(); // What a process remembers is no reason for the order.
    expect(namesIn(await alice.list({ pageSize: 2 }))).toEqual(first.slice(0, 2));
    expect(namesIn(await alice.list())).toEqual(first);
  });

  it('is one for all of a client, where the agent is registered so', async () => {
    const client = { client_id: 'app' };
    const [alice, bob] = [
      await stand.somebody('JSON-RPC 1.0', client),
      await stand.somebody('JSON-RPC 1.0', client),
    ];
    const stranger = await stand.somebody('JSON-RPC 1.0');
    await alice.begin(['one'], { agentId: 'shared' });
    await bob.begin(['two'], { agentId: 'shared' });
    for (const one of [alice, bob]) expect(namesIn(await one.list({}, 'shared'))).toEqual(['two', 'one']);
    expect(await stranger.list({}, 'shared')).toMatchObject({ tasks: [], totalSize: 0 });
  });

  it('asks an agent for no more tasks at once than it takes', async () => {
    const alice = await stand.somebody('JSON-RPC 1.0');
    await alice.begin(['one', 'two', 'three', 'four'], { agentId: 'narrow' });
    expect((await alice.list({}, 'narrow')).totalSize).toBe(4);
  });

  it('has the deadline of one call, all of it together', async () => {
    const alice = await stand.somebody('HTTP+JSON 1.0');
    await alice.begin(['one', 'two', 'three'], { agentId: 'impatient' });
    const held = nextCall(stand.gateway.agent);
    const answer = alice.ask({}, 'impatient');
    await (await held).closed;
    expectRefused('HTTP+JSON 1.0', await answer, 'UPSTREAM_TIMEOUT', { phase: 'total' });
  });
});
