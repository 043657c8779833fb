import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sweptAtOnce } from '../src/store/port.ts';
import type { SqlParameter } from '../src/store/sqlite/bind.ts';
import type { SqlDriver } from '../src/store/sqlite/driver.ts';
import { GroupCommit } from '../src/store/sqlite/group-commit.ts';
import { SqliteOwnership } from '../src/store/sqlite/ownership.ts';
import { openSqliteStore, type SqliteStore } from '../src/store/sqlite/store.ts';
import {
  aTask,
  contextsOf,
  goneAtMs,
  kim,
  lee,
  nowMs,
  taking,
  tasksOf,
  times,
} from './contract/ownership-fixtures.ts';
import { ownershipContract } from './contract/ownership-store.ts';
import { racersOf } from './support/racers.ts';

function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'ownership-'));
}

ownershipContract('sqlite', {
  async open() {
    const folder = newFolder();
    const path = join(folder, 'gateway.db');
    const [one, two] = [openSqliteStore({ path }), openSqliteStore({ path })];
    return {
      stores: [one.ownership, two.ownership],
      async close() {
        await Promise.all([one.close(), two.close()]);
        rmSync(folder, { recursive: true });
      },
    };
  },
});

describe('four processes on one file', () => {
  it('let one of them have each id, and the others nothing of what they asked for with it', async () => {
    const folder = newFolder();
    const path = join(folder, 'gateway.db');
    const racers = racersOf(`
      const { ownership } = openSqliteStore({ path: ${JSON.stringify(path)} });
      for await (const line of createInterface({ input: process.stdin })) {
        console.log(await ownership.take(...JSON.parse(line)));
      }`);
    const store = openSqliteStore({ path });
    const holders = racers.map((_, n) => ({ ...kim, ownerKey: `holder-${n}` }));
    for (let n = 0; n < 50; n++) {
      const race = holders.map((holder, at) => {
        const taken = taking([`${holder.ownerKey}-${n}`, `t${n}`], [`c${n}`]);
        return racers[at]?.ask(JSON.stringify([holder, taken, times]));
      });
      const won = (await Promise.all(race)).map((answer) => answer === 'true');
      expect(won.filter(Boolean)).toHaveLength(1);
      for (const [at, holder] of holders.entries()) {
        const ids = [...tasksOf(`${holder.ownerKey}-${n}`, `t${n}`), ...contextsOf(`c${n}`)];
        expect(await store.ownership.held(holder, ids, nowMs)).toEqual(ids.map(() => won[at]));
      }
    }
    await store.close();
    rmSync(folder, { recursive: true });
  });
});

