import { ListIndexesCommand, ListVectorsCommand, PutVectorsCommand } from '@aws-sdk/client-s3vectors';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { S3VectorsFault } from '../aws-local/s3-vectors/server.ts';
import { indexNameOf } from '../src/search/s3-vectors/names.ts';
import type { AgentStore } from '../src/store/port.ts';
import { toIndexQuery } from './support/hashing-embedder.ts';
import {
  agentOf,
  type S3VectorsStand,
  startS3VectorsStand,
  type TestModel,
  testModel,
  vectorBucketName,
} from './support/s3-vectors.ts';

/** What keeps an index in S3 Vectors in step with the registry. */

let stand: S3VectorsStand;
let meets: (operation: string, body: unknown) => S3VectorsFault | undefined | Promise<undefined>;

beforeEach(async () => {
  meets = () => undefined;
  stand = await startS3VectorsStand({ meets: (operation, body) => meets(operation, body) });
});
afterEach(() => stand.close());

async function idsIn({ model }: TestModel): Promise<string[]> {
  const client = stand.client();
  const indexName = indexNameOf(model.id);
  const { vectors = [] } = await client.send(new ListVectorsCommand({ vectorBucketName, indexName }));
  client.destroy();
  return vectors.map(({ key = '' }) => key).sort();
}

async function indexNames(): Promise<string[]> {
  const client = stand.client();
  const { indexes = [] } = await client.send(new ListIndexesCommand({ vectorBucketName }));
  client.destroy();
  return indexes.map(({ indexName = '' }) => indexName).sort();
}

async function found(text: string, model = stand.model, index = stand.index): Promise<string[]> {
  const { hits } = await index.query(await toIndexQuery(text, {}, model));
  return hits.map(({ agentId }) => agentId);
}

const own = ['#set', '#set-agents'];

/** Another process's view of the same registry, in which something happens right after each first read. */
function reading(agents: AgentStore, after: () => Promise<void>): AgentStore {
  let isFirst = true;
  return {
    create: agents.create.bind(agents),
    replace: agents.replace.bind(agents),
    delete: agents.delete.bind(agents),
    list: agents.list.bind(agents),
    ids: agents.ids.bind(agents),
    async get(agentId, options) {
      const agent = await agents.get(agentId, options);
      if (isFirst) {
        isFirst = false;
        await after();
      }
      return agent;
    },
  };
}

