import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDriver, type SqlDriver } from './driver.ts';

let folder: string;
let path: string;
const opened: { close(): unknown }[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'driver-'));
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

describe('the driver', () => {
  it('refuses what libsql would crash on, and goes on', () => {
    const driver = openRaw();
    driver.exec('CREATE TABLE t (a, b)');
    const insert = 'INSERT INTO t VALUES (?, ?)';
    const refused: unknown[][] = [
      ...[
        [1, new Date(0)],
        [{}, 1],
        [undefined, 1],
        [Symbol('x'), 1],
        [new Float32Array(1), 1],
      ],
      ...[[1], [1, 2, 3], []],
    ];
    // Wrong on purpose: what reaches the driver untyped.
    for (const given of refused) expect(() => driver.run(insert, given as null[])).toThrow(TypeError);
    expect(driver.run(insert, [true, false])).toBe(1);
    expect(driver.all('SELECT * FROM t', [])).toEqual([{ a: 1, b: 0 }]);
  });

  it('answers one row and many rows alike', () => {
    const driver = openRaw();
    const sql = 'SELECT ? AS bytes, 1.5 AS number, NULL AS absent';
    const bytes = new Uint8Array([9, 8, 7, 6]).subarray(1, 3);
    const expected = { bytes: new Uint8Array([8, 7]), number: 1.5, absent: null };
    for (const row of [
      driver.get<typeof expected>(sql, [bytes]),
      driver.all<typeof expected>(sql, [bytes])[0],
    ]) {
      expect({ ...row, bytes: new Uint8Array(row?.bytes ?? []) }).toStrictEqual(expected);
      expect(row?.bytes).toBeInstanceOf(Uint8Array);
    }
    expect(driver.get('SELECT 1 WHERE FALSE', [])).toBeUndefined();
  });

  it('rolls back a transaction that throws, and commits one that does not', () => {
    const driver = openRaw();
    driver.exec('CREATE TABLE t (a)');
    const add = () => driver.run('INSERT INTO t VALUES (?)', [1]);
    const thrown = new Error('no');
    expect(
      errorOf(() =>
        driver.transaction(() => {
          add();
          throw thrown;
        }),
      ),
    ).toBe(thrown);
    expect(() => driver.transaction(() => driver.transaction(add))).toThrow(TypeError);
    expect(() => driver.transaction(async () => add())).toThrow(TypeError);
    expect(driver.all('SELECT * FROM t', [])).toEqual([]);
    expect(driver.transaction(add)).toBe(1);
    expect(driver.all('SELECT * FROM t', [])).toEqual([{ a: 1 }]);
  });

  it('reads one state within a snapshot', () => {
    const [reader, writer] = [openRaw(), openRaw()];
    writer.exec('CREATE TABLE t (a)');
    const count = () => reader.get('SELECT count(*) AS n FROM t', []);
    const seen = reader.snapshot(() => {
      const before = count();
      writer.run('INSERT INTO t VALUES (?)', [1]);
      return [before, count()];
    });
    expect(seen).toEqual([{ n: 0 }, { n: 0 }]);
    expect(count()).toEqual({ n: 1 });
  });

  it('tells a lock held elsewhere from other errors', () => {
    const [holder, waiter] = [openRaw(), openRaw()];
    holder.exec('CREATE TABLE t (a UNIQUE)');
    waiter.exec('PRAGMA busy_timeout = 0');
    const insert = () => waiter.run('INSERT INTO t VALUES (?)', ['s3cret']);
    expect(errorOf(() => holder.transaction(insert))).toMatchObject({ problem: 'busy' });
    insert();
    const error = errorOf(insert);
    expect(error).toMatchObject({ problem: 'failed' });
    expect(error.message).not.toContain('s3cret');
    waiter.exec('PRAGMA query_only = ON');
    expect(errorOf(() => waiter.run('DELETE FROM t', []))).toMatchObject({ problem: 'read_only' });
  });

  it('changes nothing when there is no space left, and goes on when there is', () => {
    const driver = openRaw();
    driver.exec('CREATE TABLE t (a)');
    const { pages } = driver.get<{ pages: number }>(
      'SELECT page_count AS pages FROM pragma_page_count',
      [],
    ) ?? { pages: 0 };
    driver.exec(`PRAGMA max_page_count = ${pages}`);
    const insert = (text: string) => driver.run('INSERT INTO t VALUES (?)', [text]);
    const both = () =>
      driver.transaction(() => {
        insert('small');
        insert('large'.repeat(10_000));
      });
    expect(errorOf(both)).toMatchObject({ problem: 'full' });
    expect(driver.all('SELECT a FROM t', [])).toEqual([]);
    driver.exec('PRAGMA max_page_count = 1000000');
    both();
    expect(driver.get('SELECT count(*) AS n FROM t', [])).toEqual({ n: 2 });
  });
});

function errorOf(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  return new Error('nothing was thrown');
}
