import { join } from 'node:path';
import { vi } from 'vitest';
import { createAuditSeals } from '../../src/audit/seals.ts';
import { type AuditFinding, verifyTrail } from '../../src/audit/verify.ts';
import type { UsageRow } from '../../src/store/ports/audit.ts';
import { loadSealingKeyFile } from '../../src/store/sqlite/key-file.ts';
import { createSealedSecrets } from '../../src/store/sqlite/sealed-secrets.ts';
import { openSqliteStore, type SqliteStore } from '../../src/store/sqlite/store.ts';

export type TrailRecord = Record<string, unknown> & { event: string };

interface Kept {
  dataDir: string;
}

/** What the gateway of this data folder has recorded, the oldest first: what has these members. */
export async function recordsOf(
  { dataDir }: Kept,
  members: Readonly<Record<string, unknown>> = {},
): Promise<TrailRecord[]> {
  return withStore(dataDir, async ({ audit }) => {
    const records: TrailRecord[] = [];
    for await (const segment of await audit.scan()) {
      const lines = segment.records.split('\n').filter((line) => line !== '');
      records.push(...lines.map((line) => JSON.parse(line) as TrailRecord));
    }
    const wanted = Object.entries(members);
    return records.filter((record) => wanted.every(([name, value]) => record[name] === value));
  });
}

/** The same once there are so many: they are written a moment after the answer. */
export function recorded(
  kept: Kept,
  members: Readonly<Record<string, unknown>>,
  count = 1,
): Promise<TrailRecord[]> {
  return vi.waitFor(
    async () => {
      const records = await recordsOf(kept, members);
      if (records.length < count) throw new Error(`${records.length} records of ${count}`);
      return records;
    },
    { timeout: 10_000, interval: 20 },
  );
}

/** What was used by then, on all days. */
export function usageOf({ dataDir }: Kept): Promise<UsageRow[]> {
  return withStore(dataDir, async ({ usage }) => {
    const filter = { from: '2000-01-01', to: '2999-12-31', nowMs: Date.now() };
    return (await usage.list(filter, { size: 100 })).rows;
  });
}

/** What is wrong with the trail. */
export function findingsIn({ dataDir }: Kept): Promise<AuditFinding[]> {
  return withStore(dataDir, async ({ audit, driver }) => {
    const keys = [loadSealingKeyFile(join(dataDir, 'secret.key'))];
    const secrets = createSealedSecrets({ driver, keys, clock: { nowMs: () => Date.now() } });
    const found: AuditFinding[] = [];
    const trail = { segments: await audit.scan(), heads: await audit.heads() };
    for await (const one of verifyTrail(trail, createAuditSeals({ secrets }), Date.now())) found.push(one);
    return found;
  });
}

async function withStore<T>(dataDir: string, work: (store: SqliteStore) => Promise<T>): Promise<T> {
  const store = openSqliteStore({ path: join(dataDir, 'gateway.db') });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
