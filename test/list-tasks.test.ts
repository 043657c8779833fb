import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { message } from './support/bindings.ts';
import { type CellAnswer, type CellCaller, cellCaller, expectRefused } from './support/cell-caller.ts';
import { cites } from './support/cites.ts';
import { permit, register, startGateway, type TestGateway } from './support/gateway.ts';
import { grpcSettings, rpcError, rpcResult } from './support/grpc.ts';
import { cardAt, nextCall, type Script } from './support/scripted-agent.ts';

/** Lists of tasks that the gateway makes, of agents that cannot tell its callers apart. */

const cells = ['JSON-RPC 1.0', 'HTTP+JSON 1.0', 'gRPC 1.0'] as const;
type Cell = (typeof cells)[number];

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway({ settings: { grpc: grpcSettings }, registration: null });
  const { url } = gateway.agent;
  const supportedInterfaces = [{ url, protocolBinding: 'JSONRPC', protocolVersion: '1.0' }];
  gateway.agent.card(cardAt(url, { supportedInterfaces }));
  await register(gateway, { agentId: 'agent', ownership: 'principal' });
  await register(gateway, { agentId: 'other', ownership: 'principal' });
  const narrow = { maxConcurrentCalls: 1, maxQueuedCalls: 0 };
  await register(gateway, { agentId: 'narrow', ownership: 'principal', limits: narrow });
  await register(gateway, {
    ...{ agentId: 'impatient', ownership: 'principal' },
    deadlines: { totalTimeoutMs: 300 },
  });
  await register(gateway, { agentId: 'shared', ownership: 'client' });
  await permit(gateway, 'demo', { allowedAgents: ['*'], operations: ['send', 'read'] });
});
afterAll(() => gateway.close());

interface Task {
  id: string;
  contextId: string;
  status: { state: string; timestamp?: string };
  [member: string]: unknown;
}

/** What the agent has, by id. */
let tasks: Map<string, Task>;

/** Makes a task of every message, whose id is the message's, and tells of each to whoever asks. */
const keepsTasks: Script = (request, response, incoming) => {
  const { method, params } = JSON.parse(request.body);
  const answer = () => {
    if (method === 'GetTask') {
      const task = tasks.get(params.id);
      return task === undefined ? rpcError(-32001, 'no such task') : rpcResult(task);
    }
    const { messageId: id, contextId } = params.message;
    const task = { id, contextId, status: { state: 'TASK_STATE_WORKING', timestamp: timeAt(tasks.size) } };
    tasks.set(id, task);
    return rpcResult({ task });
  };
  answer()(request, response, incoming);
};

beforeEach(() => {
  tasks = new Map();
  gateway.agent.script(keepsTasks);
  gateway.agent.seen.splice(0);
});

function timeAt(second: number): string {
  return new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
}

/** What becomes of a task where the gateway does not see it. */
function change(id: string, members: Partial<Task>): void {
  const task = tasks.get(id);
  if (task === undefined) throw new TypeError('no such task');
  tasks.set(id, { ...task, ...members });
}

let people = 0;

/** Somebody who has nothing yet. */
async function somebody(cell: Cell, claims: Record<string, unknown> = {}): Promise<CellCaller> {
  people++;
  const token = await gateway.issuer.token({ sub: `s-${people}`, client_id: `c-${people}`, ...claims });
  return cellCaller(gateway, cell, token);
}

/** Ids are the tests' own: what one has taken another cannot. */
const prefixed = (name: string) => `${people}/${name}`;

async function begin(
  by: CellCaller,
  names: readonly string[],
  agentId = 'agent',
  contextId = 'c',
): Promise<void> {
  for (const name of names) {
    const ids = { messageId: prefixed(name), contextId: prefixed(contextId) };
    const { text } = await by.call('SendMessage', { agentId, params: { message: { ...message, ...ids } } });
    expect(text).toContain('TASK_STATE_WORKING');
  }
}

interface List {
  tasks: Task[];
  nextPageToken: string;
  pageSize: number;
  totalSize: number;
}

/** The list in an answer, as its caller reads it. */
function listIn({ text }: CellAnswer): List {
  const body = JSON.parse(text);
  return Array.isArray(body) ? body[0] : (body.result ?? body);
}

