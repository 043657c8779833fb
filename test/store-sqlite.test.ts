import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cachedStore } from '../src/store/cached.ts';
import { sweptAtOnce } from '../src/store/port.ts';
import { loadSealingKeyFile } from '../src/store/sqlite/key-file.ts';
import { createSealedSecrets } from '../src/store/sqlite/sealed-secrets.ts';
import { openSqliteStore, type SqliteStore } from '../src/store/sqlite/store.ts';
import { StoreError } from '../src/store/store-error.ts';
import { secretsContract } from './contract/secrets.ts';
import { anAgent, aPermission, storeContract } from './contract/store.ts';
import { lineInput, racersOf, runScript } from './support/racers.ts';

const clock = { nowMs: () => 1_700_000_000_000 };
const key = Uint8Array.from({ length: 32 }, (_, n) => n + 1);

let folder: string;
let path: string;
const opened: { close(): unknown }[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'store-sqlite-'));
  path = join(folder, 'gateway.db');
});
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
  rmSync(folder, { recursive: true, force: true });
});

function open(): SqliteStore {
  const store = openSqliteStore({ path });
  opened.push(store);
  return store;
}

storeContract('sqlite', { open: async () => open() });
// The clock stands still: an entry that a write forgets to remove would be answered for ever.
storeContract('sqlite behind the cache', { open: async () => cachedStore(open(), { clock }) });
secretsContract('sealed in sqlite', {
  open: async (time) => {
    const { driver } = open();
    return { secrets: createSealedSecrets({ driver, keys: [key], clock: time }), close: async () => {} };
  },
});

describe('the file', () => {
  it('is made for this user alone, with its folder', () => {
    path = join(folder, 'new', 'data', 'gateway.db');
    open();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'new', 'data')).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(join(folder, 'new', 'data'))) {
      expect(statSync(join(folder, 'new', 'data', name)).mode & 0o077).toBe(0);
    }
  });

  it('is kept with a write-ahead log and an fsync at every commit', () => {
    const { driver } = open();
    expect(driver.get('PRAGMA journal_mode', [])).toEqual({ journal_mode: 'wal' });
    expect(driver.get('PRAGMA synchronous', [])).toEqual({ synchronous: 2 });
    expect(driver.get('PRAGMA foreign_keys', [])).toEqual({ foreign_keys: 1 });
    expect(driver.get('PRAGMA busy_timeout', [])).toEqual({ timeout: 5_000 });
  });

  it('holds everything when it is opened again', async () => {
    const first = open();
    await first.agents.create({ ...anAgent('a'), tags: ['x'] });
    await first.permissions.create(aPermission('demo'));
    await first.affinities.put([{ key: 'k', place: 'here' }], 5_000);
    await createSealedSecrets({ driver: first.driver, keys: [key], clock }).put('s', 'value');
    await first.close();
    const again = open();
    expect(await again.agents.get('a')).toEqual({ ...anAgent('a'), tags: ['x'] });
    expect((await again.agents.list({ tag: 'x' }, { size: 1 })).totalSize).toBe(1);
    expect(await again.permissions.get('demo')).toEqual(aPermission('demo'));
    expect(await again.affinities.get('k')).toEqual({ place: 'here', expiresAtMs: 5_000 });
    expect(await createSealedSecrets({ driver: again.driver, keys: [key], clock }).get('s')).toBe('value');
  });

  it('is refused in one line where it cannot be', () => {
    writeFileSync(join(folder, 'file'), '');
    mkdirSync(join(folder, 'folder'));
    writeFileSync(join(folder, 'text'), 'This is no database. '.repeat(500));
    const refused = { file: 'cannot_open', folder: 'cannot_open', text: 'corrupt' } as const;
    for (const [name, problem] of Object.entries(refused)) {
      const at = name === 'file' ? join(folder, 'file', 'gateway.db') : join(folder, name);
      const error = errorOf(() => openSqliteStore({ path: at }));
      expect(error).toBeInstanceOf(StoreError);
      expect(error).toMatchObject({ problem });
      expect(error.message).toContain(at);
      expect(error.message).not.toContain('\n');
    }
  });

  it('refuses calls once it is closed, and closes twice', async () => {
    const store = open();
    await store.close();
    await store.close();
    await expect(store.agents.get('a')).rejects.toBeInstanceOf(StoreError);
    await expect(store.agents.create(anAgent('a'))).rejects.toBeInstanceOf(StoreError);
  });
});

describe('attacks on patterns', () => {
  it('means nothing by the wildcards of GLOB and LIKE', async () => {
    const store = open();
    for (const id of ['a1', 'b1', 'ab1']) await store.agents.create({ ...anAgent(id), tags: ['t1', '%'] });
    for (const pattern of [
      '?1',
      '?*',
      '[ab]1',
      '[ab]*',
      '[a-z]*',
      '[^x]*',
      '_1',
      '%',
      'tag:%1',
      'tag:t?',
      'tag:t*',
      'a*?',
      'a*[0-9]',
      'b*[!x]',
      '*?',
      '*[0-9]',
    ]) {
      const { totalSize } = await store.agents.list({ patterns: [pattern] }, { size: 10 });
      expect([pattern, totalSize]).toEqual([pattern, 0]);
    }
  });
});

describe('places that have expired', () => {
  it('are swept the oldest first, no more than so many at once', async () => {
    const { affinities, driver } = open();
    const count = () => driver.get<{ n: number }>('SELECT count(*) AS n FROM affinities', [])?.n;
    const places = Array.from({ length: sweptAtOnce }, (_, n) => ({ key: `young ${n}`, place: 'a' }));
    await affinities.put(places, 2_000);
    await affinities.put([{ key: 'old', place: 'a' }], 1_000);
    await affinities.put([{ key: 'good', place: 'a' }], 2_001);
    await affinities.sweep(2_000);
    expect([await affinities.get('old'), count()]).toEqual([undefined, 2]);
    await affinities.sweep(2_000);
    expect([await affinities.get('good'), count()]).toEqual([{ place: 'a', expiresAtMs: 2_001 }, 1]);
  });
});

