import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Secrets } from '../../ports.ts';
import type { SqlDriver } from './driver.ts';
import { createSealedSecrets, UnsealError } from './sealed-secrets.ts';
import { openSqliteStore } from './store.ts';

const clock = { nowMs: () => 1_700_000_000_000 };
const key = Uint8Array.from({ length: 32 }, (_, n) => n + 1);
const otherKey = Uint8Array.from({ length: 32 }, (_, n) => 255 - n);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sealed-secrets-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('sealed secrets', () => {
  let driver: SqlDriver;
  let secrets: Secrets;
  beforeEach(() => {
    driver = openSqliteStore({ path: join(folder, 'gateway.db') }).driver;
    secrets = createSealedSecrets({ driver, keys: [key], clock });
  });

  afterEach(() => driver.close());

  it('never reach the files in the clear', async () => {
    const value = 'correct horse battery staple';
    await secrets.put('agents/a/1', value);
    await secrets.put('agents/a/2', value);
    const spellings = [
      value,
      Buffer.from(value).toString('base64').slice(0, 30),
      Buffer.from(value).toString('hex'),
    ];
    const search = () => {
      const bytes = Buffer.concat(readdirSync(folder).map((name) => readFileSync(join(folder, name))));
      // The name shows that the search looks where the rows are.
      expect(bytes.includes('agents/a/1')).toBe(true);
      for (const text of spellings) expect(bytes.includes(text)).toBe(false);
      expect(bytes.includes(Buffer.from(value, 'utf16le'))).toBe(false);
      expect(bytes.includes(Buffer.from(key))).toBe(false);
    };
    search();
    driver.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    search();
    expect(driver.all('SELECT DISTINCT sealed FROM secrets', [])).toHaveLength(2);
  });

  it('do not open when a single bit was changed, or under another name', async () => {
    await secrets.put('a', 'one');
    await secrets.put('b', 'two');
    const change = (sql: string) => {
      driver.run(sql, []);
      return expect(secrets.get('a')).rejects.toBeInstanceOf(UnsealError);
    };
    const a = driver.get<{ sealed: Uint8Array; nonce: Uint8Array }>(
      "SELECT * FROM secrets WHERE name = 'a'",
      [],
    );
    for (const column of ['sealed', 'nonce'] as const) {
      const bytes = Uint8Array.from(a?.[column] ?? []);
      bytes[2] = (bytes[2] ?? 0) ^ 1;
      driver.run(`UPDATE secrets SET ${column} = ? WHERE name = 'a'`, [bytes]);
      await expect(secrets.get('a')).rejects.toBeInstanceOf(UnsealError);
      driver.run(`UPDATE secrets SET ${column} = ? WHERE name = 'a'`, [a?.[column] ?? null]);
      expect(await secrets.get('a')).toBe('one');
    }
    await change("UPDATE secrets SET (sealed, nonce) = (SELECT sealed, nonce FROM secrets WHERE name = 'b')");
    expect(await secrets.get('b')).toBe('two');
    await change("UPDATE secrets SET sealed = x'00'");
    await change("UPDATE secrets SET sealed = x'', nonce = x''");
  });

  it('open with a key put before by rotation, and are sealed with the first', async () => {
    await secrets.put('old', 'one');
    const rotated = createSealedSecrets({ driver, keys: [otherKey, key], clock });
    await rotated.put('new', 'two');
    expect([await rotated.get('old'), await rotated.get('new')]).toEqual(['one', 'two']);
    await expect(secrets.get('new')).rejects.toBeInstanceOf(UnsealError);
    await rotated.put('old', 'one');
    const retired = createSealedSecrets({ driver, keys: [otherKey], clock });
    expect(await retired.get('old')).toBe('one');
  });

  it('name neither key nor content in an error', async () => {
    await secrets.put('a', 'plain s3cret');
    const row = driver.get<{ sealed: Uint8Array }>('SELECT sealed FROM secrets', []);
    const wrong = createSealedSecrets({ driver, keys: [otherKey], clock });
    const unknownKey = await errorFrom(wrong.get('a'));
    driver.run('UPDATE secrets SET key_id = key_id, nonce = zeroblob(12)', []);
    for (const error of [unknownKey, await errorFrom(secrets.get('a'))]) {
      expect(error).toBeInstanceOf(UnsealError);
      const told = `${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`;
      for (const bytes of [key, otherKey, row?.sealed ?? [0]]) {
        for (const encoding of ['hex', 'base64'] as const)
          expect(told).not.toContain(encoded(bytes, encoding));
      }
      expect(told).not.toContain('s3cret');
    }
  });

  it('refuse a key of another length, no key, and a name the database does not keep', async () => {
    for (const keys of [[], [key.subarray(1)], [key, new Uint8Array(33)]]) {
      expect(() => createSealedSecrets({ driver, keys, clock })).toThrow(TypeError);
    }
    for (const name of ['a\0b', '\ud800']) await expect(secrets.put(name, 'x')).rejects.toThrow(TypeError);
  });
});

function encoded(bytes: Iterable<number>, encoding: 'hex' | 'base64'): string {
  return Buffer.from([...bytes]).toString(encoding);
}

async function errorFrom(work: Promise<unknown>): Promise<Error> {
  return work.then(
    () => new Error('nothing was thrown'),
    (error: Error) => error,
  );
}