describe('sync', () => {
  beforeEach(() => stand.indexer.fill());

  it('puts active agents and removes all others', async () => {
    await stand.put(agentOf('weather', 'storms and rain'));
    await stand.put(agentOf('paused', 'rain', { status: 'inactive' }));
    expect(await stand.indexer.sync(['weather', 'paused', 'absent'])).toEqual({ failed: [] });
    expect(await idsIn(stand.model)).toEqual([...own, 'weather']);
    expect(await found('rain')).toEqual(['weather']);
    await stand.put(agentOf('weather', 'storms and rain', { status: 'quarantined' }));
    await stand.indexer.sync(['weather']);
    await stand.remove('paused');
    expect(await idsIn(stand.model)).toEqual(own);
  });

  it('makes a vector again only where the text is another, and writes nothing where nothing is', async () => {
    await stand.put(agentOf('weather', 'storms'));
    await stand.indexer.sync(['weather']);
    const embedded = stand.model.embedded.length;
    const writes = stand.calls.PutVectors;
    await stand.indexer.sync(['weather', 'weather']);
    expect(stand.calls.PutVectors).toBe(writes);
    const agent = await stand.agents.get('weather');
    if (agent === undefined) throw new Error('not registered');
    await stand.put({ ...agent, publicCard: true });
    await stand.indexer.sync(['weather']);
    expect(stand.calls.PutVectors).toBe((writes ?? 0) + 1);
    expect(stand.model.embedded.length).toBe(embedded);
    await stand.put(agentOf('weather', 'hail'));
    await stand.indexer.sync(['weather']);
    expect(stand.model.embedded.length).toBe(embedded + 1);
    expect(await found('hail')).toEqual(['weather']);
  });

  it('never lets an older state win: an agent that changes, goes or comes meanwhile is written again', async () => {
    await stand.put(agentOf('a', 'first'));
    const changing = stand.indexerOf(
      stand.model,
      reading(stand.agents, async () => {
        await stand.put(agentOf('a', 'second'));
        await stand.indexer.sync(['a']);
      }),
    );
    expect(await changing.sync(['a'])).toEqual({ failed: [] });
    expect(await found('second')).toEqual(['a']);

    const going = stand.indexerOf(
      stand.model,
      reading(stand.agents, async () => {
        await stand.remove('a');
        await stand.indexer.sync(['a']);
      }),
    );
    await going.sync(['a']);
    expect(await idsIn(stand.model)).toEqual(own);

    const coming = stand.indexerOf(
      stand.model,
      reading(stand.agents, async () => {
        await stand.put(agentOf('a', 'third'));
        await stand.indexer.sync(['a']);
      }),
    );
    await coming.sync(['a']);
    expect(await found('third')).toEqual(['a']);
  });

  it('leaves an agent made anew at the same revision as it is now', async () => {
    await stand.put(agentOf('a', 'first'));
    const indexer = stand.indexerOf(
      stand.model,
      reading(stand.agents, async () => {
        await stand.remove('a');
        await stand.agents.create(agentOf('a', 'second'));
      }),
    );
    await indexer.sync(['a']);
    expect(await found('second')).toEqual(['a']);
  });

  it('keeps many writers in step, whatever the order of their calls', async () => {
    const ids = Array.from({ length: 6 }, (_, n) => `agent-${n}`);
    const indexers = [stand.indexer, stand.indexerOf(stand.model), stand.indexerOf(stand.model)];
    await Promise.all(
      Array.from({ length: 24 }, async (_, n) => {
        const agentId = ids[n % ids.length] ?? '';
        if (n % 5 === 4) await stand.remove(agentId);
        else
          await stand.put(agentOf(agentId, `version${n}`, { status: n % 7 === 6 ? 'inactive' : 'active' }));
        const outcome = await indexers[n % 3]?.sync([agentId]);
        if ((outcome?.failed.length ?? 0) > 0) await stand.indexer.sync([agentId]);
      }),
    );
    const { items } = await stand.agents.list({ status: 'active' }, { size: 100 });
    expect(await idsIn(stand.model)).toEqual([...own, ...items.map(({ agentId }) => agentId)]);
    for (const { agentId, card } of items) expect(await found(card.description)).toContain(agentId);
  });

  it('tells which agents failed where the model is down, and still removes those that must go', async () => {
    await stand.put(agentOf('gone', 'x'));
    await stand.indexer.sync(['gone']);
    await stand.remove('gone');
    await stand.put(agentOf('new', 'y'));
    stand.model.fails = true;
    expect(await stand.indexer.sync(['gone', 'new'])).toEqual({ failed: ['new'] });
    expect(await idsIn(stand.model)).toEqual(own);
    stand.model.fails = false;
    expect(await stand.indexer.sync(['new'])).toEqual({ failed: [] });
  });

  it('tells an agent that S3 Vectors refuses, and writes those beside it', async () => {
    meets = (operation, body) => {
      if (operation !== 'PutVectors') return undefined;
      const { vectors } = body as { vectors: { key: string; data: { float32: number[] } }[] };
      // Taken apart on the way, as a call that S3 Vectors does not take.
      for (const vector of vectors) if (vector.key === 'bad') vector.data.float32.length = 3;
      return undefined;
    };
    for (const agentId of ['a', 'bad', 'c']) await stand.put(agentOf(agentId, agentId));
    expect(await stand.indexer.sync(['a', 'bad', 'c'])).toEqual({ failed: ['bad'] });
    expect(await idsIn(stand.model)).toEqual([...own, 'a', 'c']);
  });

  it('is done through throttling, lost answers and hiccups', async () => {
    let calls = 0;
    meets = () =>
      (['throttle', undefined, 'lost answer', undefined, 'unavailable', undefined] as const)[calls++ % 6];
    for (let n = 0; n < 5; n++) await stand.put(agentOf(`a${n}`, `words${n}`));
    await stand.indexer.sync(['a0', 'a1', 'a2', 'a3', 'a4']);
    meets = () => undefined;
    expect(await idsIn(stand.model)).toEqual([...own, 'a0', 'a1', 'a2', 'a3', 'a4']);
  });

  it('does nothing where nothing was ever filled', async () => {
    const other = await startS3VectorsStand();
    await other.put(agentOf('a', 'a'));
    expect(await other.indexer.sync(['a'])).toEqual({ failed: [] });
    expect(other.calls.PutVectors).toBeUndefined();
    await other.close();
  });
});

