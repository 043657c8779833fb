import { inParallel } from '../../in-parallel.ts';
import { isAgentId } from '../../registry/agent.ts';
import type { SearchDocument } from '../document.ts';
import type { ScanEntry } from '../scan.ts';
import type { IndexQuery, QueryVector } from '../search-index.ts';
import { dot } from '../vector.ts';
import { maxFilterMarks, toFilter } from './filter.ts';
import { markOf } from './marks.ts';
import { documentOf, fromMetadata } from './metadata.ts';
import { maxScopeMarks, type Scope } from './scope.ts';
import type { Filter, VectorBucket } from './vector-bucket.ts';

/** Where and how long is sought. */
export interface Place {
  bucket: VectorBucket;
  indexName: string;
  abortSignal: AbortSignal;
}

/** Tags and facets in a filter; more of them are judged with the candidates. */
const maxWantedMarks = 16;
const maxTermMarks = maxFilterMarks - maxScopeMarks - maxWantedMarks;
const maxParallelQueries = 4;

/** Those of the agents that the index knows. */
export async function lookAt(
  { bucket, indexName, abortSignal }: Place,
  agentIds: readonly string[],
): Promise<ScanEntry[]> {
  const kept = await bucket.get(indexName, agentIds, { withValues: true, abortSignal });
  return kept.flatMap(({ metadata, values }) => {
    const agent = fromMetadata(metadata);
    if (agent === undefined) return [];
    return [{ document: documentOf(agent), ...(values !== undefined && { vector: values }) }];
  });
}

/**
 * For each filter of the scope the 100 nearest; the 100 nearest with a term of the query or a synonym, and those with all of
 * its terms; and the 100 nearest whose id, name or tag the query is. Beside them, the agent whose id it is. Misspellings
 * are left to the model.
 */
export async function nearest(
  place: Place,
  query: IndexQuery & { vector: QueryVector },
  filters: Extract<Scope, { kind: 'many' }>['filters'],
): Promise<ScanEntry[]> {
  const { bucket, indexName, abortSignal } = place;
  const wanted = [...query.tags.map(markOf.text), ...query.facets.map(markOf.facet)].slice(0, maxWantedMarks);
  const asked: Filter[] = filters.flatMap((scope) =>
    waysOf(query).map((anyOfEach) =>
      toFilter({ all: wanted, anyOfEach, ...(scope !== undefined && { scope }) }),
    ),
  );
  const { unit, length } = direction(query.vector);
  const [named, found] = await Promise.all([
    lookAt(place, idsThatMayBe(query.exact)),
    inParallel(asked, maxParallelQueries, (filter) =>
      bucket.query(indexName, { values: [...unit], filter }, abortSignal),
    ),
  ]);
  const entries = found.flat().flatMap(({ metadata, cosine }) => {
    const agent = fromMetadata(metadata);
    if (agent === undefined) return [];
    return [{ document: documentOf(agent), vector: standIn(unit, length === 0 ? 0 : cosine) }];
  });
  return newestOf([...named, ...entries]);
}

/** Marks by which candidates are sought: of each list of a way an agent has any. */
function waysOf({ terms, exact }: IndexQuery): string[][][] {
  const each = terms.map(({ term, synonyms }) => [...new Set([term, ...synonyms].map(markOf.term))]);
  const [any, all] = [interleaved(each).slice(0, maxTermMarks), fitting(each)];
  return [
    [],
    ...(any.length > 0 ? [[any]] : []),
    ...(all.length > 1 ? [all] : []),
    ...(exact === '' ? [] : [[[markOf.text(exact)]]]),
  ];
}

/** Terms before synonyms, so that these are what is left out. */
function interleaved(lists: readonly string[][]): string[] {
  const longest = Math.max(0, ...lists.map((list) => list.length));
  const inTurn = Array.from({ length: longest }, (_, at) => lists.flatMap((list) => list.slice(at, at + 1)));
  return [...new Set(inTurn.flat())];
}

/** The first of them, as many as there is room for. */
function fitting(lists: readonly string[][]): string[][] {
  let left = maxTermMarks;
  return lists.filter((list) => {
    left -= list.length;
    return left >= 0;
  });
}

/** Ids whose exact key is the query: spaces stand for hyphens. */
function idsThatMayBe(exact: string): string[] {
  const id = exact.replaceAll(' ', '-');
  return isAgentId(id) ? [id] : [];
}

/** S3 Vectors compares by the cosine, which the length of a query's vector does not change. */
function direction({ values }: QueryVector): { unit: Float32Array; length: number } {
  const length = Math.sqrt(dot(values, values));
  // A vector of zeros has no direction, and S3 Vectors takes none; any other will do, as all are as near to it.
  if (length === 0) return { unit: new Float32Array(values.length).fill(1, 0, 1), length };
  return { unit: values.map((value) => value / length), length };
}

/** A vector with this cosine to the query's, in place of one that a query does not answer. */
function standIn(unit: Float32Array, cosine: number): Float32Array {
  return unit.map((value) => value * cosine);
}

/** An agent comes by several ways, and may be written between them. */
function newestOf(entries: readonly ScanEntry[]): ScanEntry[] {
  const byId = new Map<string, ScanEntry>();
  for (const entry of entries) {
    const { agentId, revision }: SearchDocument = entry.document;
    const known = byId.get(agentId);
    if (known === undefined || known.document.revision < revision) byId.set(agentId, entry);
  }
  return [...byId.values()];
}
