import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { patternCovers } from '../src/access/permission.ts';
import type { Agent } from '../src/registry/agent.ts';
import { maxFilterMarks } from '../src/search/s3-vectors/filter.ts';
import { maxScopeFilters } from '../src/search/s3-vectors/scope.ts';
import { toIndexQuery } from './support/hashing-embedder.ts';
import { agentOf, type S3VectorsStand, scanned, startS3VectorsStand } from './support/s3-vectors.ts';

/** Permissions of every shape and size, among too many agents to look at each. */

const filters: string[] = [];
const agents = Array.from({ length: 1_000 }, (_, n) =>
  agentOf(`team${n % 7}-agent-${n}-${n % 2 === 0 ? 'prod' : 'test'}`, `payment of invoices number${n}`, {
    tags: [`tag${n % 400}`, n % 2 === 0 ? 'even' : 'odd'],
  }),
);
let stand: S3VectorsStand;

beforeAll(async () => {
  stand = await startS3VectorsStand({
    meets(operation, body) {
      if (operation === 'QueryVectors') filters.push(JSON.stringify((body as { filter: unknown }).filter));
      return undefined;
    },
  });
  for (const agent of agents) await stand.agents.create(agent);
  await stand.indexer.fill();
}, 60_000);
afterAll(() => stand.close());

async function found(patterns: readonly string[], text = 'payment of invoices') {
  filters.length = 0;
  stand.logged.length = 0;
  const query = await toIndexQuery(text, { patterns, limit: 100 });
  const answer = await stand.index.query(query);
  const byId = new Map(agents.map((agent) => [agent.agentId, agent]));
  for (const { agentId } of answer.hits) {
    const agent = byId.get(agentId);
    expect(agent !== undefined && patterns.some((pattern) => patternCovers(pattern, agent))).toBe(true);
  }
  return { answer, query };
}

const marksIn = (filter: string) => filter.match(/"\$eq":"/g)?.length ?? 0;
const warnings = () => stand.logged.filter(({ level }) => level === 'warn').map(({ msg }) => msg);

describe('what is denied', () => {
  it('is neither found nor counted, among many and among few', async () => {
    const few = agents.slice(0, 3).map(({ agentId }) => agentId);
    for (const patterns of [['*'], ['tag:even'], ['team1-*'], few, [few[0] ?? '', 'team1-agent-1*']]) {
      const deniedPatterns = ['tag:tag3', 'team1-agent-1*', few[0] ?? ''];
      const query = await toIndexQuery('payment of invoices', { patterns, deniedPatterns, limit: 100 });
      const { hits, total, isTotalExact } = await stand.index.query(query);
      const isCoveredBy = (agent: Agent, some: readonly string[]) =>
        some.some((one) => patternCovers(one, agent));
      const mine = agents.filter((one) => isCoveredBy(one, patterns) && !isCoveredBy(one, deniedPatterns));
      expect(total).toBeLessThanOrEqual(mine.length);
      if (isTotalExact) expect(hits.length).toBe(Math.min(total, 100));
      for (const { agentId } of hits) {
        expect(mine.map((one) => one.agentId)).toContain(agentId);
      }
    }
  });
});

describe('permissions as filters', () => {
  it('go into every query', async () => {
    for (const patterns of [['tag:even'], ['*-prod'], ['team*-prod'], ['team1-*', 'team2-*', 'team3-*']]) {
      const { answer } = await found(patterns);
      expect(answer.hits).toHaveLength(100);
      expect(filters.length).toBeGreaterThan(0);
      expect(filters.filter((filter) => marksIn(filter) === 0)).toEqual([]);
      expect(warnings()).toEqual([]);
    }
  });

  it('are spread over several filters, each within the limits, and all of them are asked for', async () => {
    const patterns = Array.from({ length: 400 }, (_, n) => `tag:tag${n}`);
    const { answer } = await found(patterns, 'number399');
    expect(answer.hits[0]?.agentId).toBe('team0-agent-399-test');
    // 400 marks are nine filters of 48; each is asked in three ways: all, with the term, and the exact tag.
    expect(filters).toHaveLength(9 * 3);
    expect(Math.max(...filters.map(marksIn))).toBeLessThanOrEqual(maxFilterMarks);
    expect(Math.max(...filters.map((filter) => filter.length))).toBeLessThan(8_000);
    expect(warnings()).toEqual([]);
  });

  it('stay within the limits beside many tags, facets and terms', async () => {
    const tags = Array.from({ length: 30 }, (_, n) => `tag${n}`);
    const text = Array.from({ length: 60 }, (_, n) => `word${n}`).join(' ');
    const patterns = Array.from({ length: 400 }, (_, n) => `tag:tag${n}`);
    filters.length = 0;
    await stand.index.query(await toIndexQuery(text, { patterns, facets: tags }));
    expect(Math.max(...filters.map(marksIn))).toBeLessThanOrEqual(maxFilterMarks);
  });

  it('are widened, and it is told, where they are too many for all filters', async () => {
    const ids = agents.map(({ agentId }) => agentId);
    const { answer } = await found([...ids, ...Array.from({ length: 1_500 }, (_, n) => `absent-${n}`)]);
    expect(answer.hits).toHaveLength(100);
    expect(answer.isTotalExact).toBe(false);
    expect(warnings()).toEqual(['search: permissions widened']);
    expect(filters.filter((filter) => marksIn(filter) <= 6).length).toBeGreaterThan(0);
    expect(filters.length).toBeLessThanOrEqual(maxScopeFilters * 4);
  });

  it('are named by the registry where a glob says more than marks can', async () => {
    const { answer } = await found(['*-agent-9*-*', 'tag:even']);
    expect(answer.hits.length).toBeGreaterThan(0);
    expect(warnings()).toEqual([]);
    const first = await found(['*-agent-*'], 'number999');
    expect(first.answer.hits[0]?.agentId).toBe('team5-agent-999-test');
  });

  it('are kept exactly where they cover few', async () => {
    for (const patterns of [
      ['*-agent-9*-prod'],
      ['team1-agent-*-prod'],
      ['tag:tag7', 'team0-agent-0-prod'],
    ]) {
      const { answer, query } = await found(patterns);
      expect(answer).toEqual(await scanned(stand.model, agents, query));
      expect(answer.isTotalExact).toBe(true);
      expect(filters).toEqual([]);
    }
  });

  it('are not helped by texts that look like a filter', async () => {
    for (const pattern of ['$or', '{"$exists":true}', '__proto__', 'constructor', 'tag:', '"', '#set'])
      expect((await found([pattern])).answer.hits).toEqual([]);
  });
});

describe('an approximate search', () => {
  it('is made good where few agents are permitted', async () => {
    const poor = await startS3VectorsStand({ examined: 20 });
    for (const agent of agents.slice(0, 400)) await poor.agents.create(agent);
    await poor.indexer.fill();
    const patterns = ['tag:tag3', 'tag:tag5', 'tag:tag8'];
    const query = await toIndexQuery('payment of invoices', { patterns });
    const answer = await poor.index.query(query);
    expect(answer).toEqual(await scanned(poor.model, agents.slice(0, 400), query));
    expect(answer.hits).toHaveLength(3);
    await poor.close();
  });

  it('is followed over pages', async () => {
    const paged = await startS3VectorsStand({ pageSize: 30 });
    for (const agent of agents.slice(0, 400)) await paged.agents.create(agent);
    await paged.indexer.fill();
    const query = await toIndexQuery('payment of invoices', { limit: 100 });
    expect((await paged.index.query(query)).hits).toHaveLength(100);
    await paged.close();
  });
});