describe('fill', () => {
  it('puts every active agent, marks the set complete and says so', async () => {
    for (let n = 0; n < 250; n++) await stand.agents.create(agentOf(`agent-${n}`, `words${n}`));
    await stand.agents.create(agentOf('paused', 'x', { status: 'inactive' }));
    expect(await stand.index.serving()).toBeUndefined();
    const seen: number[] = [];
    const outcome = await stand.indexer.fill({ progress: ({ done }) => seen.push(done) });
    expect(outcome).toEqual({ done: 250, total: 250 });
    expect(seen).toEqual([100, 200, 250, 250]);
    expect(await idsIn(stand.model)).toHaveLength(252);
    stand.clock.at += 10_000;
    expect((await stand.index.serving())?.model).toEqual(stand.model.model);
    expect(stand.logged.map(({ msg }) => msg)).toContain('search: set serves');
  });

  it('stops at its deadline and is gone on with by another process', async () => {
    for (let n = 0; n < 250; n++) await stand.agents.create(agentOf(`agent-${n}`, `words${n}`));
    let next: string | undefined;
    let runs = 0;
    do {
      const outcome = await stand
        .indexerOf(stand.model)
        .fill({ deadlineMs: stand.clock.at, ...(next !== undefined && { after: next }) });
      next = outcome.next;
      runs++;
      if (next !== undefined) expect(await stand.indexer.check()).toBe('filling');
      // While it goes on, nothing serves, and what changes is followed.
      if (runs === 2) {
        await stand.remove('agent-0');
        await stand.put(agentOf('agent-00', 'late'));
        await stand.indexer.sync(['agent-0', 'agent-00']);
      }
    } while (next !== undefined);
    expect(runs).toBe(4);
    expect(await stand.indexer.check()).toBe('complete');
    const { items } = await stand.agents.ids({ status: 'active' }, { size: 100 });
    expect(await idsIn(stand.model)).toEqual(expect.arrayContaining(items));
    expect(await idsIn(stand.model)).toHaveLength(252);
    expect(new Set(stand.model.embedded).size).toBe(stand.model.embedded.length);
  });

  it('removes what the registry has not, whatever its key', async () => {
    await stand.agents.create(agentOf('a', 'a'));
    await stand.indexer.fill();
    const client = stand.client();
    const data = { float32: Array(stand.model.model.dimensions).fill(1) };
    const strays = ['stray', '*', 'tag:x', 'UPPER'].map((key) => ({ key, data, metadata: { agent: true } }));
    const indexName = indexNameOf(stand.model.model.id);
    await client.send(new PutVectorsCommand({ vectorBucketName, indexName, vectors: strays }));
    client.destroy();
    await stand.indexer.fill();
    expect(await idsIn(stand.model)).toEqual([...own, 'a']);
  });

  it('does no harm again, or twice at once', async () => {
    for (let n = 0; n < 120; n++) await stand.agents.create(agentOf(`agent-${n}`, `words${n}`));
    await Promise.all([stand.indexer.fill(), stand.indexerOf(stand.model).fill()]);
    const before = await idsIn(stand.model);
    const texts = stand.model.embedded.length;
    const writes = stand.calls.PutVectors;
    await stand.indexer.fill();
    expect(await idsIn(stand.model)).toEqual(before);
    expect(stand.model.embedded.length).toBe(texts);
    expect(stand.calls.PutVectors).toBe(writes);
  });

  it('makes every vector anew where that is wanted', async () => {
    await stand.agents.create(agentOf('a', 'words'));
    await stand.indexer.fill();
    const texts = stand.model.embedded.length;
    await stand.indexer.fill({ isAnew: true });
    expect(stand.model.embedded.length).toBe(texts + 1);
  });

  it('fails where the model is down, and goes on later', async () => {
    await stand.agents.create(agentOf('a', 'words'));
    stand.model.fails = true;
    await expect(stand.indexer.fill()).rejects.toThrow();
    stand.model.fails = false;
    await stand.indexer.fill();
    stand.model.fails = true;
    await stand.put(agentOf('a', 'others'));
    await expect(stand.indexer.fill()).rejects.toMatchObject({ failure: { code: 'search_unavailable' } });
    expect(await stand.indexer.check()).toBe('complete');
  });

  it('takes whatever it is given to go on with for the beginning', async () => {
    await stand.agents.create(agentOf('a', 'words'));
    for (const after of [
      '',
      'x',
      '[]',
      '{"indexName":"other","phase":"strays","done":9}',
      '\0',
      '9'.repeat(99),
    ])
      expect(await stand.indexer.fill({ after })).toEqual({ done: 1, total: 1 });
    const indexName = indexNameOf(stand.model.model.id);
    const after = JSON.stringify({ indexName, phase: 'strays', after: 'too old', done: 1 });
    expect(await stand.indexer.fill({ after })).toMatchObject({ done: 1 });
  });
});

