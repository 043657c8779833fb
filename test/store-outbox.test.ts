import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDriver } from '../src/store/sqlite/driver.ts';
import { migrate } from '../src/store/sqlite/migrate.ts';
import { migrations } from '../src/store/sqlite/migrations.ts';
import { openSqliteStore, type SqliteStore } from '../src/store/sqlite/store.ts';
import { anAgent } from './contract/store.ts';

const root = join(import.meta.dirname, '..');

let folder: string;
let path: string;
const opened: { close(): unknown }[] = [];
const children: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'store-outbox-'));
  path = join(folder, 'gateway.db');
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const one of opened.splice(0)) await one.close();
  rmSync(folder, { recursive: true, force: true });
});

function open(file = path): SqliteStore {
  const store = openSqliteStore({ path: file });
  opened.push(store);
  return store;
}

async function agentsIn({ changes }: SqliteStore, after = 0): Promise<string[]> {
  return (await changes.after(after, 1_000)).map(({ agentId }) => agentId);
}

describe('the changes of agents', () => {
  it('are noted for every write that won, and for no other', async () => {
    const store = open();
    const { agents, changes } = store;
    expect(await changes.last()).toBe(0);
    await agents.create(anAgent('a'));
    await agents.create(anAgent('b'));
    expect(await agents.create(anAgent('a'))).toBe(false);
    expect(await agents.replace({ ...anAgent('a'), revision: 2 }, 7)).toBe(false);
    expect(await agents.delete('a', 7)).toBe(false);
    expect(await agents.delete('nobody', 1)).toBe(false);
    expect(await agentsIn(store)).toEqual(['a', 'b']);
  });

  it('hold an agent once, at its last change', async () => {
    const store = open();
    const { agents, changes } = store;
    for (const id of ['a', 'b', 'c']) await agents.create(anAgent(id));
    const before = await changes.last();
    await agents.replace({ ...anAgent('a'), revision: 2 }, 1);
    await agents.delete('b', 1);
    expect(await agentsIn(store)).toEqual(['c', 'a', 'b']);
    expect(await agentsIn(store, before)).toEqual(['a', 'b']);
    expect((await changes.after(0, 2)).map(({ agentId }) => agentId)).toEqual(['c', 'a']);
    await agents.create(anAgent('b'));
    expect(await agentsIn(store)).toEqual(['c', 'a', 'b']);
    expect((await changes.after(0, 9)).at(-1)?.sequence).toBe(await changes.last());
  });

  it('are noted by whatever changes the row', async () => {
    const store = open();
    await store.agents.create(anAgent('a'));
    await store.changes.forget(await store.changes.last());
    store.driver.run("UPDATE agents SET status = 'inactive'", []);
    expect(await agentsIn(store)).toEqual(['a']);
    await store.changes.forget(await store.changes.last());
    store.driver.run('DELETE FROM agents', []);
    expect(await agentsIn(store)).toEqual(['a']);
  });

  it('give back any id', async () => {
    const store = open();
    const ids = ['a\0b', '\ud800', "'", '\\', 'é😀'];
    for (const id of ids) await store.agents.create(anAgent(id));
    expect(await agentsIn(store)).toEqual(ids);
  });

  it('go back with a write that is rolled back', async () => {
    const store = open();
    await store.agents.create(anAgent('a'));
    const last = await store.changes.last();
    expect(() =>
      store.driver.transaction(() => {
        store.driver.run("UPDATE agents SET status = 'inactive'", []);
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(await store.changes.last()).toBe(last);
    expect(await agentsIn(store, last)).toEqual([]);
  });

  it('are seen by every connection, and forgotten for all of them, never too far', async () => {
    const [one, other] = [open(), open()];
    await one.agents.create(anAgent('a'));
    const [first] = await other.changes.after(0, 1);
    await one.agents.create(anAgent('b'));
    await other.changes.forget(first?.sequence ?? 0);
    expect(await agentsIn(one)).toEqual(['b']);
    const last = await one.changes.last();
    await one.changes.forget(last);
    await other.changes.forget(first?.sequence ?? 0);
    expect(await one.changes.reaches(last)).toBe(true);
    await one.changes.forget(Number.MAX_SAFE_INTEGER);
    expect(await one.changes.last()).toBe(last);
    expect(await one.changes.reaches(last)).toBe(true);
  });

  it('start, in a store of before, with every agent there is', async () => {
    const driver = openDriver(path);
    migrate(driver, migrations.slice(0, 1));
    const insert = `INSERT INTO agents (agent_id, revision, status, owner_issuer, owner_subject, document)
      VALUES (?, 1, 'active', '', '', ?)`;
    for (const id of ['b', 'a']) driver.run(insert, [id, JSON.stringify(anAgent(id))]);
    driver.close();
    const store = open();
    expect(await agentsIn(store)).toEqual(['a', 'b']);
    await store.agents.create(anAgent('0'));
    expect(await agentsIn(store)).toEqual(['a', 'b', '0']);
  });
});

describe('who has followed the changes', () => {
  it('may go on from the last one seen, the last one forgotten, and the start', async () => {
    const { agents, changes } = open();
    expect(await changes.reaches(0)).toBe(true);
    await agents.create(anAgent('a'));
    const first = await changes.last();
    await agents.create(anAgent('b'));
    const second = await changes.last();
    expect(await changes.reaches(first)).toBe(true);
    expect(await changes.reaches(second)).toBe(true);
    await changes.forget(first);
    expect(await changes.reaches(0)).toBe(false);
    expect(await changes.reaches(first)).toBe(true);
    await changes.forget(second);
    expect(await changes.reaches(first)).toBe(false);
    expect(await changes.reaches(second)).toBe(true);
  });

  it('is told where an older copy has taken the place of the store, even when it has counted on', async () => {
    const store = open();
    await store.agents.create(anAgent('a'));
    await store.changes.forget(await store.changes.last());
    store.driver.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    const backup = join(folder, 'backup.db');
    copyFileSync(path, backup);
    await store.agents.create(anAgent('lost'));
    const followed = await store.changes.last();
    await store.changes.forget(followed);

    const restored = open(backup);
    expect(await restored.changes.storeId()).toBe(await store.changes.storeId());
    for (let n = 0; (await restored.changes.last()) <= followed; n++)
      await restored.agents.create(anAgent(`new-${n}`));
    expect(await restored.changes.reaches(followed)).toBe(false);
    expect(await store.changes.reaches(followed)).toBe(true);
    const id = await restored.changes.beginAnew();
    expect(id).not.toBe(await store.changes.storeId());
    expect(await restored.changes.storeId()).toBe(id);
  });

  it('finds another id in every store', async () => {
    const ids = await Promise.all([1, 2].map((n) => open(join(folder, `${n}.db`)).changes.storeId()));
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe('a process that is killed while it writes', () => {
  it.each([1, 50, 200])('leaves a note of every write there is: after %i', async (lines) => {
    const child = writer();
    const acknowledged: string[] = [];
    for await (const line of createInterface({ input: child.stdout ?? process.stdin })) {
      acknowledged.push(line);
      if (acknowledged.length === lines) child.kill('SIGKILL');
    }
    const store = open();
    const { items } = await store.agents.ids({}, { size: 100 });
    expect(acknowledged.length).toBeGreaterThanOrEqual(lines);
    const noted = await agentsIn(store);
    expect(noted).toEqual(expect.arrayContaining(acknowledged));
    expect(noted).toEqual(expect.arrayContaining(items));
    // Every other one is deleted again, so a note without an agent is right only for those.
    const kept = store.driver.all<{ agent_id: string }>('SELECT agent_id FROM agents', []);
    const gone = noted.filter((id) => !kept.some((row) => row.agent_id === id));
    for (const id of gone) expect(Number(id.slice(1)) % 2).toBe(1);
    expect(store.driver.get('PRAGMA integrity_check', [])).toEqual({ integrity_check: 'ok' });
  });

  function writer(): ChildProcess {
    const script = `
      import { writeSync } from 'node:fs';
      import { openSqliteStore } from ${JSON.stringify(join(root, 'src/store/sqlite/store.ts'))};
      const anAgent = (agentId) => ({ ...${JSON.stringify(anAgent('a'))}, agentId });
      const store = openSqliteStore({ path: ${JSON.stringify(path)} });
      for (let n = 0; ; n++) {
        await store.agents.create(anAgent('a' + n));
        if (n % 2 === 1) await store.agents.delete('a' + n, 1);
        writeSync(1, 'a' + n + '\\n');
      }`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    return child;
  }
});