describe('what processes told of agents', () => {
  it('goes when it has expired, by what is told later of any agent', async () => {
    const { health, driver } = open();
    const row = { agentId: 'a', processId: 'p', report: '{}', seenAtMs: 1_000, expiresAtMs: 2_000 };
    await health.put(row);
    await health.put({ ...row, processId: 'q', expiresAtMs: 2_001 });
    await health.put({ ...row, agentId: 'b', seenAtMs: 2_000, expiresAtMs: 3_000 });
    const left = driver.all('SELECT agent_id AS a, process_id AS p FROM health ORDER BY agent_id', []);
    expect(left).toEqual([
      { a: 'a', p: 'q' },
      { a: 'b', p: 'p' },
    ]);
  });
});

describe('several processes on one file', () => {
  it('let exactly one win each create, replace and delete', async () => {
    const racers = racersOf(`
      const store = openSqliteStore({ path: ${JSON.stringify(path)} });
      const writes = {
        create: (agent) => store.agents.create(agent),
        replace: (agent) => store.agents.replace({ ...agent, revision: 2 }, 1),
        delete: (agent) => store.agents.delete(agent.agentId, 2),
      };
      for await (const phase of createInterface({ input: process.stdin })) {
        const won = [];
        for (let n = 0; n < 60; n++) if (await writes[phase](anAgent('a' + n))) won.push('a' + n);
        console.log(JSON.stringify(won));
      }`);
    const everyAgent = Array.from({ length: 60 }, (_, n) => `a${n}`).toSorted();
    for (const phase of ['create', 'replace', 'delete']) {
      const won = await Promise.all(racers.map((racer) => racer.ask(phase)));
      expect(won.flatMap((line) => JSON.parse(line) as string[]).toSorted()).toEqual(everyAgent);
    }
    expect((await open().agents.list({}, { size: 1 })).totalSize).toBe(0);
  });

  it('all open a file that none of them has made yet', async () => {
    const racers = racersOf(`
      for await (const path of createInterface({ input: process.stdin })) {
        try {
          await openSqliteStore({ path }).close();
          console.log('opened');
        } catch (error) {
          console.log(error.message);
        }
      }`);
    for (let n = 0; n < 80; n++) {
      const answers = await Promise.all(racers.map((racer) => racer.ask(join(folder, `${n}.db`))));
      expect(answers).toEqual(['opened', 'opened', 'opened', 'opened']);
    }
  });

  it('all get the one key of a key file that none of them has made yet', async () => {
    const racers = racersOf(`
      for await (const path of createInterface({ input: process.stdin })) {
        console.log(Buffer.from(loadSealingKeyFile(path)).toString('hex'));
      }`);
    for (let n = 0; n < 60; n++) {
      const file = join(folder, `${n}.key`);
      const answers = await Promise.all(racers.map((racer) => racer.ask(file)));
      expect(new Set(answers)).toEqual(new Set([Buffer.from(loadSealingKeyFile(file)).toString('hex')]));
    }
    expect(readdirSync(folder)).toHaveLength(60);
  });

  it('see what another connection wrote at once', async () => {
    const [first, second] = [open(), open()];
    await first.agents.create(anAgent('a'));
    expect(await second.agents.get('a')).toEqual(anAgent('a'));
    expect(await second.agents.create(anAgent('a'))).toBe(false);
    expect(await second.agents.replace({ ...anAgent('a'), revision: 2 }, 1)).toBe(true);
    expect(await first.agents.replace({ ...anAgent('a'), revision: 2 }, 1)).toBe(false);
    expect(await first.agents.delete('a', 1)).toBe(false);
    expect(await first.agents.delete('a', 2)).toBe(true);
    expect(await second.agents.get('a')).toBeUndefined();
  });
});

describe('a process that is killed while it writes', () => {
  for (const lines of [1, 40, 300]) {
    it(`loses nothing it acknowledged: ${lines} agents`, async () => {
      const child = runScript(
        `const store = openSqliteStore({ path: ${JSON.stringify(path)} });
        for (let n = 0; ; n++) {
          const agent = { ...anAgent('a' + n), tags: ['kept'] };
          await store.agents.create(agent);
          await store.agents.replace({ ...agent, revision: 2 }, 1);
          // One write call a line, so that a line is out before the next commit begins.
          writeSync(1, agent.agentId + '\\n');
        }`,
      );
      const acknowledged: string[] = [];
      for await (const line of createInterface({ input: lineInput(child) })) {
        acknowledged.push(line);
        if (acknowledged.length === lines) child.kill('SIGKILL');
      }
      const store = open();
      expect(acknowledged.length).toBeGreaterThanOrEqual(lines);
      for (const id of acknowledged) {
        expect(await store.agents.get(id)).toEqual({ ...anAgent(id), tags: ['kept'], revision: 2 });
      }
      expect(store.driver.get('PRAGMA integrity_check', [])).toEqual({ integrity_check: 'ok' });
      expect(store.driver.all('PRAGMA foreign_key_check', [])).toEqual([]);
      const { totalSize } = await store.agents.list({}, { size: 1 });
      expect((await store.agents.list({ tag: 'kept' }, { size: 1 })).totalSize).toBe(totalSize);
    });
  }
});

function errorOf(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  return new Error('nothing was thrown');
}