describe('what the SQLite store asks of SQLite', () => {
  let folder: string;
  let store: SqliteStore;
  let asked: { sql: string; parameters: readonly SqlParameter[] }[];
  let transactions: number;
  let ownership: SqliteOwnership;
  beforeEach(() => {
    folder = newFolder();
    store = openSqliteStore({ path: join(folder, 'gateway.db') });
    asked = [];
    transactions = 0;
    const driver = watched(store.driver);
    ownership = new SqliteOwnership(driver, new GroupCommit(driver));
  });
  afterEach(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });

  /** The driver, with all that is asked of it noted. */
  function watched(driver: SqlDriver): SqlDriver {
    const noted = (sql: string, parameters: readonly SqlParameter[]) => {
      asked.push({ sql, parameters });
      return [sql, parameters] as const;
    };
    return {
      path: driver.path,
      exec: (sql) => driver.exec(sql),
      run: (...statement) => driver.run(...noted(...statement)),
      get: (...statement) => driver.get(...noted(...statement)),
      all: (...statement) => driver.all(...noted(...statement)),
      transaction(work) {
        transactions++;
        return driver.transaction(work);
      },
      snapshot: (work) => driver.snapshot(work),
      close: () => driver.close(),
    };
  }

  /** How SQLite goes about it, a line for each table or index. */
  async function plansOf(work: () => Promise<unknown>): Promise<string[]> {
    asked = [];
    await work();
    return asked.flatMap(({ sql, parameters }) =>
      store.driver
        .all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, parameters)
        .map(({ detail }) => detail),
    );
  }

  it('is one transaction for all takes of one turn, each of them all or none by itself', async () => {
    const won = await Promise.all([
      ownership.take(kim, taking(['a', 'b']), times),
      ownership.take(lee, taking(['c', 'b']), times),
      ownership.take(lee, taking(['c']), times),
      ownership.take(kim, taking(['d']), times),
    ]);
    expect([won, transactions]).toEqual([[true, false, true, true], 1]);
    expect(await ownership.held(kim, tasksOf('a', 'b', 'c', 'd'), nowMs)).toEqual([true, true, false, true]);
    expect(await ownership.held(lee, tasksOf('a', 'b', 'c', 'd'), nowMs)).toEqual([
      false,
      false,
      true,
      false,
    ]);
  });

  it('does not let a take that cannot be written fail others of its turn', async () => {
    const broken = { tasks: [aTask('x', { statusAtMs: Number.NaN })], contextIds: [] };
    const [bad, good] = await Promise.allSettled([
      ownership.take(kim, broken, times),
      ownership.take(kim, taking(['a']), times),
    ]);
    expect([bad?.status, good?.status]).toEqual(['rejected', 'fulfilled']);
  });

  it('is no transaction where nothing changes, or another has it', async () => {
    const seen = { state: 'TASK_STATE_WORKING', contextId: 'c' };
    const taken = { tasks: [aTask('t', seen)], contextIds: ['c'] };
    await ownership.take(kim, taken, times);
    transactions = 0;
    const soon = { nowMs: nowMs + 1_000, expiresAtMs: times.expiresAtMs + 1_000 };
    expect(await ownership.take(kim, taken, soon)).toBe(true);
    expect(await ownership.take(kim, taking(['t'], ['c']), soon)).toBe(true);
    expect(await ownership.take(lee, taken, soon)).toBe(false);
    expect(transactions).toBe(0);
  });

  it('goes to a holder’s ids by the holder, and to its tasks in their order', async () => {
    const held = await plansOf(() => ownership.held(kim, tasksOf('t'), nowMs));
    expect(held).toEqual([
      'SEARCH owned USING PRIMARY KEY (agent_key=? AND owner_key=? AND kind=? AND id=?)',
    ]);
    const after = { statusAtMs: nowMs, taskId: 't' };
    const all = await plansOf(() => ownership.tasks(kim, { size: 100, after }, nowMs));
    expect(all).toEqual([
      'SEARCH owned USING COVERING INDEX owned_tasks_by_expiry (agent_key=? AND owner_key=? AND expires_at_ms>?)',
      'SEARCH owned USING COVERING INDEX owned_tasks_by_status (agent_key=? AND owner_key=? AND status_at_ms<?)',
    ]);
    const filter = { contextId: 'c', states: ['TASK_STATE_WORKING'], statusFromMs: nowMs };
    const some = await plansOf(() => ownership.tasks(kim, { size: 100, ...filter }, nowMs));
    const main = some.filter((detail) => detail.includes('owned'));
    expect(main).toHaveLength(2);
    for (const detail of main) {
      expect(detail).toMatch(/^SEARCH owned USING COVERING INDEX owned_tasks_by_status/);
    }
    expect([...all, ...some].join()).not.toMatch(/TEMP B-TREE FOR ORDER/);
  });

  it('sweeps the oldest first, no more than so many at once', async () => {
    const ids = Array.from({ length: sweptAtOnce }, (_, n) => `young-${n}`);
    for (let n = 0; n < ids.length; n += 100) {
      await ownership.take(kim, taking(ids.slice(n, n + 100)), times);
    }
    await ownership.take(lee, taking(['old'], ['old']), { nowMs, expiresAtMs: nowMs + 8_000 });
    const left = () => store.driver.all<{ id: string }>('SELECT id FROM owned', []).map(({ id }) => id);
    await ownership.sweep(goneAtMs);
    expect(left()).toHaveLength(2);
    expect(left()).not.toContain('old');
    await ownership.sweep(goneAtMs);
    expect(left()).toEqual([]);
  });
});
