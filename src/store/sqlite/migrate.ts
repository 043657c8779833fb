import { StoreError } from '../store-error.ts';
import type { SqlDriver } from './driver.ts';
import { type Migration, migrations } from './migrations.ts';

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
