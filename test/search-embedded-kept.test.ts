import { mkdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SearchDocument } from '../src/search/document.ts';
import type { Embedder } from '../src/search/embedder.ts';
import type { KeptIndex } from '../src/search/kept-index.ts';
import { type EmbeddedStand, fillSet, startEmbeddedStand } from './support/embedded-stand.ts';
import {
  byWords,
  hashingEmbedder,
  hashingSet,
  type SearchEntry,
  toEntries,
  toIndexQuery,
} from './support/hashing-embedder.ts';

/** What the embedded index keeps, by one process. */

let stand: EmbeddedStand;
let index: KeptIndex;
beforeEach(() => {
  stand = startEmbeddedStand();
  index = stand.open();
});
afterEach(() => stand.close());

const modelId = hashingSet().model.id;
const small = hashingEmbedder(32);

async function documentOf(agentId: string, description = 'pays invoices'): Promise<SearchDocument> {
  const [entry] = await toEntries([{ agentId, description }]);
  if (entry === undefined) throw new Error('one agent gives one entry');
  return entry.document;
}

async function missingIds(set = modelId): Promise<string[]> {
  return (await index.missing(set, 100)).items.map(({ agentId }) => agentId).toSorted();
}

const fill = (embedder?: Embedder) => fillSet(index, embedder);

describe('a new index', () => {
  it('is empty', async () => {
    expect(await index.status()).toEqual({ position: undefined, documents: 0, sets: [] });
    expect(await index.serving()).toBeUndefined();
    expect(await index.ids({ limit: 10 })).toEqual([]);
    expect(await index.query(byWords(await toIndexQuery('x')))).toEqual({
      ...{ hits: [], total: 0, isTotalExact: true },
    });
  });

  it('refuses a vector as long as no set serves', async () => {
    await expect(index.query(await toIndexQuery('x'))).rejects.toMatchObject({
      failure: { code: 'search_unavailable', problem: 'index' },
    });
  });

  it('is closed once and for all', async () => {
    await index.status();
    await Promise.all([index.close(), index.close()]);
    await index.close();
    await expect(index.status()).rejects.toMatchObject({ failure: { code: 'search_unavailable' } });
  });

  it('can be closed before it was used', async () => {
    await index.close();
    await expect(index.query(await toIndexQuery('x'))).rejects.toMatchObject({
      failure: { code: 'search_unavailable' },
    });
  });

  it('fails where its path is a folder', async () => {
    mkdirSync(stand.path);
    await expect(index.status()).rejects.toMatchObject({
      failure: { code: 'search_unavailable', problem: 'index' },
    });
  });
});

describe('documents', () => {
  it('are listed in order, page by page', async () => {
    const ids = ['c', 'a', 'b-1', 'b', 'aa'];
    await index.apply({ put: await Promise.all(ids.map((id) => documentOf(id))), remove: [] });
    expect(await index.ids({ limit: 3 })).toEqual(['a', 'aa', 'b']);
    expect(await index.ids({ after: 'b', limit: 3 })).toEqual(['b-1', 'c']);
    expect(await index.ids({ after: 'c', limit: 3 })).toEqual([]);
  });

  it('are found as soon as they are put, before there is any vector', async () => {
    await index.apply({ put: [await documentOf('billing')], remove: [] });
    expect((await index.query(byWords(await toIndexQuery('invoices')))).hits).toMatchObject([
      { agentId: 'billing' },
    ]);
  });

  it('survive whatever an agent may say of itself', async () => {
    const odd = 'a\0b \ud800 \u2028 😀 __proto__';
    const document = { ...(await documentOf('odd')), text: odd, name: odd, tags: [odd] };
    await index.apply({ put: [document], remove: [] });
    await index.begin(hashingSet());
    expect((await index.missing(modelId, 10)).items).toEqual([{ agentId: 'odd', text: odd }]);
    await fill();
    expect(await missingIds()).toEqual([]);
    const query = byWords(await toIndexQuery('invoices', { tags: [odd] }));
    expect((await index.query(query)).hits).toMatchObject([{ agentId: 'odd' }]);
  });

  it('are put together with all others of their call, or not at all', async () => {
    const broken = { ...(await documentOf('broken')), agentId: 'a\0b' };
    const position = { storeId: 's', sequence: 1 };
    await expect(
      index.apply({ put: [await documentOf('whole'), broken], remove: [], position }),
    ).rejects.toMatchObject({ failure: { code: 'search_unavailable', problem: 'index' } });
    expect(await index.status()).toMatchObject({ documents: 0, position: undefined });
  });
});

