import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StoreError } from '../store-error.ts';
import { openDriver, type SqlDriver } from './driver.ts';
import { GroupCommit } from './group-commit.ts';

let folder: string;
let driver: SqlDriver;
let commits: GroupCommit;
let transactions: number;
let isFull: boolean;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'group-commit-'));
  driver = openDriver(join(folder, 'test.db'));
  driver.exec('CREATE TABLE log (entry TEXT) STRICT');
  transactions = 0;
  isFull = false;
  commits = new GroupCommit(
    withTransactions((work) => {
      transactions++;
      return driver.transaction(() => {
        const answer = work();
        if (isFull) throw new StoreError('full', 'no space left');
        return answer;
      });
    }),
  );
});
afterEach(() => {
  driver.close();
  rmSync(folder, { recursive: true });
});

/** The driver, but for its transactions. */
function withTransactions(transaction: SqlDriver['transaction']): SqlDriver {
  return {
    path: driver.path,
    transaction,
    exec: (sql) => driver.exec(sql),
    run: (sql, parameters) => driver.run(sql, parameters),
    get: (sql, parameters) => driver.get(sql, parameters),
    all: (sql, parameters) => driver.all(sql, parameters),
    snapshot: (work) => driver.snapshot(work),
    close: () => driver.close(),
  };
}

const write = (entry: string) => commits.add(() => driver.run('INSERT INTO log VALUES (?)', [entry]));
const entries = () => driver.all<{ entry: string }>('SELECT entry FROM log', []).map(({ entry }) => entry);

describe('writes of one turn of the event loop', () => {
  it('share a transaction, in their order', async () => {
    const asked = ['a', 'b', 'c'];
    expect(await Promise.all(asked.map(write))).toEqual([1, 1, 1]);
    expect(entries()).toEqual(asked);
    expect(transactions).toBe(1);
    await write('d');
    expect(transactions).toBe(2);
  });

  it('see those before them, and are answered when all are on the disk', async () => {
    const count = () =>
      commits.add(() => driver.get<{ n: number }>('SELECT count(*) AS n FROM log', [])?.n ?? -1);
    const other = openDriver(driver.path);
    const seen: unknown[] = [];
    const note = () => void seen.push(other.get('SELECT count(*) AS n FROM log', []));
    const counts = [count(), write('a').then(note), count(), write('b'), count()];
    expect(other.get('SELECT count(*) AS n FROM log', [])).toEqual({ n: 0 });
    const [none, , one, , two] = await Promise.all(counts);
    expect([none, one, two]).toEqual([0, 1, 2]);
    expect(seen).toEqual([{ n: 2 }]);
    other.close();
  });

  it('are split where they are more than a hundred', async () => {
    await Promise.all(Array.from({ length: 201 }, (_, n) => write(`${n}`)));
    expect(transactions).toBe(3);
    expect(entries()).toEqual(Array.from({ length: 201 }, (_, n) => `${n}`));
  });

  it('all fail where the disk does, and leave the next ones alone', async () => {
    isFull = true;
    const failed = await Promise.allSettled([write('a'), write('b')]);
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    isFull = false;
    await write('c');
    expect(entries()).toEqual(['c']);
  });

  it('fail where the database is closed meanwhile', async () => {
    const late = write('a');
    driver.close();
    await expect(late).rejects.toBeInstanceOf(StoreError);
  });
});
