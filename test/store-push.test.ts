import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { openSqliteStore } from '../src/store/sqlite/store.ts';
import { pushStoreContract } from './contract/push-store.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'store-push-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

pushStoreContract('sqlite', { open: async () => openSqliteStore({ path: join(folder, 'gateway.db') }) });