describe('the position', () => {
  const move = (storeId: string, sequence: number) =>
    index.apply({ put: [], remove: [], position: { storeId, sequence } });

  it('goes on, never back, and begins anew with another store', async () => {
    await move('s', 5);
    await move('s', 3);
    expect((await index.status()).position).toEqual({ storeId: 's', sequence: 5 });
    await move('s', 2 ** 52);
    await move('other', 1);
    expect((await index.status()).position).toEqual({ storeId: 'other', sequence: 1 });
    await index.apply({ put: [], remove: ['nobody'] });
    expect((await index.status()).position).toEqual({ storeId: 'other', sequence: 1 });
  });
});

describe('a set', () => {
  beforeEach(async () => {
    await index.apply({
      put: [await documentOf('a'), await documentOf('b', 'forecasts storms')],
      remove: [],
    });
    await index.begin(hashingSet());
  });

  it('misses the vector of every document, also of those that come later', async () => {
    expect(await missingIds()).toEqual(['a', 'b']);
    await index.apply({ put: [await documentOf('c')], remove: ['a'] });
    expect(await index.missing(modelId, 1)).toMatchObject({ items: [{ agentId: 'b' }], total: 2 });
    expect(await missingIds('unknown')).toEqual([]);
  });

  it('serves when it is full, and not before', async () => {
    expect(await index.serve(modelId)).toBe(false);
    expect(await index.serving()).toBeUndefined();
    await fill();
    expect(await index.serve(modelId)).toBe(true);
    expect(await index.serving()).toEqual(hashingSet());
    expect(await index.serve('unknown')).toBe(false);
    expect((await index.status()).sets).toEqual([{ modelId, serves: true, vectors: 2, missing: 0 }]);
  });

  it('keeps a vector where the text stays, and drops it where it changes', async () => {
    await fill();
    await index.serve(modelId);
    const same = { ...(await documentOf('a')), revision: 9, tags: ['new'] };
    await index.apply({ put: [same], remove: [] });
    expect(await missingIds()).toEqual([]);
    const found = (await index.query(await toIndexQuery('invoices', { tags: ['new'] }))).hits[0];
    expect(found).toMatchObject({ agentId: 'a', vector: { rank: 1 } });
    await index.apply({ put: [await documentOf('a', 'pays invoices late')], remove: [] });
    expect(await missingIds()).toEqual(['a']);
    const { hits } = await index.query(await toIndexQuery('invoices'));
    expect(hits[0]?.agentId).toBe('a');
    expect(hits[0]?.vector).toBeUndefined();
  });

  it('ignores the vector of a text that is not the document’s any more, and of an unknown set', async () => {
    const [{ vector, document }] = (await toEntries([{ agentId: 'a', description: 'pays invoices' }])) as [
      SearchEntry,
    ];
    await index.putVectors(modelId, [{ agentId: 'a', text: 'another', vector }]);
    await index.putVectors(modelId, [{ agentId: 'nobody', text: document.text, vector }]);
    await index.putVectors('unknown', [{ agentId: 'a', text: document.text, vector }]);
    expect(await missingIds()).toEqual(['a', 'b']);
    await index.putVectors(modelId, [{ agentId: 'a', text: document.text, vector }]);
    expect(await missingIds()).toEqual(['b']);
  });

  it('refuses vectors of another length or without sense, whole calls of them', async () => {
    const [entry] = (await toEntries([{ agentId: 'a', description: 'pays invoices' }])) as [SearchEntry];
    const good = { agentId: 'a', text: entry.document.text, vector: entry.vector };
    for (const vector of [new Float32Array(3), new Float32Array(512).fill(Number.NaN)]) {
      const bad = { ...good, vector };
      await expect(index.putVectors(modelId, [good, bad])).rejects.toMatchObject({
        failure: { code: 'search_unavailable', problem: 'index' },
      });
    }
    expect(await missingIds()).toEqual(['a', 'b']);
  });

  it('serves on while all its vectors are made again', async () => {
    await fill();
    await index.serve(modelId);
    await index.outdate(modelId);
    expect(await missingIds()).toEqual(['a', 'b']);
    expect((await index.status()).sets).toEqual([{ modelId, serves: true, vectors: 2, missing: 2 }]);
    expect((await index.query(await toIndexQuery('invoices'))).hits[0]?.vector).toBeDefined();
    await fill();
    expect(await missingIds()).toEqual([]);
  });

  it('gives its place to the next when that is full, and is dropped', async () => {
    await fill();
    await index.serve(modelId);
    const next = hashingSet(small);
    await index.begin(next);
    expect((await index.status()).sets).toMatchObject([
      { modelId, serves: true, missing: 0 },
      { modelId: 'hashing:32', serves: false, missing: 2 },
    ]);
    expect((await index.query(await toIndexQuery('invoices'))).hits[0]?.agentId).toBe('a');
    await fill(small);
    expect(await index.serve('hashing:32')).toBe(true);
    expect(await index.serving()).toEqual(next);
    expect((await index.status()).sets).toMatchObject([{ modelId: 'hashing:32', serves: true, vectors: 2 }]);
    await expect(index.query(await toIndexQuery('invoices'))).rejects.toMatchObject({
      failure: { code: 'search_unavailable' },
    });
    const { hits } = await index.query(await toIndexQuery('invoices', {}, small));
    expect(hits[0]).toMatchObject({ agentId: 'a', vector: { rank: 1 } });
  });

  it('is not begun twice, and a third one takes the place of the one that is being made', async () => {
    await fill();
    await index.serve(modelId);
    await index.begin({ ...hashingSet(), calibration: { needs: [], agents: [], low: 9, high: 10 } });
    expect(await index.serving()).toEqual(hashingSet());
    await index.begin(hashingSet(hashingEmbedder(16)));
    await index.begin(hashingSet(small));
    const { sets } = await index.status();
    expect(sets.map((set) => [set.modelId, set.serves])).toEqual([
      [modelId, true],
      ['hashing:32', false],
    ]);
  });

  it('has nothing of an agent that was removed and came again', async () => {
    await fill();
    await index.serve(modelId);
    await index.apply({ put: [], remove: ['a'] });
    await index.apply({ put: [await documentOf('a')], remove: [] });
    expect(await missingIds()).toEqual(['a']);
    expect((await index.query(await toIndexQuery('invoices'))).hits[0]?.vector).toBeUndefined();
  });
});

describe('the lease', () => {
  it('is one holder’s until it ends or is given back', async () => {
    let nowMs = 1_000_000;
    const [one, other] = [stand.open(() => nowMs), stand.open(() => nowMs)];
    expect(await one.lease('one', 100)).toBe(true);
    expect(await other.lease('other', 100)).toBe(false);
    nowMs += 99;
    expect(await other.lease('other', 0)).toBe(false);
    expect(await one.lease('one', 100)).toBe(true);
    nowMs += 99;
    expect(await other.lease('other', 100)).toBe(false);
    nowMs += 1;
    expect(await other.lease('other', 100)).toBe(true);
    expect(await one.lease('one', 100)).toBe(false);
    expect(await other.lease('other', 0)).toBe(true);
    expect(await one.lease('one', 100)).toBe(true);
  });

  it('does not outlast a clock that is put back', async () => {
    let nowMs = 1_000_000;
    const [one, other] = [stand.open(() => nowMs), stand.open(() => nowMs)];
    expect(await one.lease('one', 1_000)).toBe(true);
    nowMs = 10;
    expect(await other.lease('other', 1_000)).toBe(true);
    expect(await one.lease('one', 1_000)).toBe(false);
  });
});