describe('a change of model', () => {
  it('has the old set serve until the new one is complete, and drops it when nobody searches it', async () => {
    for (let n = 0; n < 150; n++) await stand.agents.create(agentOf(`agent-${n}`, `words${n}`));
    await stand.indexer.fill();
    const other = testModel(32);
    const [index, indexer] = [stand.indexOf(other), stand.indexerOf(other)];
    expect(await indexer.check()).toBe('abandoned');
    const { next } = await indexer.fill({ deadlineMs: stand.clock.at });
    expect((await index.serving())?.model).toEqual(stand.model.model);
    expect(await found('words7', stand.model, index)).toContain('agent-7');

    // Both sets are kept in step meanwhile.
    await stand.put(agentOf('late', 'thunder'));
    await indexer.sync(['late']);
    await indexer.fill({ ...(next !== undefined && { after: next }) });
    expect(await idsIn(stand.model)).toContain('late');
    expect(await idsIn(other)).toContain('late');

    // It is remembered for a while which set serves, so the old one must stay as long.
    expect((await found('thunder', stand.model, index))[0]).toBe('late');
    expect(await indexer.check()).toBe('complete');
    expect(await indexNames()).toHaveLength(2);
    stand.clock.at += 10_000;
    expect((await index.serving())?.model).toEqual(other.model);
    expect((await found('thunder', other, index))[0]).toBe('late');
    await expect(index.query(await toIndexQuery('thunder'))).rejects.toMatchObject({
      failure: { problem: 'index' },
    });

    stand.clock.at += 20 * 60_000;
    expect(await indexer.check()).toBe('complete');
    expect(await indexNames()).toEqual([indexNameOf(other.model.id)]);
  });

  it('does not wait for an old model that cannot be reached any more', async () => {
    await stand.agents.create(agentOf('a', 'words'));
    await stand.indexer.fill();
    const other = testModel(32);
    const indexer = stand.indexerOf(other);
    await indexer.fill();
    stand.model.fails = true;
    await stand.put(agentOf('a', 'thunder'));
    expect(await indexer.sync(['a'])).toEqual({ failed: [] });
    expect(await found('thunder', other, stand.indexOf(other))).toEqual(['a']);
    await stand.remove('a');
    await indexer.sync(['a']);
    expect(await idsIn(stand.model)).toEqual(own);
  });

  it('notices a fill that nobody goes on with', async () => {
    for (let n = 0; n < 150; n++) await stand.agents.create(agentOf(`agent-${n}`, `words${n}`));
    await stand.indexer.fill({ deadlineMs: stand.clock.at });
    expect(await stand.indexer.check()).toBe('filling');
    stand.clock.at += 31 * 60_000;
    expect(await stand.indexer.check()).toBe('abandoned');
    expect(await stand.indexer.status()).toEqual({
      agents: 150,
      sets: [
        {
          modelId: stand.model.model.id,
          indexName: indexNameOf(stand.model.model.id),
          isComplete: false,
          isConfigured: true,
        },
      ],
    });
  });
});

describe('a search while S3 Vectors fails', () => {
  beforeEach(async () => {
    await stand.agents.create(agentOf('a', 'words'));
    await stand.indexer.fill();
  });

  it('is answered through a throttled call, and refused as unavailable after several', async () => {
    let left = 1;
    meets = () => (left-- > 0 ? 'throttle' : undefined);
    expect(await found('words')).toEqual(['a']);
    meets = () => 'unavailable';
    const failure = { code: 'search_unavailable', problem: 'index' };
    await expect(found('words')).rejects.toMatchObject({ failure });
    stand.clock.at += 10_000;
    await expect(stand.index.serving()).rejects.toMatchObject({ failure });
    meets = () => undefined;
    expect(await found('words')).toEqual(['a']);
  });

  it('is given up when its time is over', async () => {
    meets = () => 'silence';
    await expect(found('words')).rejects.toMatchObject({ failure: { problem: 'index' } });
  });

  it('finds out that the index has gone', async () => {
    expect(await found('words')).toEqual(['a']);
    const other = testModel(32);
    await stand.indexerOf(other).fill();
    stand.clock.at += 20 * 60_000;
    expect((await stand.index.serving())?.model).toEqual(stand.model.model);
    await stand.indexerOf(other).check();
    await expect(found('words')).rejects.toMatchObject({ failure: { problem: 'index' } });
    expect((await stand.index.serving())?.model).toEqual(other.model);
  });
});
