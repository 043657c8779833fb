import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Clock, Log } from '../../ports.ts';
import type { AgentFilter, AgentStore, PageRequest } from '../../store/port.ts';
import type { IndexQuery } from '../search-index.ts';
import { type Clause, clauseOf } from './filter.ts';

/** Among which agents is sought. */
export type Scope =
  /** These, all of which are looked at. */
  | { kind: 'few'; agentIds: string[] }
  /** Too many for that. Each of the filters is asked for; undefined: every agent. */
  | { kind: 'many'; filters: (readonly Clause[] | undefined)[] };

export interface ScopesOptions {
  agents: Pick<AgentStore, 'ids'>;
  clock: Clock;
  log: Log;
}

/** Up to this many agents are looked at one by one. */
export const maxFew = 300;
/** Up to this many agents that a loose glob covers are named in the filters. */
export const maxGlobIds = 2_000;
/** Loose globs resolved for one search. */
const maxLooseGlobs = 8;
/** Marks of permissions in one filter; the rest is for tags, facets and terms. */
export const maxScopeMarks = 48;
/** Queries a permission is spread over. */
export const maxScopeFilters = 16;

/** How long it is remembered that a caller may call many agents, or whom a loose glob covers. */
const manyForMs = 5 * 60_000;
const globForMs = 60_000;

/**
 * Finds out among how many agents a caller's search is, which decides how it is made.
 *
 * - Where at most 300 active agents are permitted (and have the first tag asked for), they are named.
 * - Else permissions become filters. Ids, tags, and globs with a piece at the beginning (24 characters) and at the end
 *   (16) are told by marks. A glob with more to it is resolved by the registry up to 2000 agents; one that covers more
 *   is widened to what marks can tell.
 * - What does not fit into 16 filters of 48 marks is not left out: it is sought among all agents. Candidates are judged by
 *   the patterns themselves later, so nothing that is not permitted is found; but of what is widened, less. What is denied
 *   is not in the filters: it is told by that judgement alone.
 */
export function createScopes({ agents, clock, log }: ScopesOptions): (query: IndexQuery) => Promise<Scope> {
  const perf = { now: () => clock.nowMs() };
  const many = new LRUCache<string, true>({ max: 1_000, ttl: manyForMs, ttlResolution: 0, perf });
  const globs = new LRUCache<string, readonly Clause[]>({
    max: 64,
    ttl: globForMs,
    ttlResolution: 0,
    perf,
  });

  /** All ids of a filter; undefined where there are more than `most`. */
  async function idsOf(filter: AgentFilter, most: number): Promise<string[] | undefined> {
    const ids: string[] = [];
    let page: PageRequest | undefined = { size: 100 };
    while (page !== undefined) {
      const { items, next, totalSize } = await agents.ids({ status: 'active', ...filter }, page);
      if (totalSize > most || ids.length > most) return undefined;
      ids.push(...items);
      page = next === undefined ? undefined : { size: 100, after: next };
    }
    return ids;
  }

  async function fewOf({ patterns, deniedPatterns, tags }: IndexQuery): Promise<string[] | undefined> {
    const distinct = [...new Set(patterns)].sort();
    if (distinct.length <= maxFew && distinct.every(isId)) return distinct;
    const denied = [...new Set(deniedPatterns)].sort();
    const [tag] = tags;
    const key = createHash('sha256')
      .update(JSON.stringify([distinct, denied, tag]))
      .digest('base64url');
    if (many.has(key)) return undefined;
    const few = await idsOf(
      {
        ...(!distinct.some(coversAll) && { patterns: distinct }),
        ...(denied.length > 0 && { deniedPatterns: denied }),
        ...(tag !== undefined && { tag }),
      },
      maxFew,
    );
    if (few === undefined) many.set(key, true);
    return few;
  }

  async function clausesOf(patterns: readonly string[]): Promise<Clause[]> {
    const clauses: Clause[] = [];
    let loose = 0;
    for (const pattern of new Set(patterns)) {
      const clause = clauseOf(pattern);
      if (clause.isTight) clauses.push(clause);
      else clauses.push(...(await resolved(pattern, clause, ++loose <= maxLooseGlobs)));
    }
    return clauses;
  }

  async function resolved(pattern: string, clause: Clause, mayAsk: boolean): Promise<readonly Clause[]> {
    const known = globs.get(pattern);
    if (known !== undefined) return known;
    const ids = mayAsk ? await idsOf({ patterns: [pattern] }, maxGlobIds) : undefined;
    if (ids === undefined) log.write('warn', 'search: permission widened', { pattern, maxGlobIds });
    const clauses = ids?.map(clauseOf) ?? [clause];
    if (mayAsk) globs.set(pattern, clauses);
    return clauses;
  }

  function filtersOf(clauses: readonly Clause[]): Extract<Scope, { kind: 'many' }>['filters'] {
    if (clauses.some(({ marks }) => marks.length === 0)) return [undefined];
    const filters = spread(clauses);
    if (filters.length <= maxScopeFilters) return filters;
    log.write('warn', 'search: permissions widened', { patterns: clauses.length, maxScopeFilters });
    return [...filters.slice(0, maxScopeFilters - 1), undefined];
  }

  return async (query) => {
    const agentIds = await fewOf(query);
    if (agentIds !== undefined) return { kind: 'few', agentIds };
    if (query.patterns.some(coversAll)) return { kind: 'many', filters: [undefined] };
    return { kind: 'many', filters: filtersOf(await clausesOf(query.patterns)) };
  };
}

function isId(pattern: string): boolean {
  return !pattern.includes('*') && !pattern.startsWith('tag:');
}

function coversAll(pattern: string): boolean {
  return /^\*+$/.test(pattern);
}

function spread(clauses: readonly Clause[]): Clause[][] {
  const filters: Clause[][] = [];
  let left = 0;
  for (const clause of clauses) {
    if (clause.marks.length > left) {
      filters.push([]);
      left = maxScopeMarks;
    }
    filters.at(-1)?.push(clause);
    left -= clause.marks.length;
  }
  return filters;
}
