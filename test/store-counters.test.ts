import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSqliteStore } from '../src/store/sqlite/store.ts';
import { counterContract, upTo } from './contract/counters.ts';
import { MemoryCounters } from './support/memory-counters.ts';
import { racersOf } from './support/racers.ts';

counterContract('memory', {
  async open() {
    const counters = new MemoryCounters();
    return { stores: [counters, counters], close: async () => {} };
  },
});

counterContract('sqlite', {
  async open() {
    const { path, remove } = newFile();
    const stores = [openSqliteStore({ path }), openSqliteStore({ path })] as const;
    return {
      stores: [stores[0].counters, stores[1].counters],
      async close() {
        for (const store of stores) await store.close();
        remove();
      },
    };
  },
});

function newFile(): { path: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'store-counters-'));
  return { path: join(folder, 'gateway.db'), remove: () => rmSync(folder, { recursive: true }) };
}

describe('counters in one SQLite file', () => {
  it('that have expired go with what is counted later', async () => {
    const { path, remove } = newFile();
    const { counters, driver, close } = openSqliteStore({ path });
    await counters.update('old', upTo(1), { nowMs: 1_000, expiresAtMs: 2_000 });
    await counters.update('good', upTo(1), { nowMs: 1_000, expiresAtMs: 2_001 });
    await counters.update('new', upTo(1), { nowMs: 2_000, expiresAtMs: 3_000 });
    expect(driver.all('SELECT key FROM counters ORDER BY key', [])).toEqual([
      { key: 'good' },
      { key: 'new' },
    ]);
    await close();
    remove();
  });

  it('let four processes together have no more than there is', async () => {
    const { path, remove } = newFile();
    const racers = racersOf(`
      const { counters } = openSqliteStore({ path: ${JSON.stringify(path)} });
      const times = { nowMs: 0, expiresAtMs: 60_000 };
      for await (const key of createInterface({ input: process.stdin })) {
        const asked = Array.from({ length: 25 }, () => counters.update(key, (kept) => {
          const count = Number(kept ?? 0);
          return count < 60 ? { record: String(count + 1), answer: true } : { answer: false };
        }, times));
        console.log((await Promise.all(asked)).filter(Boolean).length);
      }`);
    for (const key of ['a', 'b', 'c']) {
      const had = await Promise.all(racers.map((racer) => racer.ask(key)));
      expect(had.reduce((sum, one) => sum + Number(one), 0)).toBe(60);
    }
    await Promise.all(racers.map((racer) => racer.close()));
    remove();
  });
});
