import { LRUCache } from 'lru-cache';
import { GatewayError } from '../failure.ts';
import type { Clock, Log } from '../ports.ts';
import { exactKey } from './analysis.ts';
import { toQueryVector } from './calibrate.ts';
import type { Embedder } from './embedder.ts';
import { queryTermsOf } from './query-terms.ts';
import type { IndexAnswer, IndexQuery, SearchIndex, VectorSet } from './search-index.ts';

/** What is sought, and among which agents. */
export interface SearchRequest
  extends Pick<IndexQuery, 'patterns' | 'deniedPatterns' | 'tags' | 'facets' | 'limit'> {
  /** 1 to 1000 characters. */
  query: string;
}

export interface SearchAnswer extends IndexAnswer {
  /** Whose vectors were compared; absent: words alone, because there are none or the model cannot be reached. */
  modelId?: string;
  meter: SearchMeter;
}

/** What a search cost. */
export interface SearchMeter {
  queryChars: number;
  /** Embeddings made for it: 0 where the query was known. */
  embeddings: number;
  embeddingMs: number;
  indexMs: number;
}

export interface Search {
  /** @throws GatewayError `search_unavailable` */
  find(request: SearchRequest): Promise<SearchAnswer>;
}

export interface SearchDeps {
  index: SearchIndex;
  /** What embeds queries for a set; undefined where it cannot be opened any more. Asked each time, so it should remember. */
  embedderFor(set: VectorSet): Promise<Embedder | undefined>;
  clock: Clock;
  log: Log;
}

/** Searches under way at once; one more is refused rather than kept waiting behind them. */
const maxPending = 64;
/** Query vectors remembered: people and agents ask the same again. */
const maxKnownQueries = 1_000;

export function createSearch({ index, embedderFor, clock, log }: SearchDeps): Search {
  const known = new LRUCache<string, Float32Array>({ max: maxKnownQueries });
  let pending = 0;

  async function run(request: SearchRequest): Promise<SearchAnswer> {
    const { query, ...within } = request;
    const terms = queryTermsOf(query);
    const meter = { queryChars: query.length, embeddings: 0, embeddingMs: 0, indexMs: 0 };
    // A query without a word, such as one of emoji, is near to nothing; its vector would be noise.
    if (terms.length === 0) return { hits: [], total: 0, isTotalExact: true, meter };
    const sought = { ...within, terms, exact: exactKey(query) };
    const vector = await vectorOf(query, meter);
    try {
      return await answerOf(sought, vector, meter);
    } catch (error) {
      // Another model may have begun to serve since the query was embedded.
      const again = await vectorOf(query, meter);
      if (again?.modelId === vector?.modelId) throw error;
      return answerOf(sought, again, meter);
    }
  }

  async function answerOf(
    sought: Omit<IndexQuery, 'vector'>,
    vector: IndexQuery['vector'],
    meter: SearchMeter,
  ): Promise<SearchAnswer> {
    const startedAtMs = clock.nowMs();
    const answer = await index.query({ ...sought, ...(vector !== undefined && { vector }) });
    meter.indexMs += clock.nowMs() - startedAtMs;
    return { ...answer, meter, ...(vector !== undefined && { modelId: vector.modelId }) };
  }

  async function vectorOf(query: string, meter: SearchMeter): Promise<IndexQuery['vector']> {
    const set = await index.serving();
    if (set === undefined) return undefined;
    const modelId = set.model.id;
    const text = query.replace(/\s+/gu, ' ').trim();
    const key = `${modelId}\n${text}`;
    const startedAtMs = clock.nowMs();
    try {
      const values = known.get(key) ?? (await embed(set, text));
      if (values === undefined) return undefined;
      if (!known.has(key)) meter.embeddings += 1;
      known.set(key, values);
      return { modelId, ...toQueryVector(values, set.calibration) };
    } catch (cause) {
      // Words still find much; a search that answers less is worth more than one that does not.
      log.write('warn', 'query not embedded', { modelId, cause });
      return undefined;
    } finally {
      meter.embeddingMs += clock.nowMs() - startedAtMs;
    }
  }

  async function embed(set: VectorSet, text: string): Promise<Float32Array | undefined> {
    const embedder = await embedderFor(set);
    return (await embedder?.embed([text], 'query'))?.[0];
  }

  return {
    async find(request) {
      if (pending >= maxPending) throw new GatewayError({ code: 'search_unavailable', problem: 'busy' });
      pending += 1;
      try {
        return await run(request);
      } finally {
        pending -= 1;
      }
    },
  };
}
