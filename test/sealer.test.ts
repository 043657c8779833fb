import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GatewayError } from '../src/failure.ts';
import type { Secrets } from '../src/ports.ts';
import { createSealer } from '../src/sealing/sealer.ts';
import { createSealedSecrets } from '../src/store/sqlite/sealed-secrets.ts';
import { openSqliteStore, type SqliteStore } from '../src/store/sqlite/store.ts';

/** Each sealer is a process of its own over the same secrets. */

let folder: string;
let store: SqliteStore;
let secrets: Secrets;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sealer-'));
  store = openSqliteStore({ path: join(folder, 'gateway.db') });
  secrets = createSealedSecrets({
    driver: store.driver,
    keys: [new Uint8Array(32)],
    clock: { nowMs: () => 0 },
  });
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

const sealer = (over = secrets) => createSealer({ secrets: over });
const text = fc.string({ unit: 'grapheme', maxLength: 200 });

/** The same secrets, but for what one of their methods does. */
function secretsWith(changed: Partial<Secrets>): Secrets {
  return {
    put: (name, value) => secrets.put(name, value),
    create: (name, value) => secrets.create(name, value),
    get: (name) => secrets.get(name),
    delete: (name) => secrets.delete(name),
    list: (prefix) => secrets.list(prefix),
    ...changed,
  };
}

describe('a sealed text', () => {
  it('is opened by every process for the very same purpose, and for no other', async () => {
    const [one, other] = [sealer(), sealer()];
    await fc.assert(
      fc.asyncProperty(text, text, text, async (given, purpose, strange) => {
        const sealed = await one.seal(given, purpose);
        expect(sealed).toMatch(/^[\w.-]+$/);
        expect(await other.open(sealed, purpose)).toBe(given);
        if (strange !== purpose) expect(await other.open(sealed, strange)).toBeUndefined();
      }),
      { numRuns: 50, examples: [['\ufeffmark', 'a\0', 'a']] },
    );
  });

  it('may have several megabytes', async () => {
    const large = 'ä\n'.repeat(2_000_000);
    const one = sealer();
    expect((await one.open(await one.seal(large, 'body'), 'body')) === large).toBe(true);
  });

  it('is never the same twice', async () => {
    const one = sealer();
    expect(await one.seal('text', 'p')).not.toBe(await one.seal('text', 'p'));
  });

  it('does not open with any character changed, left out, put in or put behind', async () => {
    const one = sealer();
    const sealed = await one.seal('s3cret', 'p');
    for (let at = 0; at < sealed.length; at++) {
      const other = sealed[at] === 'B' ? 'C' : 'B';
      for (const changed of [
        sealed.slice(0, at) + other + sealed.slice(at + 1),
        sealed.slice(0, at) + sealed.slice(at + 1),
        `${sealed.slice(0, at)}${other}${sealed.slice(at)}`,
      ])
        expect(await one.open(changed, 'p')).toBeUndefined();
    }
    for (const behind of ['A', '=', '\n', ' ', '.'])
      expect(await one.open(sealed + behind, 'p')).toBeUndefined();
  });

  it('is nothing that anybody else can make: other texts do not open, however they look', async () => {
    const one = sealer();
    await one.seal('text', 'p');
    await fc.assert(
      fc.asyncProperty(fc.oneof(text, fc.base64String()), async (strange) => {
        expect(await one.open(strange, 'p')).toBeUndefined();
        expect(await one.open(`1.${strange}`, 'p')).toBeUndefined();
        expect(await one.open(`2.${strange}`, 'p')).toBeUndefined();
      }),
    );
  });

  it('does not open by another gateway’s key', async () => {
    const sealed = await sealer().seal('text', 'p');
    await secrets.delete('sealing/1');
    expect(await sealer().open(sealed, 'p')).toBeUndefined();
  });
});

describe('the key that seals', () => {
  it('is made once, by whichever of many processes is first', async () => {
    const all = Array.from({ length: 20 }, () => sealer());
    const sealed = await Promise.all(all.map((each, index) => each.seal(`${index}`, 'p')));
    expect((await secrets.list('')).map(({ name }) => name)).toEqual(['sealing/1']);
    const opened = await Promise.all(sealed.map((each) => sealer().open(each, 'p')));
    expect(opened).toEqual(all.map((_, index) => `${index}`));
  });

  it('is asked for once by a process, and again only after a failure', async () => {
    let asked = 0;
    let isDown = true;
    const one = sealer(
      secretsWith({
        async get(name) {
          asked++;
          if (isDown) throw new GatewayError({ code: 'store_unavailable' });
          return secrets.get(name);
        },
      }),
    );
    await expect(one.seal('text', 'p')).rejects.toMatchObject({ failure: { code: 'store_unavailable' } });
    isDown = false;
    const sealed = await one.seal('text', 'p');
    isDown = true;
    await Promise.all(Array.from({ length: 10 }, () => one.open(sealed, 'p')));
    expect(asked).toBe(2);
  });

  it('of another process that cannot be read yet is no reason to go on with one of its own', async () => {
    await sealer().seal('text', 'p');
    const late = sealer(secretsWith({ get: async () => undefined }));
    await expect(late.seal('text', 'p')).rejects.toMatchObject({ failure: { code: 'store_unavailable' } });
  });

  it('is quoted by no error when it is spoilt', async () => {
    await secrets.put('sealing/1', 's3cret');
    const error = await sealer()
      .seal('text', 'p')
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
    expect(String(error)).not.toContain('s3cret');
  });
});
