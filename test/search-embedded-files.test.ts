import { existsSync, readFileSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KeptIndex } from '../src/search/kept-index.ts';
import { beginAndServe, type EmbeddedStand, put, startEmbeddedStand } from './support/embedded-stand.ts';
import { byWords, toEntries, toIndexQuery } from './support/hashing-embedder.ts';

/** Files that are damaged, foreign, deleted or exchanged: the index begins anew, and never answers from what is gone. */

let stand: EmbeddedStand;
beforeEach(() => {
  stand = startEmbeddedStand();
});
afterEach(() => stand.close());

const empty = { position: undefined, documents: 0, sets: [] };
const aside = () => `${stand.path}.unusable`;
const events = () => stand.logged.map(({ event }) => event);

async function filled(): Promise<KeptIndex> {
  const index = stand.open();
  await beginAndServe(index);
  const literals = Array.from({ length: 400 }, (_, at) => ({ agentId: `a-${at}`, description: 'invoices' }));
  await put(index, await toEntries(literals));
  await index.apply({ put: [], remove: [], position: { storeId: 's', sequence: 7 } });
  return index;
}

async function works(index: KeptIndex): Promise<void> {
  await put(index, await toEntries([{ agentId: 'new', description: 'storms' }]));
  const { hits } = await index.query(byWords(await toIndexQuery('storms')));
  expect(hits.map(({ agentId }) => agentId)).toEqual(['new']);
}

describe('a file that cannot be used', () => {
  it.each([
    ['text', 'this is no database '.repeat(500)],
    ['a header alone', 'SQLite format 3\0'],
  ])('is moved aside where it is %s', async (_, content) => {
    writeFileSync(stand.path, content);
    const index = stand.open();
    expect(await index.status()).toEqual(empty);
    expect(readFileSync(aside(), 'utf8')).toBe(content);
    expect(events()).toEqual(['search: index begun anew']);
    await works(index);
  });

  it('is begun where it is empty', async () => {
    writeFileSync(stand.path, '');
    const index = stand.open();
    await works(index);
    expect(events()).toEqual([]);
  });

  it('is moved aside where another program wrote it', async () => {
    const database = new Database(stand.path);
    database.exec('CREATE TABLE treasure (gold); INSERT INTO treasure VALUES (7)');
    database.close();
    await works(stand.open());
    const kept = new Database(aside());
    expect(kept.prepare('SELECT gold FROM treasure').get()).toMatchObject({ gold: 7 });
    kept.close();
  });

  it('is moved aside where another version wrote it, over what was there', async () => {
    await (await filled()).close();
    writeFileSync(aside(), 'of an earlier time');
    const database = new Database(stand.path);
    database.exec('PRAGMA user_version = 999');
    database.close();
    const index = stand.open();
    expect(await index.status()).toEqual(empty);
    expect(statSync(aside()).size).toBeGreaterThan(10_000);
    await works(index);
  });

  it('is begun anew where pages of it are damaged, at the latest when they are read', async () => {
    await (await filled()).close();
    const { size } = statSync(stand.path);
    const bytes = readFileSync(stand.path);
    bytes.fill(0xa5, 4_096);
    writeFileSync(stand.path, bytes);
    expect(size).toBeGreaterThan(40_000);
    const index = stand.open();
    await index.query(byWords(await toIndexQuery('invoices'))).catch(() => {});
    expect(await index.status()).toEqual(empty);
    expect(events()).toContain('search: index begun anew');
    await works(index);
  });

  it('is begun anew where what it holds makes no sense', async () => {
    await (await filled()).close();
    const database = new Database(stand.path);
    database.exec(`UPDATE documents SET document = '{"agentId":' WHERE agent_id = 'a-7'`);
    database.close();
    const index = stand.open();
    await index.query(byWords(await toIndexQuery('invoices'))).catch(() => {});
    expect(await index.status()).toEqual(empty);
    await works(index);
  });

  it('is begun anew where its end is cut off', async () => {
    await (await filled()).close();
    truncateSync(stand.path, 12_288);
    const index = stand.open();
    await index.query(byWords(await toIndexQuery('invoices'))).catch(() => {});
    expect(await index.status()).toEqual(empty);
    await works(index);
  });

  it('does not take over the log of a file that was deleted', async () => {
    const first = await filled();
    const log = readFileSync(`${stand.path}-wal`);
    await first.close();
    rmSync(stand.path);
    writeFileSync(`${stand.path}-wal`, log);
    const index = stand.open();
    expect(await index.status()).toEqual(empty);
    await works(index);
  });
});

describe('a file that goes while the index is open', () => {
  it('is missed at once where it is deleted', async () => {
    const index = await filled();
    expect((await index.query(await toIndexQuery('invoices'))).total).toBe(400);
    for (const suffix of ['', '-wal', '-shm']) rmSync(stand.path + suffix, { force: true });
    expect((await index.query(byWords(await toIndexQuery('invoices')))).total).toBe(0);
    expect(await index.status()).toEqual(empty);
    expect(existsSync(stand.path)).toBe(true);
    await works(index);
  });

  it('gives way to another that takes its place', async () => {
    const index = await filled();
    const another = startEmbeddedStand();
    const source = another.open();
    await beginAndServe(source);
    await put(source, await toEntries([{ agentId: 'moved-in', description: 'invoices' }]));
    await source.close();
    for (const suffix of ['-wal', '-shm']) rmSync(stand.path + suffix, { force: true });
    renameSync(another.path, stand.path);
    await another.close();
    const { hits } = await index.query(await toIndexQuery('invoices'));
    expect(hits.map(({ agentId }) => agentId)).toEqual(['moved-in']);
  });

  it('is shared again by two indexes when it was deleted', async () => {
    const [one, other] = [await filled(), stand.open()];
    await other.status();
    for (const suffix of ['', '-wal', '-shm']) rmSync(stand.path + suffix, { force: true });
    await works(one);
    const { hits } = await other.query(byWords(await toIndexQuery('storms')));
    expect(hits.map(({ agentId }) => agentId)).toEqual(['new']);
  });
});
