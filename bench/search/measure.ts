import { exactKey } from '../../src/search/analysis.ts';
import { queryTermsOf } from '../../src/search/query-terms.ts';
import { type ScanEntry, scan } from '../../src/search/scan.ts';
import { type ScoreWeights, scoreWeights } from '../../src/search/score.ts';
import type { QueryVector } from '../../src/search/search-index.ts';
import type { LabelledQuery } from './labelled.ts';

/** How agents are found: by words alone, by vectors alone, by both. */
export const methods = ['lexical', 'vector', 'hybrid'] as const;
export type Method = (typeof methods)[number];

/** A registry and queries with their vectors. */
export interface Prepared {
  entries: ScanEntry[];
  queries: (LabelledQuery & { vector: QueryVector })[];
}

/** Over the queries of one kind; all but `falseHits` are of answerable ones, shares from 0 to 1. */
export interface Quality {
  queries: number;
  recallAt1: number;
  recallAt5: number;
  meanReciprocalRank: number;
  /** Share of unanswerable queries that find anything. */
  falseHits: number;
}

/** Where the first right answer stands, from 1; undefined: not among the first hundred, or below the floor. */
export function rankOfRight(
  { entries }: Prepared,
  { query, vector, relevant }: Prepared['queries'][number],
  method: Method,
  weights: ScoreWeights = scoreWeights,
): { rank: number | undefined; found: number } {
  const { hits } = scan(
    entries,
    {
      terms: method === 'vector' ? [] : queryTermsOf(query),
      exact: method === 'vector' ? '' : exactKey(query),
      ...(method !== 'lexical' && { vector }),
      patterns: ['*'],
      deniedPatterns: [],
      tags: [],
      facets: [],
      limit: 100,
    },
    weights,
  );
  const at = hits.findIndex(({ agentId }) => relevant.includes(agentId));
  return { rank: at === -1 ? undefined : at + 1, found: hits.length };
}

export function qualityOf(
  prepared: Prepared,
  queries: Prepared['queries'],
  method: Method,
  weights?: ScoreWeights,
): Quality {
  const ranked = queries.map((query) => ({
    isAnswerable: query.relevant.length > 0,
    ...rankOfRight(prepared, query, method, weights),
  }));
  const answerable = ranked.filter(({ isAnswerable }) => isAnswerable);
  const others = ranked.filter(({ isAnswerable }) => !isAnswerable);
  const within = (worst: number) => mean(answerable.map(({ rank }) => ((rank ?? Infinity) <= worst ? 1 : 0)));
  return {
    queries: queries.length,
    recallAt1: within(1),
    recallAt5: within(5),
    meanReciprocalRank: mean(answerable.map(({ rank }) => (rank === undefined ? 0 : 1 / rank))),
    falseHits: mean(others.map(({ found }) => (found > 0 ? 1 : 0))),
  };
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? Number.NaN : values.reduce((sum, value) => sum + value, 0) / values.length;
}
