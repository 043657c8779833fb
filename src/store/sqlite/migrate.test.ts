import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { anAgent } from '../../../test/contract/store.ts';
import { servedVersionOf } from '../../registry/card-version.ts';
import { openDriver, type SqlDriver } from './driver.ts';
import { migrate } from './migrate.ts';
import { migrations } from './migrations.ts';
import { openSqliteStore } from './store.ts';

let folder: string;
let path: string;
const opened: { close(): unknown }[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'migrations-'));
  path = join(folder, 'gateway.db');
});
afterEach(() => {
  for (const one of opened.splice(0)) one.close();
  rmSync(folder, { recursive: true, force: true });
});

function openRaw(): SqlDriver {
  const driver = openDriver(path);
  opened.push(driver);
  return driver;
}

describe('migrations', () => {
  const steps = [
    { number: 1, name: 'one', sql: 'CREATE TABLE log (entry TEXT)' },
    { number: 2, name: 'two', sql: "INSERT INTO log VALUES ('two')" },
    { number: 3, name: 'three', sql: "INSERT INTO log VALUES ('three')" },
  ];
  const entries = (driver: SqlDriver) => driver.all('SELECT entry FROM log', []);

  it('are numbered from one without a gap', () => {
    expect(migrations.map((step) => step.number)).toEqual(migrations.map((_, n) => n + 1));
  });

  it('are applied once each and in order', () => {
    const driver = openRaw();
    migrate(driver, steps.slice(0, 2));
    migrate(driver, steps);
    migrate(driver, steps);
    expect(entries(driver)).toEqual([{ entry: 'two' }, { entry: 'three' }]);
    const applied = driver.all<{ applied_at_ms: number }>(
      'SELECT * FROM schema_migrations ORDER BY number',
      [],
    );
    expect(applied).toMatchObject(steps.map(({ number, name }) => ({ number, name })));
    expect(applied.every((row) => row.applied_at_ms > 1_700_000_000_000)).toBe(true);
  });

  it('change nothing when one of them fails', () => {
    const driver = openRaw();
    migrate(driver, steps.slice(0, 1));
    const broken = { number: 3, name: 'three', sql: "INSERT INTO log VALUES ('three'); NONSENSE" };
    expect(errorOf(() => migrate(driver, [...steps.slice(0, 2), broken]))).toMatchObject({
      problem: 'failed',
    });
    expect(entries(driver)).toEqual([]);
    migrate(driver, steps);
    expect(entries(driver)).toHaveLength(2);
  });

  it('refuse a database that is newer, or of another history, and leave it as it is', () => {
    const driver = openRaw();
    migrate(driver, steps);
    for (const known of [steps.slice(0, 2), [...steps.slice(0, 2), { ...steps[2], name: 'other' }]]) {
      const error = errorOf(() => migrate(driver, known as typeof steps));
      expect(error).toMatchObject({ problem: 'unknown_schema' });
      expect(error.message).not.toContain('\n');
    }
    expect(entries(driver)).toHaveLength(2);
    expect(errorOf(() => openSqliteStore({ path }))).toMatchObject({ problem: 'unknown_schema' });
  });
});

it('gives agents of before their card for the first version, letter for letter', async () => {
  const driver = openRaw();
  migrate(driver, migrations.slice(0, 6));
  const { cardVersion, cardAcceptedAtMs, ...older } = anAgent('a');
  const card = { ...older.card, description: 'ä \0 \u2028 \ud800 😀 "\\', version: '1e400' };
  const document = JSON.stringify({ ...older, card, cardWarnings: ['\ud800'] });
  driver.run(
    `INSERT INTO agents (agent_id, revision, status, owner_issuer, owner_subject, document)
     VALUES ('a', 1, 'active', 'i', 's', ?)`,
    [document],
  );
  const store = openSqliteStore({ path });
  opened.push(store);
  const agent = await store.agents.get('a');
  expect(agent).toStrictEqual({ ...anAgent('a'), card, cardWarnings: ['\ud800'] });
  expect(await store.cardVersions.get('a', 1)).toStrictEqual(agent && servedVersionOf(agent));
});

function errorOf(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  return new Error('nothing was thrown');
}