async function list(by: CellCaller, params: Record<string, unknown> = {}, agentId = 'agent'): Promise<List> {
  return listIn(await by.call('ListTasks', { agentId, params }));
}

function expectInvalid({ error }: CellAnswer, parameter: string, problem: string): void {
  expect([-32602, 'INVALID_ARGUMENT', 3]).toContain(error.code);
  expect(error.details).toContainEqual(
    expect.objectContaining({ reason: 'PARAMETER_INVALID', metadata: { parameter, problem } }),
  );
}

const namesIn = ({ tasks }: Pick<List, 'tasks'>) => tasks.map(({ id }) => id.split('/')[1]);

describe.each(cells)('to a caller of %s', (cell) => {
  it('says of no tasks in all members that there are none, and asks the agent for nothing', async () => {
    cites('A2A-3.1.4-empty-page', cell);
    const nobody = await somebody(cell);
    expect(await list(nobody)).toEqual({ tasks: [], nextPageToken: '', pageSize: 50, totalSize: 0 });
    expect(gateway.agent.seen).toEqual([]);
    nobody.close();
  });

  it('lists by every filter, the latest first', async () => {
    cites('A2A-3.1.4-list-tasks', cell);
    const alice = await somebody(cell);
    await begin(alice, ['one', 'two']);
    await begin(alice, ['three'], 'agent', 'd');
    change(prefixed('two'), { status: { state: 'TASK_STATE_COMPLETED', timestamp: timeAt(60) } });
    expect(await list(alice)).toMatchObject({ totalSize: 3, pageSize: 50, nextPageToken: '' });
    const filters: [Record<string, unknown>, string[]][] = [
      [{}, ['two', 'three', 'one']],
      [{ contextId: prefixed('c') }, ['two', 'one']],
      [{ status: 'TASK_STATE_WORKING' }, ['three', 'one']],
      [{ status: 'TASK_STATE_REJECTED' }, []],
      [{ statusTimestampAfter: timeAt(2) }, ['two', 'three']],
      [{ statusTimestampAfter: timeAt(61) }, []],
      [
        { contextId: prefixed('c'), status: 'TASK_STATE_COMPLETED', statusTimestampAfter: timeAt(60) },
        ['two'],
      ],
    ];
    for (const [filter, names] of filters) {
      const found = await list(alice, filter);
      expect(namesIn(found)).toEqual(names);
      expect(found.totalSize).toBe(names.length);
    }
    alice.close();
  });

  it('shows artifacts where they are asked for, and no more of the history than is', async () => {
    const alice = await somebody(cell);
    await begin(alice, ['one', 'two']);
    const history = ['a', 'b', 'c'].map((messageId) => ({ ...message, messageId }));
    change(prefixed('one'), { artifacts: [{ artifactId: 'a', parts: [{ text: 'x' }] }], history });
    const shown = async (params: Record<string, unknown>) => (await list(alice, params)).tasks.reverse();
    const [plain] = await shown({});
    expect(plain).not.toHaveProperty('artifacts');
    expect(plain?.history).toHaveLength(3);
    const [full, bare] = await shown({ includeArtifacts: true, historyLength: 2 });
    expect(full).toMatchObject({ artifacts: [{ artifactId: 'a' }], history: history.slice(1) });
    // In protobuf an empty list is none.
    if (cell !== 'gRPC 1.0') expect(bare?.artifacts).toEqual([]);
    expect((await shown({ historyLength: 0 }))[0]).not.toHaveProperty('history');
    alice.close();
  });

  it('goes from page to page, whatever their sizes', async () => {
    cites('A2A-3.1.4-pages', cell);
    const alice = await somebody(cell);
    const names = ['one', 'two', 'three', 'four', 'five'];
    await begin(alice, names);
    const walked: (string | undefined)[] = [];
    let pageToken = '';
    for (const pageSize of [2, 1, 50]) {
      const page = await list(alice, { pageSize, ...(pageToken !== '' && { pageToken }) });
      expect(page).toMatchObject({ pageSize, totalSize: 5 });
      walked.push(...namesIn(page));
      pageToken = page.nextPageToken;
    }
    expect(pageToken).toBe('');
    expect(walked).toEqual(names.toReversed());
    alice.close();
  });

  it.each([
    ['pageSize', [0, 101, -1], '1 to 100'],
    ['status', ['working', 'TASK_STATE_DONE'], 'not a task state'],
    ['statusTimestampAfter', ['yesterday', '2026-13-01T00:00:00Z'], 'not a time'],
    ['historyLength', [-1], 'not a count'],
    ['pageToken', ['1', 'x'.repeat(100)], 'not a page token'],
  ])('refuses a %s that is none', async (parameter, values, problem) => {
    const alice = await somebody(cell);
    for (const value of values) {
      // Of what its schema cannot say, a client of gRPC does not ask.
      if (cell === 'gRPC 1.0' && ['status', 'statusTimestampAfter'].includes(parameter)) continue;
      const answer = await alice.call('ListTasks', { params: { [parameter]: value } });
      expectInvalid(answer, parameter, problem);
    }
    alice.close();
  });

  it('lists nothing of another caller, in the very words for what never was', async () => {
    cites('A2A-3.1.4-own-tasks', cell);
    const [alice, mallory] = [await somebody(cell), await somebody(cell)];
    await begin(alice, ['one']);
    gateway.agent.seen.splice(0);
    const empty = await mallory.call('ListTasks', { params: {} });
    expect(listIn(empty)).toMatchObject({ tasks: [], totalSize: 0 });
    const foreign = await mallory.call('ListTasks', { params: { contextId: prefixed('c') } });
    const unknown = await mallory.call('ListTasks', { params: { contextId: prefixed('z') } });
    expect(foreign.all).toBe(unknown.all);
    expect(foreign.all).toBe(empty.all);
    expect(gateway.agent.seen).toEqual([]);
    expect(namesIn(await list(alice))).toEqual(['one']);
    for (const caller of [alice, mallory]) caller.close();
  });

  it('refuses tokens of another caller, agent or filter, and altered ones, all in the same words', async () => {
    const [mallory, alice] = [await somebody(cell), await somebody(cell)];
    await begin(alice, ['one', 'two']);
    const pageToken = (await list(alice, { pageSize: 1 })).nextPageToken;
    const altered = pageToken.slice(0, -1) + (pageToken.endsWith('A') ? 'B' : 'A');
    gateway.agent.seen.splice(0);
    const refused = [
      await mallory.call('ListTasks', { params: { pageToken } }),
      await alice.call('ListTasks', { agentId: 'other', params: { pageToken } }),
      await alice.call('ListTasks', { params: { pageToken, contextId: prefixed('c') } }),
      await alice.call('ListTasks', { params: { pageToken: altered } }),
      await alice.call('ListTasks', { params: { pageToken: 'never-was' } }),
    ];
    expect(new Set(refused.map(({ all }) => all)).size).toBe(1);
    for (const answer of refused) expectInvalid(answer, 'pageToken', 'not a page token');
    expect(gateway.agent.seen).toEqual([]);
    expect(namesIn(await list(alice, { pageToken }))).toEqual(['one']);
    for (const caller of [alice, mallory]) caller.close();
  });

  it('is told an error of the agent as the agent’s own', async () => {
    const alice = await somebody(cell);
    await begin(alice, ['one']);
    gateway.agent.script(rpcError(-32004, 'not now'));
    const { text, error } = await alice.call('ListTasks', { params: {} });
    expect(JSON.stringify([text, error])).toContain('UNSUPPORTED_OPERATION');
    gateway.agent.script((_request, response) => void response.writeHead(500).end());
    const failed = await alice.call('ListTasks', { params: {} });
    expectRefused(cell, failed, 'INVALID_AGENT_RESPONSE', { problem: 'jsonrpc' });
    gateway.agent.script(keepsTasks);
    expect(namesIn(await list(alice))).toEqual(['one']);
    alice.close();
  });
});

