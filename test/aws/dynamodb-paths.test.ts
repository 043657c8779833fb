import { DeleteItemCommand, type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startDynamoDbLocal } from '../../aws-local/dynamodb-local.ts';
import type { LocalServer } from '../../aws-local/server-process.ts';
import type { Agent } from '../../src/registry/agent.ts';
import { maxParts } from '../../src/store/dynamodb/document.ts';
import { createDynamoStore } from '../../src/store/dynamodb/store.ts';
import type { AgentFilter, Store } from '../../src/store/port.ts';
import { anAgent, aPermission } from '../contract/store.ts';
import { flawsOf } from './table-check.ts';
import { dynamoClient, newTable } from './tables.ts';
import { describeWith } from './tools.ts';

const page = { size: 100 };
/** As long as a tag may be, in bytes too. */
const longTags = (word: string, count: number) =>
  Array.from({ length: count }, (_, n) => `${n}${word}`.padEnd(62, '𝒳').slice(0, 64 * 2));

describeWith(['java'], 'what the DynamoDB store asks of DynamoDB', () => {
  let server: LocalServer;
  let client: DynamoDBClient;
  let tableName: string;
  let store: Store;
  let sent: string[];
  beforeAll(async () => {
    server = await startDynamoDbLocal();
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    tableName = await newTable(server.endpoint);
    client = dynamoClient(server.endpoint);
    store = createDynamoStore({ client, tableName });
    sent = [];
    client.middlewareStack.add(
      (next, { commandName }) =>
        (args) => {
          sent.push(commandName ?? '');
          return next(args);
        },
      { step: 'initialize' },
    );
  });
  afterEach(() => store.close());

  const sentBy = async (work: () => Promise<unknown>) => {
    sent = [];
    await work();
    return sent.map((name) => name.replace('Command', '')).toSorted();
  };

  it('is never a Scan, and is what a filter needs', async () => {
    const owner = { issuer: 'https://issuer.test', subject: 'kim' };
    for (const id of ['hr-1', 'hr-2', 'it-1']) {
      await store.agents.create({ ...anAgent(id), tags: ['x', id], owner });
    }
    await store.permissions.create(aPermission('demo'));
    const [one, two] = [['Query'], ['Query', 'Query']];
    const expected: [filter: AgentFilter, before: string[]][] = [
      [{}, one],
      [{ status: 'active' }, one],
      [{ owner }, one],
      [{ owner, tag: 'x', status: 'active', patterns: ['hr-*', 'tag:x'] }, one],
      // A tag's own partition, and that of agents with many tags.
      [{ tag: 'x' }, two],
      [{ patterns: ['*', 'hr-1', 'tag:x'] }, one],
      [{ patterns: ['*-1', 'hr-1'] }, one],
      [{ patterns: ['hr-*', 'hr-1-*', 'hr-1'] }, one],
      [{ patterns: ['hr-*', 'it-*'] }, two],
      [{ patterns: ['tag:x', 'tag:y'] }, ['Query', 'Query', 'Query']],
      [{ patterns: ['hr-1', 'it-1'] }, ['BatchGetItem']],
      [{ patterns: ['hr-1', 'it-1'], tag: 'x', owner }, ['BatchGetItem']],
    ];
    for (const [filter, before] of expected) {
      expect([filter, await sentBy(() => store.agents.list(filter, page))]).toEqual([
        filter,
        ['BatchGetItem', ...before].toSorted(),
      ]);
    }
    expect(await sentBy(() => store.agents.list({ patterns: [] }, page))).toEqual([]);
    expect(await sentBy(() => store.agents.get(''))).toEqual([]);
    expect(await sentBy(() => store.agents.get('é'.repeat(2_000)))).toEqual([]);
    expect(await sentBy(() => store.agents.get('hr-1'))).toEqual(['GetItem']);
    expect(await sentBy(() => store.permissions.get('demo'))).toEqual(['GetItem']);
    expect(await sentBy(() => store.permissions.list(page))).toEqual(['BatchGetItem', 'Query']);
  });

  it('is a transaction for every write of an agent or permission', async () => {
    const write = 'TransactWriteItems';
    const next = { ...anAgent('a'), revision: 2 };
    expect(await sentBy(() => store.agents.create(anAgent('a')))).toEqual([write]);
    expect(await sentBy(() => store.agents.replace(next, 1))).toEqual(['GetItem', write]);
    // One to delete it, one for the versions of its card, and one to say that they are deleted too.
    const deleting = ['GetItem', 'Query', 'Query', write, write, write];
    expect(await sentBy(() => store.agents.delete('a', 2))).toEqual(deleting);
    expect(await sentBy(() => store.permissions.create(aPermission('demo')))).toEqual([write]);
    expect(await sentBy(() => store.permissions.replace(aPermission('demo'), 1))).toEqual([write]);
    expect(await sentBy(() => store.permissions.delete('demo', 1))).toEqual([write]);
  });

  it('is one item for each place of a conversation, which expires by itself', async () => {
    const [a, b] = ['a'.repeat(64), 'b'.repeat(64)];
    const places = [a, b].map((key) => ({ key, place: 'here' }));
    expect(await sentBy(() => store.affinities.put(places, 1_800_000_000_001))).toEqual([
      'PutItem',
      'PutItem',
    ]);
    expect(await sentBy(() => store.affinities.get(a))).toEqual(['GetItem']);
    expect(await sentBy(() => store.affinities.sweep(2_000_000_000_000))).toEqual([]);
    const key = { pk: { S: `affinity#${a}` }, sk: { S: 'affinity' } };
    const { Item } = await client.send(new GetItemCommand({ TableName: tableName, Key: key }));
    expect(Item).toEqual({ ...key, place: { S: 'here' }, expiresAtSeconds: { N: '1800000001' } });
  });

  it('is one item for what a process tells of an agent, which expires by itself', async () => {
    const row = { agentId: 'a', processId: 'p', report: '{}', seenAtMs: 7, expiresAtMs: 1_800_000_000_001 };
    expect(await sentBy(() => store.health.put(row))).toEqual(['PutItem']);
    expect(await sentBy(() => store.health.of('a', 0))).toEqual(['Query']);
    const key = { pk: { S: 'health#a' }, sk: { S: 'p' } };
    const { Item } = await client.send(new GetItemCommand({ TableName: tableName, Key: key }));
    expect(Item).toEqual({
      ...{ ...key, report: { S: '{}' }, seenAtMs: { N: '7' } },
      expiresAtSeconds: { N: '1800000001' },
    });
  });

  it('fits a transaction when every tag of a large agent changes', async () => {
    const large = (revision: number, count: number): Agent => ({
      ...anAgent('a'),
      revision,
      tags: longTags(`r${revision}`, count),
      owner: { issuer: 'https://issuer.test', subject: `r${revision}` },
      statusReason: 'ä'.repeat(1_200_000),
    });
    const counts = [40, 40, 64, 64, 40, 0, 41, 1];
    for (const [n, count] of counts.entries()) {
      const agent = large(n + 1, count);
      const won = n === 0 ? store.agents.create(agent) : store.agents.replace(agent, n);
      expect(await won).toBe(true);
      expect(await flawsOf(server.endpoint, tableName)).toEqual([]);
      for (const tag of [agent.tags[0], agent.tags.at(-1)]) {
        if (tag === undefined) continue;
        const { items } = await store.agents.list({ patterns: [`tag:${tag}`] }, page);
        expect(items).toStrictEqual([agent]);
      }
      expect((await store.agents.list({ tag: longTags(`r${n}`, 1)[0] ?? '' }, page)).items).toEqual([]);
    }
    expect(await store.agents.delete('a', counts.length)).toBe(true);
    expect(await flawsOf(server.endpoint, tableName)).toEqual([]);
    expect((await store.agents.list({}, page)).totalSize).toBe(0);
  });

  it('leaves no part behind when a document shrinks and grows', async () => {
    for (const [n, size] of [1_300_000, 400_000, 10, 200_000, 1_000_000].entries()) {
      const agent = { ...anAgent('a'), revision: n + 1, statusReason: 'ä'.repeat(size) };
      const won = n === 0 ? store.agents.create(agent) : store.agents.replace(agent, n);
      expect(await won).toBe(true);
      expect(await store.agents.get('a')).toStrictEqual(agent);
      expect(await flawsOf(server.endpoint, tableName)).toEqual([]);
    }
  });

  it('is nothing for a document or key beyond its limits', async () => {
    const huge = { ...anAgent('huge'), statusReason: 'a'.repeat(maxParts * 350_000) };
    const wide = { ...aPermission('wide'), description: 'a'.repeat(400_000) };
    sent = [];
    await expect(store.agents.create(huge)).rejects.toMatchObject({ problem: 'too_large' });
    await expect(store.permissions.create(wide)).rejects.toMatchObject({ problem: 'too_large' });
    await expect(store.agents.create(anAgent('a'.repeat(1_025)))).rejects.toThrow(TypeError);
    await expect(store.permissions.create(aPermission('a'.repeat(1_025)))).rejects.toThrow(TypeError);
    await expect(store.agents.create({ ...anAgent('a'), tags: ['a'.repeat(2_048)] })).rejects.toThrow(
      TypeError,
    );
    expect(sent).toEqual([]);
    expect((await store.agents.list({ tag: 'a'.repeat(2_048) }, page)).items).toEqual([]);
    expect((await store.agents.list({ patterns: ['a'.repeat(1_025)] }, page)).items).toEqual([]);
  });

  it('is asked again for documents that one answer does not hold', async () => {
    const agents = Array.from({ length: 60 }, (_, n) => ({
      ...anAgent(`a${n}`),
      statusReason: 'a'.repeat(340_000),
    }));
    for (const agent of agents) await store.agents.create(agent);
    const names = await sentBy(async () => {
      expect((await store.agents.list({}, page)).items).toHaveLength(60);
    });
    expect(names).toEqual(['BatchGetItem', 'BatchGetItem', 'Query']);
  });

  describe('while others write', () => {
    it('never gives parts of two writes', async () => {
      const text = (n: number) => `${n}`.repeat(900_000);
      const stateOf = (n: number) => ({ ...anAgent('a'), revision: n, statusReason: text(n % 10) });
      await store.agents.create(stateOf(1));
      let isWriting = true;
      const writing = (async () => {
        for (let n = 2; n <= 25; n++) await store.agents.replace(stateOf(n), n - 1);
        isWriting = false;
      })();
      let reads = 0;
      for (; isWriting || reads === 0; reads++) {
        const read = (await store.agents.get('a')) ?? anAgent('none');
        expect(read.statusReason === text(read.revision % 10)).toBe(true);
      }
      await writing;
    });

    it('takes an agent made again at the same revision for another one', async () => {
      await store.agents.create({ ...anAgent('a'), tags: ['first'] });
      const other = createDynamoStore({ client: dynamoClient(server.endpoint), tableName });
      let isFirst = true;
      // Between the read of the head and the transaction.
      client.middlewareStack.add(
        (next, { commandName }) =>
          async (args) => {
            if (commandName === 'TransactWriteItemsCommand' && isFirst) {
              isFirst = false;
              await other.agents.delete('a', 1);
              await other.agents.create({ ...anAgent('a'), tags: ['second'] });
            }
            return next(args);
          },
        { step: 'initialize' },
      );
      expect(await store.agents.replace({ ...anAgent('a'), revision: 2 }, 1)).toBe(false);
      expect(await flawsOf(server.endpoint, tableName)).toEqual([]);
      await other.close();
    });

    it('shows nobody an agent that lost its tag since its entry was read', async () => {
      await store.agents.create({ ...anAgent('a'), tags: ['x'] });
      await store.agents.create({ ...anAgent('b'), tags: ['x'] });
      const other = createDynamoStore({ client: dynamoClient(server.endpoint), tableName });
      let isFirst = true;
      client.middlewareStack.add(
        (next, { commandName }) =>
          async (args) => {
            if (commandName === 'BatchGetItemCommand' && isFirst) {
              isFirst = false;
              await other.agents.replace({ ...anAgent('a'), revision: 2 }, 1);
              await other.agents.delete('b', 1);
            }
            return next(args);
          },
        { step: 'initialize' },
      );
      expect((await store.agents.list({ tag: 'x' }, page)).items).toEqual([]);
      await other.close();
    });

    it('gives up on an agent whose parts do not come', async () => {
      await store.agents.create({ ...anAgent('a'), statusReason: 'a'.repeat(800_000) });
      const Key = { pk: { S: 'agent#a' }, sk: { S: 'part#1' } };
      await client.send(new DeleteItemCommand({ TableName: tableName, Key }));
      await expect(store.agents.get('a')).rejects.toMatchObject({ problem: 'busy' });
    });
  });
});
