import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Secrets } from '../src/ports.ts';
import { openStates, type TaskState, terminalStates } from '../src/protocol/task-state.ts';
import { createSealer } from '../src/sealing/sealer.ts';
import type { Holder, SeenTask } from '../src/store/ports/ownership.ts';
import { createSealedSecrets } from '../src/store/sqlite/sealed-secrets.ts';
import { openSqliteStore, type SqliteStore } from '../src/store/sqlite/store.ts';
import type { TaskFilter, TaskListRequest } from '../src/tasks/list-request.ts';
import { createTaskPageTokens, type TaskPageTokens } from '../src/tasks/page-token.ts';
import { listTasks, type TaskList } from '../src/tasks/task-list.ts';

/** Lists over the real index, of an agent that says of its tasks what a test wants. */

const nowMs = 1_800_000_000_000;
const clock = { nowMs: () => nowMs };
let folder: string;
let store: SqliteStore;
let tokens: TaskPageTokens;
let holders = 0;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'task-list-'));
  store = openSqliteStore({ path: join(folder, 'gateway.db') });
  const secrets: Secrets = createSealedSecrets({ driver: store.driver, keys: [new Uint8Array(32)], clock });
  tokens = createTaskPageTokens({ sealer: createSealer({ secrets }), clock });
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

interface AgentTask extends SeenTask {
  contextId: string;
  state: TaskState;
}

/** A holder of the same tasks, at an agent that has them. */
class Stand {
  readonly holder: Holder = { agentKey: 'agent', ownerKey: `owner-${holders++}` };
  /** What the agent says of each now. */
  readonly agent = new Map<string, AgentTask>();
  /** Of which tasks it was asked, in order. */
  readonly asked: string[] = [];
  underWay = 0;
  mostUnderWay = 0;
  readonly #maxBytes: number;

  constructor(maxBytes = 1_000_000) {
    this.#maxBytes = maxBytes;
  }

  /** The agent has a task, and the index knows. */
  async has(task: AgentTask): Promise<void> {
    this.agent.set(task.taskId, task);
    await this.#take(task);
  }

  async #take(task: AgentTask): Promise<void> {
    const taken = { tasks: [{ ...task, taskId: this.#id(task.taskId) }], contextIds: [] };
    await store.ownership.take(this.holder, taken, { nowMs, expiresAtMs: nowMs + 1_000_000 });
  }

  /** Ids are of one owner each. */
  #id(taskId: string): string {
    return `${this.holder.ownerKey}/${taskId}`;
  }

  async list(request: Partial<TaskListRequest> = {}): Promise<TaskList & { ids: string[] }> {
    const { holder } = this;
    const asked = { filter: {}, pageSize: 50, includeArtifacts: false, ...request };
    const list = await listTasks(asked, holder, {
      ...{ index: store.ownership, tokens, clock, concurrency: 8, maxBytes: this.#maxBytes },
      ask: async ({ taskId: id }) => {
        const taskId = id.slice(holder.ownerKey.length + 1);
        this.asked.push(taskId);
        this.mostUnderWay = Math.max(this.mostUnderWay, ++this.underWay);
        await new Promise(setImmediate);
        this.underWay--;
        const task = this.agent.get(taskId);
        if (task === undefined) return undefined;
        await this.#take(task);
        return { task: { id: taskId, status: { state: task.state }, artifacts: [] }, seen: task };
      },
    });
    return { ...list, ids: list.tasks.map(({ id }) => String(id)) };
  }

  /** All pages, each of the next of these sizes. */
  async walk(filter: TaskFilter, sizes: readonly number[]): Promise<{ ids: string[]; totalSizes: number[] }> {
    const ids: string[] = [];
    const totalSizes: number[] = [];
    let pageToken = '';
    for (let page = 0; ; page++) {
      const pageSize = sizes[page % sizes.length] ?? 50;
      const list = await this.list({ filter, pageSize, ...(pageToken !== '' && { pageToken }) });
      expect(list.tasks.length).toBeLessThanOrEqual(pageSize);
      ids.push(...list.ids);
      totalSizes.push(list.totalSize);
      pageToken = list.nextPageToken;
      if (pageToken === '') return { ids, totalSizes };
    }
  }
}

function taskAt(taskId: string, statusAtMs: number, more: Partial<AgentTask> = {}): AgentTask {
  return { taskId, contextId: 'c', state: 'TASK_STATE_COMPLETED', statusAtMs, ...more };
}

const state = fc.constantFrom(...openStates, ...terminalStates);
const contextId = fc.constantFrom('c-1', 'c-2', 'c-3');
const time = fc.nat({ max: 12 });
/** A task as it was seen last, and what became of it unseen: gone on, forgotten, or neither. */
const history = fc.record({
  seen: fc.record({ contextId, state, statusAtMs: time }),
  became: fc.option(fc.record({ state, laterByMs: fc.nat({ max: 5 }), isForgotten: fc.boolean() })),
});
const filter = fc.record({ contextId, state, statusFromMs: time }, { requiredKeys: [] });
const sizes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 4 });

function matches(task: AgentTask, { contextId, state, statusFromMs = 0 }: TaskFilter): boolean {
  return (
    (contextId === undefined || task.contextId === contextId) &&
    (state === undefined || task.state === state) &&
    task.statusAtMs >= statusFromMs
  );
}

