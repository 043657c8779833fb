import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createOwnership } from '../src/ownership/create-ownership.ts';
import type { Ownership, Shown } from '../src/ownership/ownership.ts';
import type { Holder, OwnershipStore } from '../src/store/ports/ownership.ts';
import { openSqliteStore, type SqliteStore } from '../src/store/sqlite/store.ts';

/** What the gateway asks its store about owners, and what it need not ask. */

const alice: Holder = { agentKey: 'agent', ownerKey: 'alice' };
const bob: Holder = { agentKey: 'agent', ownerKey: 'bob' };
const dayMs = 86_400_000;
const retentionMs = 90 * dayMs;
const state = 'TASK_STATE_WORKING';

let folder: string;
let store: SqliteStore;
let nowMs: number;
/** What the store was asked, by name. */
let asked: string[];
let ownership: Ownership;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ownership-'));
  store = openSqliteStore({ path: join(folder, 'gateway.db') });
  nowMs = Date.UTC(2026, 0, 1);
  asked = [];
  ownership = another();
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

/** As another process has it. */
function another(): Ownership {
  return createOwnership({ owned: watched(store.ownership), clock: { nowMs: () => nowMs }, retentionMs });
}

function watched(owned: OwnershipStore): OwnershipStore {
  const noted = <Args extends unknown[], Answer>(name: string, ask: (...args: Args) => Answer) => {
    return (...args: Args) => {
      asked.push(name);
      return ask(...args);
    };
  };
  return {
    held: noted('held', (...args) => owned.held(...args)),
    take: noted('take', (...args) => owned.take(...args)),
    tasks: (...args) => owned.tasks(...args),
    forget: (...args) => owned.forget(...args),
    sweep: (...args) => owned.sweep(...args),
  };
}

const seen = (taskId: string, members: Partial<Shown['tasks'][number]> = {}): Shown => ({
  tasks: [{ taskId, contextId: 'c', ...members }],
  contextIds: ['c'],
});
const named = (taskIds: string[], contextIds: string[] = []) => ({ taskIds, contextIds });

async function codeOf(call: Promise<void> | undefined): Promise<string | undefined> {
  return Promise.resolve(call).then(
    () => undefined,
    ({ failure }) => (failure.problem === undefined ? failure.code : `${failure.code} ${failure.problem}`),
  );
}

const check = (holder: Holder, ids: ReturnType<typeof named>, claims = true) =>
  codeOf(ownership.check(holder, ids, { claims }));

describe('a request', () => {
  it('may be about what was shown to its owner, and about nothing else', async () => {
    await ownership.learn(alice, seen('t'));
    expect(await check(alice, named(['t'], ['c']))).toBeUndefined();
    expect(await check(bob, named(['t']))).toBe('task_not_found');
    expect(await check(bob, named(['u']))).toBe('task_not_found');
    expect(await check(bob, named([], ['c']))).toBe('context_refused');
    expect(await check({ ...alice, agentKey: 'other' }, named(['t']))).toBe('task_not_found');
  });

  it('is asked about as a whole: one id of another is enough, and takes no context', async () => {
    await ownership.learn(alice, seen('t'));
    await ownership.learn(bob, { tasks: [{ taskId: 'u' }], contextIds: [] });
    expect(await check(bob, named(['u', 't'], ['new']))).toBe('task_not_found');
    expect(await check(alice, named(['t'], ['new']))).toBeUndefined();
  });

  it('brings a context where it may', async () => {
    expect(await check(alice, named([], ['new']), false)).toBe('context_refused');
    expect(await check(alice, named([], ['new']))).toBeUndefined();
    expect(await check(bob, named([], ['new']))).toBe('context_refused');
  });

  it('costs one read, of all its ids, and for a while none', async () => {
    await another().learn(alice, seen('t'));
    asked = [];
    await ownership.check(alice, named(['t'], ['c']), { claims: true });
    expect(asked).toEqual(['held']);
    nowMs += 60_000;
    await ownership.check(alice, named(['t'], ['c']), { claims: true });
    expect(asked).toEqual(['held']);
    nowMs += 1;
    await ownership.check(alice, named(['t'], ['c']), { claims: true });
    expect(asked).toEqual(['held', 'held']);
    await ownership.check(alice, named([]), { claims: false });
    expect(asked).toHaveLength(2);
  });

  it('is judged anew where it failed: nothing is remembered of what one does not have', async () => {
    expect(await check(alice, named(['t']))).toBe('task_not_found');
    await another().learn(alice, seen('t'));
    expect(await check(alice, named(['t']))).toBeUndefined();
  });
});

