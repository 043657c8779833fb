import { StoreError } from '../store-error.ts';
import type { SqlDriver } from './driver.ts';

/** One step of the schema. A step that was released is never changed; the next one changes the schema. */
export interface Migration {
  /** 1, 2, 3, … */
  number: number;
  name: string;
  sql: string;
}

export const migrations: readonly Migration[] = [
  {
    number: 1,
    name: 'agents, permissions, secrets',
    sql: `
      CREATE TABLE agents (
        agent_id TEXT NOT NULL PRIMARY KEY,
        revision INTEGER NOT NULL,
        status TEXT NOT NULL,
        owner_issuer TEXT NOT NULL,
        owner_subject TEXT NOT NULL,
        document TEXT NOT NULL
      ) STRICT;
      CREATE INDEX agents_by_status ON agents (status, agent_id);
      CREATE INDEX agents_by_owner ON agents (owner_issuer, owner_subject, agent_id, status);

      CREATE TABLE agent_tags (
        tag TEXT NOT NULL,
        agent_id TEXT NOT NULL REFERENCES agents (agent_id) ON DELETE CASCADE,
        PRIMARY KEY (tag, agent_id)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX agent_tags_by_agent ON agent_tags (agent_id);

      CREATE TABLE permissions (
        scope TEXT NOT NULL PRIMARY KEY,
        revision INTEGER NOT NULL,
        document TEXT NOT NULL
      ) STRICT;

      CREATE TABLE secrets (
        name TEXT NOT NULL PRIMARY KEY,
        key_id TEXT NOT NULL,
        nonce BLOB NOT NULL,
        sealed BLOB NOT NULL,
        created_at_ms INTEGER NOT NULL
      ) STRICT;`,
  },
];

/**
 * Brings the schema up to the last of `steps`, in one transaction that takes the write lock first: of several
 * processes starting at once one migrates, the others wait and find it done. Nothing is changed on an error.
 *
 * @throws StoreError `unknown_schema` when the database holds a step these do not; `busy`
 */
export function migrate(driver: SqlDriver, steps: readonly Migration[] = migrations): void {
  driver.transaction(() => {
    driver.exec(`CREATE TABLE IF NOT EXISTS schema_migrations (
      number INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, applied_at_ms INTEGER NOT NULL) STRICT`);
    const applied = driver.all<{ number: number; name: string }>(
      'SELECT number, name FROM schema_migrations ORDER BY number',
      [],
    );
    for (const { number, name } of applied) {
      if (steps[number - 1]?.name !== name) throw unknownStep(driver.path, number, name);
    }
    for (const step of steps.slice(applied.length)) apply(driver, step);
  });
}

function apply(driver: SqlDriver, step: Migration): void {
  driver.exec(step.sql);
  driver.run(
    `INSERT INTO schema_migrations (number, name, applied_at_ms)
     VALUES (?, ?, CAST(unixepoch('subsec') * 1000 AS INTEGER))`,
    [step.number, step.name],
  );
}

function unknownStep(path: string, number: number, name: string): StoreError {
  return new StoreError(
    'unknown_schema',
    `cannot open ${path}: it holds schema ${number} (${name}), which this version does not know; use a later version`,
  );
}
