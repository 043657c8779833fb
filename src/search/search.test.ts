import { describe, expect, it } from 'vitest';
import { hashingEmbedder } from '../../test/support/hashing-embedder.ts';
import { GatewayError } from '../failure.ts';
import { calibrate, toQueryVector } from './calibrate.ts';
import type { Embedder } from './embedder.ts';
import { createSearch, type SearchRequest } from './search.ts';
import type { IndexQuery, SearchIndex, VectorSet } from './search-index.ts';

const clock = { nowMs: () => 0 };
const request: SearchRequest = {
  query: 'pay invoices',
  patterns: ['*'],
  deniedPatterns: [],
  tags: [],
  facets: [],
  limit: 10,
};

async function setOf(embedder: Embedder): Promise<VectorSet> {
  return { model: embedder.model, source: { kind: 'use-lite' }, calibration: await calibrate(embedder) };
}

/** A search over an index that notes what it is asked, with a model that notes what it embeds. */
async function stand(options: { fails?: () => boolean } = {}) {
  const model = hashingEmbedder(64);
  const asked: IndexQuery[] = [];
  const embedded: string[] = [];
  const warned: string[] = [];
  const serving = { set: (await setOf(model)) as VectorSet | undefined };
  let answer = async (): Promise<void> => {};
  const index: SearchIndex = {
    serving: async () => serving.set,
    async query(query) {
      asked.push(query);
      await answer();
      return { hits: [], total: 0, isTotalExact: true };
    },
    close: async () => {},
  };
  const search = createSearch({
    index,
    embedderFor: async (set) => ({
      ...hashingEmbedder(set.model.dimensions),
      async embed(texts, purpose) {
        if (options.fails?.()) throw new GatewayError({ code: 'search_unavailable', problem: 'model' });
        embedded.push(...texts);
        return hashingEmbedder(set.model.dimensions).embed(texts, purpose);
      },
    }),
    clock,
    log: { write: (_level, event) => void warned.push(event) },
  });
  return {
    ...{ search, asked, embedded, warned, serving },
    whenAsked(then: () => Promise<void>) {
      answer = then;
    },
  };
}

describe('a search', () => {
  it('asks with terms, the whole and the vector of the model that serves', async () => {
    const { search, asked } = await stand();
    const { modelId, meter } = await search.find(request);
    expect(modelId).toBe('hashing:64');
    expect(meter).toMatchObject({ queryChars: 12, embeddings: 1 });
    expect(asked[0]).toMatchObject({ exact: 'pay invoices', patterns: ['*'], vector: { modelId } });
    expect(asked[0]?.terms.map(({ term }) => term)).toEqual(['pai', 'invoic']);
  });

  it('embeds a query once', async () => {
    const { search, embedded } = await stand();
    await search.find(request);
    const { meter } = await search.find({ ...request, query: ' pay \n invoices ' });
    expect([embedded, meter.embeddings]).toEqual([['pay invoices'], 0]);
  });

  it('finds nothing for what has no word, and asks nobody', async () => {
    const { search, asked, embedded } = await stand();
    expect(await search.find({ ...request, query: '🚀🚀' })).toMatchObject({ hits: [], total: 0 });
    expect([asked, embedded]).toEqual([[], []]);
  });

  it('is by words alone where the model fails or no vectors are there', async () => {
    let isDown = true;
    const { search, asked, warned, serving } = await stand({ fails: () => isDown });
    expect((await search.find(request)).modelId).toBeUndefined();
    expect(warned).toEqual(['query not embedded']);
    isDown = false;
    expect((await search.find(request)).modelId).toBe('hashing:64');
    serving.set = undefined;
    await search.find(request);
    expect(asked.map(({ vector }) => vector !== undefined)).toEqual([false, true, false]);
  });

  it('is made again where another model has begun to serve', async () => {
    const { search, asked, serving, whenAsked } = await stand();
    whenAsked(async () => {
      if (asked.length > 1) return;
      serving.set = await setOf(hashingEmbedder(32));
      throw new GatewayError({ code: 'search_unavailable', problem: 'index' });
    });
    expect((await search.find(request)).modelId).toBe('hashing:32');
    expect(asked.map(({ vector }) => vector?.modelId)).toEqual(['hashing:64', 'hashing:32']);
  });

  it('fails where the index does', async () => {
    const { search, asked, whenAsked } = await stand();
    whenAsked(() => Promise.reject(new GatewayError({ code: 'search_unavailable', problem: 'index' })));
    await expect(search.find(request)).rejects.toMatchObject({ failure: { problem: 'index' } });
    expect(asked).toHaveLength(1);
  });

  it('is refused while too many are under way', async () => {
    const { search, whenAsked } = await stand();
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    whenAsked(() => held);
    const under = Array.from({ length: 64 }, () => search.find(request));
    await expect(search.find(request)).rejects.toMatchObject({ failure: { problem: 'busy' } });
    release();
    await Promise.all(under);
    await search.find(request);
  });
});

describe('the calibration of a model', () => {
  it('puts what is unrelated low and what is related high', async () => {
    const { low, high, needs, agents } = await calibrate(hashingEmbedder(64));
    expect(low).toBeLessThan(high);
    expect([needs.length, agents.length]).toEqual([64, 64]);
  });

  it('gives a scale to a model that tells nothing apart', async () => {
    const vector = Float32Array.from([1, 0]);
    const model: Embedder = {
      model: { id: 'one', dimensions: 2 },
      embed: async (texts) => texts.map(() => vector),
      close: async () => {},
    };
    const calibration = await calibrate(model);
    expect(calibration.high - calibration.low).toBeGreaterThanOrEqual(0.05 - 1e-9);
    expect(toQueryVector(vector, calibration).values).toHaveLength(2);
  });
});
