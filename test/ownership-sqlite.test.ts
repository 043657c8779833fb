import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStore } from '../src/store/sqlite/store.ts';
import { ownershipContract } from './contract/ownership-store.ts';

ownershipContract('sqlite', {
  async open() {
    const folder = mkdtempSync(join(tmpdir(), 'ownership-'));
    const stores = [0, 1].map(() => openSqliteStore({ path: join(folder, 'gateway.db') }));
    const [one, two] = stores;
    if (one === undefined || two === undefined) throw new TypeError('two were opened');
    return {
      stores: [one.ownership, two.ownership],
      async close() {
        for (const store of stores) await store.close();
        rmSync(folder, { recursive: true });
      },
    };
  },
});
