import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Agent } from '../src/registry/agent.ts';
import { indexNameOf } from '../src/search/s3-vectors/names.ts';
import { toIndexQuery } from './support/hashing-embedder.ts';
import {
  agentOf,
  type S3VectorsStand,
  scanned,
  startS3VectorsStand,
  testModel,
} from './support/s3-vectors.ts';

/** The index in S3 Vectors, over a server on loopback that keeps the service's documented limits. */

const topics = ['invoice payment', 'weather storm', 'translate french', 'calendar meeting', 'printer paper'];

function registry(count: number): Agent[] {
  return Array.from({ length: count }, (_, n) =>
    agentOf(`${n % 100 === 0 ? 'rare' : 'common'}-${n}`, `${topics[n % 5]} number${n} group${n % 17}`, {
      tags: [n % 10 === 0 ? 'tenth' : 'most', `t${n % 3}`],
    }),
  );
}

describe('a search among many agents', () => {
  const agents = registry(1_500);
  let stand: S3VectorsStand;
  beforeAll(async () => {
    stand = await startS3VectorsStand();
    for (const agent of agents) await stand.agents.create(agent);
    await stand.indexer.fill();
  }, 60_000);
  afterAll(() => stand.close());

  it('serves the set that was filled', async () => {
    expect((await stand.index.serving())?.model).toEqual(stand.model.model);
  });

  for (const [share, patterns] of [
    ['1 %', ['rare-*']],
    ['10 %', ['tag:tenth']],
  ] as const) {
    it(`answers exactly what a scan would where ${share} are permitted`, async () => {
      for (const text of [
        'weather storm',
        'meeting of group5',
        'number300',
        'rare-300',
        'tenth',
        'translat',
      ]) {
        const query = await toIndexQuery(text, { patterns, limit: 50 });
        const answer = await stand.index.query(query);
        expect(answer).toEqual(await scanned(stand.model, agents, query));
        expect(answer.isTotalExact).toBe(true);
      }
    });
  }

  it('finds the best of all where everything is permitted', async () => {
    for (const text of ['weather storm', 'payment of invoices', 'french translation', 'printer']) {
      const query = await toIndexQuery(text, { limit: 5 });
      const answer = await stand.index.query(query);
      const best = await scanned(stand.model, agents, query);
      expect(answer.hits.map(({ score }) => score)).toEqual(best.hits.map(({ score }) => score));
      expect(answer.isTotalExact).toBe(false);
    }
    const rare = await stand.index.query(await toIndexQuery('weather storm number1321 group12'));
    expect(rare.hits[0]?.agentId).toBe('common-1321');
  });

  it('puts an exact id, name and tag first', async () => {
    const byId = await stand.index.query(await toIndexQuery('Common 777'));
    expect(byId.hits[0]).toMatchObject({ agentId: 'common-777', exact: 'id' });
    const byTag = await stand.index.query(await toIndexQuery('T2', { limit: 100 }));
    expect(byTag.hits.every(({ exact }) => exact === 'tag')).toBe(true);
    expect(byTag.hits).toHaveLength(100);
  });

  it('looks at the permitted agents alone where few are, by their keys', async () => {
    const before = stand.calls.QueryVectors ?? 0;
    const query = await toIndexQuery('payment', { patterns: ['common-5', 'rare-0', 'absent'] });
    const answer = await stand.index.query(query);
    expect(answer.hits.map(({ agentId }) => agentId).sort()).toEqual(['common-5', 'rare-0']);
    expect(answer).toEqual(await scanned(stand.model, agents, query));
    expect(stand.calls.QueryVectors ?? 0).toBe(before);
  });

  it('names the agents with the tag asked for, where those are few', async () => {
    await stand.put(agentOf('odd-one', 'payment', { tags: ['unique'] }));
    await stand.indexer.sync(['odd-one']);
    const answer = await stand.index.query(await toIndexQuery('payment', { tags: ['unique'] }));
    expect(answer.hits.map(({ agentId }) => agentId)).toEqual(['odd-one']);
    expect(answer.isTotalExact).toBe(true);
    await stand.remove('odd-one');
    await stand.indexer.sync(['odd-one']);
  });

  it('never finds what the index keeps of itself', async () => {
    for (const patterns of [['*'], ['#set'], ['#*'], ['**']]) {
      const { hits } = await stand.index.query(
        await toIndexQuery('#set agents needs', { patterns, limit: 100 }),
      );
      expect(hits.filter(({ agentId }) => agentId.startsWith('#'))).toEqual([]);
    }
  });

  it('finds nothing without a permission', async () => {
    const query = await toIndexQuery('payment', { patterns: [] });
    expect(await stand.index.query(query)).toEqual({ hits: [], total: 0, isTotalExact: true });
  });

  it('holds every filter by facets and tags', async () => {
    const facets = ['binding:JSONRPC'];
    const tags = ['t1', 'most'];
    const { hits } = await stand.index.query(await toIndexQuery('payment', { facets, tags, limit: 100 }));
    expect(hits.length).toBeGreaterThanOrEqual(50);
    const byId = new Map(agents.map((agent) => [agent.agentId, agent]));
    for (const { agentId } of hits) expect(byId.get(agentId)?.tags).toEqual(expect.arrayContaining(tags));
    const none = await toIndexQuery('payment', { facets: ['binding:GRPC'] });
    expect((await stand.index.query(none)).hits).toEqual([]);
  });

  it('refuses a search without a vector, and one of another model', async () => {
    const { vector: _, ...words } = await toIndexQuery('payment');
    await expect(stand.index.query(words)).rejects.toMatchObject({
      failure: { code: 'search_unavailable', problem: 'model' },
    });
    await expect(stand.index.query(await toIndexQuery('payment', {}, testModel(32)))).rejects.toMatchObject({
      failure: { code: 'search_unavailable', problem: 'index' },
    });
  });

  it('takes a query whose vector is all zeros', async () => {
    const query = await toIndexQuery('payment');
    const values = new Float32Array(stand.model.model.dimensions);
    const vector = { modelId: stand.model.model.id, values, calibration: { low: 0.5, high: 0.6 } };
    expect((await stand.index.query({ ...query, vector })).hits.length).toBeGreaterThan(0);
  });

  it('names an index by the digest of the model', () => {
    expect(indexNameOf('bedrock:amazon.titan-embed-text-v2:0:512')).toMatch(/^agents-[0-9a-f]{16}$/);
    expect(indexNameOf('a')).not.toBe(indexNameOf('b'));
  });
});
