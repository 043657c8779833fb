import { patternCovers } from '../access/permission.ts';
import { exactKey } from './analysis.ts';
import { fields, type SearchDocument } from './document.ts';
import type { QueryTerm } from './query-terms.ts';
import {
  type ExactHit,
  likeness,
  placeWeights,
  type ScoreWeights,
  score,
  scoreWeights,
  vectorScore,
} from './score.ts';
import type { IndexAnswer, IndexHit, IndexQuery, QueryVector, TermMatch } from './search-index.ts';
import { dot } from './vector.ts';

export interface ScanEntry {
  document: SearchDocument;
  /** Of length 1. */
  vector?: Float32Array;
}

/**
 * Search by looking at every agent: what the result of a search is, by definition. Indexes answer the same, faster.
 * Also used as it is, on few agents.
 */
export function scan(
  entries: Iterable<ScanEntry>,
  query: IndexQuery,
  weights: ScoreWeights = scoreWeights,
): IndexAnswer {
  const hits: IndexHit[] = [];
  for (const entry of entries) {
    if (isWanted(entry.document, query)) hits.push(judge(entry, query, weights));
  }
  return answerOf(hits, query.limit, weights);
}

/** Ranks hits and takes the best. The hits are of all permitted agents, those below the floor among them. */
export function answerOf(
  judged: IndexHit[],
  limit: number,
  { floor }: Pick<ScoreWeights, 'floor'> = scoreWeights,
): IndexAnswer {
  rankBy(judged, (hit) => hit.lexical);
  rankBy(judged, (hit) => hit.vector);
  const fitting = judged.filter((hit) => hit.score >= floor).sort(byScore);
  return { hits: fitting.slice(0, limit), total: fitting.length, isTotalExact: true };
}

export function byScore(one: IndexHit, other: IndexHit): number {
  return other.score - one.score || (one.agentId < other.agentId ? -1 : 1);
}

/** Whether the caller may see an agent and asks for such as it. */
export function isWanted(
  document: SearchDocument,
  { patterns, deniedPatterns, tags, facets }: IndexQuery,
): boolean {
  return (
    patterns.some((pattern) => patternCovers(pattern, document)) &&
    !deniedPatterns.some((pattern) => patternCovers(pattern, document)) &&
    tags.every((tag) => document.tags.includes(tag)) &&
    facets.every((facet) => document.facets.includes(facet))
  );
}

/** What the whole query is of an agent, if anything. */
export function exactHit({ agentId, name, tags }: SearchDocument, exact: string): ExactHit | undefined {
  if (exact === '') return undefined;
  if (exactKey(agentId) === exact) return 'id';
  if (name === exact) return 'name';
  return tags.some((tag) => exactKey(tag) === exact) ? 'tag' : undefined;
}

function judge({ document, vector }: ScanEntry, query: IndexQuery, weights: ScoreWeights): IndexHit {
  const matches = matchTerms(document, query.terms, weights);
  const lexical = matches.reduce((sum, match) => sum + match.weight, 0) / Math.max(1, query.terms.length);
  const byVector = nearness(vector, query.vector);
  const exact = exactHit(document, query.exact);
  return {
    agentId: document.agentId,
    score: score(lexical, byVector?.score ?? 0, exact, weights),
    ...(exact !== undefined && { exact }),
    ...(matches.length > 0 && {
      lexical: { score: lexical, rank: 0, matches: matches.map(({ weight: _, ...match }) => match) },
    }),
    ...(byVector !== undefined && { vector: byVector }),
  };
}

function nearness(vector: Float32Array | undefined, query: QueryVector | undefined): IndexHit['vector'] {
  if (vector === undefined || query === undefined) return undefined;
  const similarity = dot(vector, query.values);
  return { score: vectorScore(similarity, query.calibration), rank: 0, similarity };
}

/** For each term of the query the best of the agent's. */
function matchTerms(
  { terms }: SearchDocument,
  wanted: readonly QueryTerm[],
  weights: ScoreWeights,
): (TermMatch & { weight: number })[] {
  const places = placeWeights(weights);
  return wanted.flatMap((term) => {
    let best: (TermMatch & { weight: number }) | undefined;
    for (const [found, place] of terms) {
      const field = fields[place];
      const weight = likeness(term, found, weights) * (places[place] ?? 0);
      if (field !== undefined && weight > (best?.weight ?? 0))
        best = { term: term.term, found, field, weight };
    }
    return best === undefined ? [] : [best];
  });
}

function rankBy(
  hits: readonly IndexHit[],
  of: (hit: IndexHit) => { score: number; rank: number } | undefined,
): void {
  const parts = hits.map(of).filter((part) => part !== undefined);
  parts.sort((one, other) => other.score - one.score);
  let rank = 0;
  for (const [at, part] of parts.entries()) {
    if (at === 0 || part.score !== parts[at - 1]?.score) rank = at + 1;
    part.rank = rank;
  }
}