describe('a list of tasks', () => {
  it('drops what the agent has forgotten, and counts it no more', async () => {
    const alice = await somebody('JSON-RPC 1.0');
    await begin(alice, ['one', 'two', 'three']);
    tasks.delete(prefixed('two'));
    expect(await list(alice, { pageSize: 1 })).toMatchObject({ totalSize: 2 });
    expect(namesIn(await list(alice))).toEqual(['three', 'one']);
    alice.close();
  });

  it('outlives the gateway', async () => {
    const alice = await somebody('JSON-RPC 1.0');
    await begin(alice, ['one', 'two', 'three']);
    const { nextPageToken: pageToken } = await list(alice, { pageSize: 2 });
    await gateway.restart();
    expect(namesIn(await list(alice))).toEqual(['three', 'two', 'one']);
    expect(namesIn(await list(alice, { pageToken }))).toEqual(['one']);
    alice.close();
  });

  it('keeps the order of tasks that their agent does not date', async () => {
    const alice = await somebody('JSON-RPC 1.0');
    await begin(alice, ['one', 'two', 'three']);
    for (const name of ['three', 'one', 'two'])
      change(prefixed(name), { status: { state: 'TASK_STATE_COMPLETED' } });
    const first = namesIn(await list(alice));
    await gateway.restart(); // What a process remembers is no reason for the order.
    expect(namesIn(await list(alice, { pageSize: 2 }))).toEqual(first.slice(0, 2));
    expect(namesIn(await list(alice))).toEqual(first);
    alice.close();
  });

  it('is one for all of a client, where the agent is registered so', async () => {
    const client = { client_id: 'app' };
    const [alice, bob] = [await somebody('JSON-RPC 1.0', client), await somebody('JSON-RPC 1.0', client)];
    const stranger = await somebody('JSON-RPC 1.0');
    await begin(alice, ['one'], 'shared', 'c');
    await begin(bob, ['two'], 'shared', 'c');
    for (const one of [alice, bob]) expect(namesIn(await list(one, {}, 'shared'))).toEqual(['two', 'one']);
    expect(await list(stranger, {}, 'shared')).toMatchObject({ tasks: [], totalSize: 0 });
    for (const caller of [alice, bob, stranger]) caller.close();
  });

  it('asks an agent for no more tasks at once than it takes', async () => {
    const alice = await somebody('JSON-RPC 1.0');
    await begin(alice, ['one', 'two', 'three', 'four'], 'narrow');
    expect((await list(alice, {}, 'narrow')).totalSize).toBe(4);
    alice.close();
  });

  it('has the deadline of one call, all of it together', async () => {
    const alice = await somebody('HTTP+JSON 1.0');
    await begin(alice, ['one', 'two', 'three'], 'impatient');
    const held = nextCall(gateway.agent);
    const answer = alice.call('ListTasks', { agentId: 'impatient', params: {} });
    await (await held).closed;
    expectRefused('HTTP+JSON 1.0', await answer, 'UPSTREAM_TIMEOUT', { phase: 'total' });
    alice.close();
  });

  it.each([
    ['another task', (task: Task) => ({ ...task, id: 'somebody-else' })],
    ['a task and another', (task: Task) => ({ ...task, task: { ...task, id: 'somebody-else' } })],
    ['no task', () => ({ contextId: 'c' })],
  ])('is withheld where the agent answers with %s', async (_, answerOf) => {
    const alice = await somebody('HTTP+JSON 1.0');
    await begin(alice, ['one']);
    const task = tasks.get(prefixed('one'));
    if (task === undefined) throw new TypeError('no such task');
    gateway.agent.script(rpcResult(answerOf(task)));
    const answer = await alice.call('ListTasks', { params: {} });
    expectRefused('HTTP+JSON 1.0', answer, 'INVALID_AGENT_RESPONSE', { problem: 'owner' });
    alice.close();
  });

  it('is withheld where the agent says that a task is in a context of another caller', async () => {
    const alice = await somebody('HTTP+JSON 1.0');
    await begin(alice, ['one'], 'agent', 'of-alice');
    const contextId = prefixed('of-alice');
    const mallory = await somebody('HTTP+JSON 1.0');
    await begin(mallory, ['two']);
    change(prefixed('two'), { contextId });
    const answer = await mallory.call('ListTasks', { params: {} });
    expectRefused('HTTP+JSON 1.0', answer, 'INVALID_AGENT_RESPONSE', { problem: 'owner' });
    for (const caller of [alice, mallory]) caller.close();
  });
});