describe('a list of tasks', () => {
  it('has on its pages together each task that matches once, as its agent has it now, the latest first', async () => {
    const property = fc.asyncProperty(
      fc.array(history, { maxLength: 20 }),
      filter,
      sizes,
      async (all, given, sized) => {
        const stand = new Stand();
        for (const [n, { seen, became }] of all.entries()) {
          const task = { ...seen, taskId: `t-${n}` };
          await stand.has(task);
          // A task that has ended is the same for ever.
          if (became === null || terminalStates.some((terminal) => terminal === seen.state)) continue;
          const { state, laterByMs, isForgotten } = became;
          if (isForgotten) stand.agent.delete(task.taskId);
          else stand.agent.set(task.taskId, { ...task, state, statusAtMs: seen.statusAtMs + laterByMs });
        }
        const expected = [...stand.agent.values()].filter((task) => matches(task, given));
        const { ids, totalSizes } = await stand.walk(given, sized);
        expect(ids.toSorted()).toEqual(expected.map(({ taskId }) => taskId).toSorted());
        const times = ids.map((id) => stand.agent.get(id)?.statusAtMs ?? Number.NaN);
        expect(times).toEqual(times.toSorted((one, other) => other - one));
        expect(new Set(totalSizes)).toEqual(new Set([expected.length]));
        expect(stand.mostUnderWay).toBeLessThanOrEqual(8);
      },
    );
    await fc.assert(property, { numRuns: 150 });
  });

  it('of nobody’s tasks says so in all its members', async () => {
    expect(await new Stand().list()).toEqual({
      tasks: [],
      nextPageToken: '',
      pageSize: 50,
      totalSize: 0,
      ids: [],
    });
  });

  it('asks once for a task that may have gone on, and for others only as far as they are on the page', async () => {
    const stand = new Stand();
    await stand.has(taskAt('open', 1, { state: 'TASK_STATE_WORKING' }));
    for (let at = 2; at < 10; at++) await stand.has(taskAt(`t-${at}`, at));
    await stand.list({ pageSize: 2 });
    expect(stand.asked).toEqual(['open', 't-9', 't-8']);
    stand.asked.splice(0);
    await stand.list();
    expect(stand.asked.filter((id) => id === 'open')).toHaveLength(1);
  });

  it('asks before it begins for the latest hundred that may have gone on, and on later pages for none', async () => {
    const stand = new Stand();
    for (let at = 0; at < 105; at++) await stand.has(taskAt(`t-${at}`, at, { state: 'TASK_STATE_WORKING' }));
    const { nextPageToken } = await stand.list({ pageSize: 1 });
    expect(stand.asked).toHaveLength(100);
    expect(stand.asked).not.toContain('t-4');
    stand.asked.splice(0);
    await stand.list({ pageSize: 1, pageToken: nextPageToken });
    expect(stand.asked).toEqual(['t-103']);
  });

  it('leaves out for good what the agent has forgotten, until it is shown again', async () => {
    const stand = new Stand();
    for (const at of [1, 2, 3]) await stand.has(taskAt(`t-${at}`, at));
    stand.agent.delete('t-2');
    expect(await stand.list()).toMatchObject({ ids: ['t-3', 't-1'], totalSize: 2 });
    stand.asked.splice(0);
    expect(await stand.list()).toMatchObject({ ids: ['t-3', 't-1'], totalSize: 2 });
    expect(stand.asked).not.toContain('t-2');
    await stand.has(taskAt('t-2', 2));
    expect(await stand.list()).toMatchObject({ ids: ['t-3', 't-2', 't-1'], totalSize: 3 });
  });

  it('fails where the agent does, and forgets nothing', async () => {
    const stand = new Stand();
    await stand.has(taskAt('t-1', 1));
    stand.agent.get = () => {
      throw new Error('the agent fails');
    };
    await expect(stand.list()).rejects.toThrow('the agent fails');
    stand.agent.get = Map.prototype.get;
    expect(await stand.list()).toMatchObject({ ids: ['t-1'], totalSize: 1 });
  });

  it('has no more on a page than fits, and fits with smaller pages', async () => {
    const stand = new Stand(400);
    for (let at = 0; at < 20; at++) await stand.has(taskAt(`t-${at}`, at, { state: 'TASK_STATE_WORKING' }));
    const failure = { code: 'upstream_response_too_large', maxBytes: 400 };
    await expect(stand.list()).rejects.toMatchObject({ failure });
    expect((await stand.walk({}, [5])).ids).toHaveLength(20);
  });

  it('goes on from a token of its own alone', async () => {
    const [one, other] = [new Stand(), new Stand()];
    for (const stand of [one, other]) for (let at = 0; at < 3; at++) await stand.has(taskAt(`t-${at}`, at));
    const { nextPageToken: pageToken } = await one.list({ pageSize: 1 });
    const failure = { code: 'parameter_invalid', parameter: 'pageToken' };
    await expect(other.list({ pageToken })).rejects.toMatchObject({ failure });
    await expect(one.list({ pageToken, filter: { contextId: 'c' } })).rejects.toMatchObject({ failure });
    expect(await one.list({ pageToken, pageSize: 2 })).toMatchObject({
      ids: ['t-1', 't-0'],
      nextPageToken: '',
    });
  });
});
