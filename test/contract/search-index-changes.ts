import { beforeEach, expect, it } from 'vitest';
import { scan } from '../../src/search/scan.ts';
import { scoreWeights } from '../../src/search/score.ts';
import type { IndexAnswer } from '../../src/search/search-index.ts';
import {
  type AgentLiteral,
  byWords,
  type SearchEntry,
  toEntries,
  toIndexQuery,
} from '../support/hashing-embedder.ts';
import type { SearchIndexContractOptions, SearchIndexHarness } from './search-index.ts';
import { anyone, type Find, idsOf, office } from './search-index-office.ts';

/** Parts of the search index contract: what changes, many agents, words alone. */

export function changeContract(harness: () => SearchIndexHarness, find: Find): void {
  beforeEach(async () => harness().load(await toEntries(office)));

  it('finds an agent by what it is now', async () => {
    await harness().load(
      await toEntries([
        { agentId: 'weather', name: 'Plumber', description: 'Repairs pipes', tags: ['house'] },
      ]),
    );
    expect(idsOf(await find('rain storms temperature'))).toEqual([]);
    expect(idsOf(await find('rain', { tags: ['eu'] }))).not.toContain('weather');
    expect(idsOf(await find('repairs pipes', { patterns: ['tag:house'] }))).toEqual(['weather']);
    expect(idsOf(await find('repairs pipes', { patterns: ['tag:eu'] }))).toEqual([]);
    expect(idsOf(await find('plumber', { facets: ['capability:streaming'] }))).toEqual([]);
  });

  it('no longer finds what was removed, and finds it again', async () => {
    await harness().remove(['payroll', 'never-there']);
    expect(idsOf(await find('payroll'))).not.toContain('payroll');
    expect(idsOf(await find(anyone)).toSorted()).toEqual([
      'invoice-desk',
      'team-a-translator',
      'team-b-summariser',
      'weather',
    ]);
    await harness().load(await toEntries(office.filter(({ agentId }) => agentId === 'payroll')));
    expect((await find('payroll')).hits[0]).toMatchObject({ agentId: 'payroll', exact: 'id' });
  });

  it('names the set that serves, and refuses the vector of another model', async () => {
    expect((await harness().index.serving())?.model).toEqual({ id: 'hashing:512', dimensions: 512 });
    const query = await toIndexQuery('payroll');
    if (query.vector === undefined) throw new Error('a query of the suite has a vector');
    const other = { ...query, vector: { ...query.vector, modelId: 'another' } };
    await expect(harness().index.query(other)).rejects.toMatchObject({
      failure: { code: 'search_unavailable', problem: 'index' },
    });
  });
}

const trades = ['plumbing', 'accounting', 'gardening', 'astronomy', 'carpentry', 'tailoring', 'brewing'];

function crowd(count: number): AgentLiteral[] {
  return Array.from({ length: count }, (_, at) => ({
    agentId: `member-${String(at).padStart(4, '0')}`,
    name: `Member ${at}`,
    description: `${trades[at % 7]} and ${trades[(at * 3 + 1) % 7]} for district ${at % 31}`,
    tags: [at % 10 === 0 ? 'tenth' : 'rest', `district-${at % 31}`],
  }));
}

export function scaleContract(
  harness: () => SearchIndexHarness,
  { manyAgents = 400 }: SearchIndexContractOptions,
): void {
  const literals = crowd(manyAgents);
  let entries: SearchEntry[];
  beforeEach(async () => {
    entries = await toEntries(literals);
    await harness().load(entries);
  }, 60_000);

  it('gives a caller permitted to three of many exactly those that match', async () => {
    const patterns = ['member-0003', 'member-0010', 'member-0011', 'nobody'];
    const query = await toIndexQuery('astronomy', { patterns });
    const answer = await harness().index.query(query);
    const expected = entries.filter(
      ({ document }) => patterns.includes(document.agentId) && document.terms.has('astronomi'),
    );
    expect(expected.length).toBeGreaterThan(0);
    expect(idsOf(answer).toSorted()).toEqual(expected.map(({ document }) => document.agentId).toSorted());
    expect(answer).toMatchObject({ total: expected.length, isTotalExact: true });
  });

  it('finds one by its name among all', async () => {
    const { hits } = await harness().index.query(await toIndexQuery('member 17', { limit: 1 }));
    expect(hits).toMatchObject([{ agentId: 'member-0017', exact: 'name' }]);
  });

  it('answers the best up to the limit, and none below the floor', async () => {
    for (const limit of [1, 7, 100]) {
      const answer = await harness().index.query(await toIndexQuery('carpentry district 5', { limit }));
      expect(answer.hits.length).toBeLessThanOrEqual(limit);
      expect(answer.hits.length).toBeGreaterThan(0);
      expect(answer.total).toBeGreaterThanOrEqual(answer.hits.length);
      const scores = answer.hits.map(({ score }) => score);
      expect(scores).toEqual(scores.toSorted((one, other) => other - one));
      expect(Math.min(...scores)).toBeGreaterThanOrEqual(scoreWeights.floor);
      for (const { agentId, score } of answer.hits) {
        const entry = entries.filter(({ document }) => document.agentId === agentId);
        const expected = scan(entry, await toIndexQuery('carpentry district 5')).hits[0];
        expect(score).toBeCloseTo(expected?.score ?? Number.NaN, 1);
      }
    }
  });

  it('gives the same total, ranks and agents as looking at every one', async () => {
    for (const within of [{}, { patterns: ['tag:tenth'] }, { tags: ['district-5'] }]) {
      const query = await toIndexQuery('brewing', { ...within, limit: 100 });
      const answer = await harness().index.query(query);
      expect(answer.isTotalExact || !harness().isExact).toBe(true);
      if (!answer.isTotalExact) continue;
      const expected = scan(entries, query);
      expect(answer.total).toBe(expected.total);
      expect(answer.hits.map(lexicalOf).toSorted()).toEqual(expected.hits.map(lexicalOf).toSorted());
    }
  });
}

function lexicalOf({ agentId, lexical }: IndexAnswer['hits'][number]): string {
  return `${agentId} ${lexical?.score} ${lexical?.rank}`;
}

export function wordsContract(harness: () => SearchIndexHarness): void {
  beforeEach(async () => harness().load(await toEntries(office)));

  it('finds by words alone where a query has no vector, exactly as a scan', async () => {
    const entries = await toEntries(office);
    for (const text of [anyone, 'contracts', 'translatr', 'invoice desk', 'finance', 'zyzzyva']) {
      const query = byWords(await toIndexQuery(text));
      const answer = await harness().index.query(query);
      expect(answer).toEqual(scan(entries, query));
      expect(answer.hits.every(({ vector }) => vector === undefined)).toBe(true);
    }
  });
}