describe('what is shown', () => {
  it("is withheld where it is another's, task or context, and nothing of it is taken", async () => {
    await ownership.learn(alice, seen('t'));
    const invalid = 'upstream_response_invalid owner';
    expect(await codeOf(ownership.learn(bob, { tasks: [{ taskId: 't' }], contextIds: [] }))).toBe(invalid);
    expect(await codeOf(ownership.learn(bob, seen('u')))).toBe(invalid);
    expect(await check(bob, named(['u']))).toBe('task_not_found');
  });

  it('costs nothing where it says nothing new', async () => {
    const at = { state, statusAtMs: nowMs - 5 };
    await ownership.learn(alice, seen('t', at));
    for (const members of [at, {}]) await ownership.learn(alice, seen('t', members));
    await ownership.learn(alice, { tasks: [], contextIds: ['c'] });
    expect(asked).toEqual(['take']);
    await ownership.learn(alice, seen('t', { state: 'TASK_STATE_COMPLETED', statusAtMs: nowMs }));
    expect(asked).toEqual(['take', 'take']);
  });

  it('costs one write a state where the agent does not date it', async () => {
    for (const _ of Array(3)) {
      await ownership.learn(alice, seen('t', { state }));
      nowMs += 10;
    }
    expect(asked).toEqual(['take']);
    await ownership.learn(alice, seen('t', { state: 'TASK_STATE_COMPLETED' }));
    expect(asked).toEqual(['take', 'take']);
    const { items } = await store.ownership.tasks(alice, { size: 10 }, nowMs);
    expect(items).toEqual([
      { taskId: 't', contextId: 'c', state: 'TASK_STATE_COMPLETED', statusAtMs: nowMs },
    ]);
  });

  it('may be more than the store takes at once', async () => {
    const tasks = Array.from({ length: 150 }, (_, n) => ({ taskId: `t-${n}`, contextId: `c-${n}` }));
    const contextIds = tasks.map(({ contextId }) => contextId);
    await ownership.learn(alice, { tasks, contextIds });
    expect(await check(alice, named(['t-0', 't-149'], ['c-0', 'c-149']), false)).toBeUndefined();
  });

  it('is withheld where its id is longer than any that may be named', async () => {
    const call = ownership.learn(alice, { tasks: [], contextIds: ['x'.repeat(1_025)] });
    expect(await codeOf(call)).toBe('upstream_response_invalid id_length');
    expect(asked).toEqual([]);
  });
});

describe('after the retention', () => {
  it('a task is unknown, and a context is whoever names it next has', async () => {
    await ownership.learn(alice, seen('t'));
    nowMs += 2 * retentionMs;
    expect(await check(alice, named(['t']))).toBe('task_not_found');
    expect(await check(bob, named([], ['c']))).toBeUndefined();
    expect(await check(alice, named([], ['c']))).toBe('context_refused');
  });

  it('what was shown meanwhile is kept', async () => {
    await ownership.learn(alice, seen('t'));
    for (let months = 0; months < 12; months++) {
      nowMs += 30 * dayMs;
      await ownership.learn(alice, seen('t'));
    }
    expect(await check(alice, named(['t'], ['c']), false)).toBeUndefined();
  });

  it('what goes on is kept, whoever would have it: a request asks whose it is before the answer shows it', async () => {
    await ownership.learn(alice, seen('t'));
    for (let months = 0; months < 12; months++) {
      nowMs += 30 * dayMs;
      expect(await check(bob, named(['t']))).toBe('task_not_found');
      expect(await check(bob, named([], ['c']))).toBe('context_refused');
      expect(await check(alice, named(['t'], ['c']))).toBeUndefined();
      await ownership.learn(alice, { tasks: [{ taskId: 't' }], contextIds: ['c'] });
    }
  });

  it('nothing outlives its row, however lately it was asked about', async () => {
    await ownership.learn(alice, seen('t'));
    nowMs += retentionMs;
    const isKept = async () => (await store.ownership.held(alice, [{ kind: 'task', id: 't' }], nowMs))[0];
    while (await isKept()) nowMs += 100_000;
    nowMs -= 200_000;
    for (; await isKept(); nowMs += 10_000) await check(alice, named(['t']));
    expect(await check(alice, named(['t']))).toBe('task_not_found');
  });
});
