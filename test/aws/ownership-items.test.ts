import { DeleteItemCommand, type DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { startDynamoDbLocal } from '../../aws-local/dynamodb-local.ts';
import type { LocalServer } from '../../aws-local/server-process.ts';
import type { Item } from '../../src/store/dynamodb/item.ts';
import { createDynamoStore } from '../../src/store/dynamodb/store.ts';
import type { Store } from '../../src/store/port.ts';
import type { OwnershipStore, Taken } from '../../src/store/ports/ownership.ts';
import {
  aTask,
  contextsOf,
  kim,
  lee,
  nowMs,
  taking,
  tasksOf,
  times,
} from '../contract/ownership-fixtures.ts';
import { dynamoClient, newTable, storeOn } from './tables.ts';
import { describeWith } from './tools.ts';

describeWith(['java'], 'what is asked of DynamoDB for who owns what', () => {
  let server: LocalServer;
  let client: DynamoDBClient;
  let tableName: string;
  let store: Store;
  let ownership: OwnershipStore;
  let sent: string[];
  /** Done once, before the next command of that name is sent. */
  let before: { name: string; work: () => Promise<unknown> } | undefined;
  beforeAll(async () => {
    server = await startDynamoDbLocal();
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    tableName = await newTable(server.endpoint);
    client = dynamoClient(server.endpoint);
    store = createDynamoStore({ client, tableName });
    ({ ownership } = store);
    before = undefined;
    client.middlewareStack.add(
      (next, { commandName = '' }) =>
        async (args) => {
          const name = commandName.replace('Command', '');
          sent.push(name);
          if (before?.name === name) {
            const { work } = before;
            before = undefined;
            await work();
          }
          return next(args);
        },
      { step: 'initialize' },
    );
  });
  afterEach(() => store.close());

  const sentBy = async (work: () => Promise<unknown>) => {
    sent = [];
    await work();
    return sent;
  };

  const allItems = async () => {
    const reader = dynamoClient(server.endpoint);
    const items: Item[] = [];
    for await (const page of paginateScan({ client: reader }, { TableName: tableName })) {
      items.push(...(page.Items ?? []));
    }
    reader.destroy();
    return items;
  };

  it('is a read and what changes', async () => {
    const seen = (state: string, ms: number): Taken => ({
      tasks: [aTask('t', { state, contextId: 'c', statusAtMs: nowMs + ms })],
      contextIds: ['c'],
    });
    const take = (taken = seen('WORKING', 0), at = times) => ownership.take(kim, taken, at);
    const [read, put, many] = ['BatchGetItem', 'PutItem', 'TransactWriteItems'];
    // A claim and an item of the owner's.
    expect(await sentBy(() => take(taking([], ['c'])))).toEqual([read, put, put]);
    expect(await sentBy(() => take())).toEqual([read, put, put]);
    expect(await sentBy(() => take())).toEqual([read]);
    expect(await sentBy(() => take(seen('COMPLETED', 1)))).toEqual([read, put]);
    expect(await sentBy(() => take(seen('WORKING', 0)))).toEqual([read]);
    const soon = { nowMs: nowMs + 5_000, expiresAtMs: times.expiresAtMs + 5_000 };
    expect(await sentBy(() => take(seen('WORKING', 0), soon))).toEqual([read]);
    // Kept for longer, both of them.
    const later = { nowMs: nowMs + 20_000, expiresAtMs: times.expiresAtMs + 20_000 };
    expect(await sentBy(() => take(seen('WORKING', 0), later))).toEqual([read, many, put, put]);
    expect(await sentBy(() => take(taking(['u', 'v'], ['d'])))).toEqual([read, many, put, put, put]);
    // Claims of several; where one is another's, they are read to know it.
    expect(await sentBy(() => ownership.take(lee, taking(['t', 'new']), times))).toEqual([read, many, read]);
    expect(await sentBy(() => ownership.held(kim, tasksOf('t', 'x'), nowMs))).toEqual([read]);
    expect(await sentBy(() => ownership.held(kim, [], nowMs))).toEqual([]);
    expect(await sentBy(() => ownership.tasks(kim, { size: 1 }, nowMs))).toEqual(['Query']);
    expect(await sentBy(() => ownership.forget(kim, 't'))).toEqual(['GetItem', put]);
    expect(await sentBy(() => ownership.forget(kim, 'none'))).toEqual(['GetItem']);
    expect(await sentBy(() => ownership.sweep(nowMs))).toEqual([]);
  });

  it('is a claim and an item for each id, which expire by themselves', async () => {
    const task = aTask('t\ud800', { state: 'TASK_STATE_WORKING', contextId: 'c', statusAtMs: nowMs + 7 });
    await ownership.take(kim, { tasks: [task], contextIds: [] }, times);
    const items = (await allItems()).sort((one, other) => (one.sk?.S ?? '').localeCompare(other.sk?.S ?? ''));
    const expiry = { expiresAtSeconds: { N: `${nowMs / 1_000 + 90}` } };
    expect(items).toEqual([
      {
        ...{ pk: { S: expect.stringMatching(/^owned#[\w-]{43}$/) }, sk: { S: 'claim' } },
        ...{ owner: { S: 'kim' }, ...expiry },
      },
      {
        ...{ pk: { S: 'owned#agent-a#kim' }, sk: { S: expect.stringMatching(/^task#[\w-]{43}$/) } },
        ...{ id: { S: 't\\ud800' }, state: { S: 'TASK_STATE_WORKING' }, contextId: { S: 'c' } },
        ...{ statusAtMs: { N: `${nowMs + 7}` }, writeId: { S: expect.any(String) }, ...expiry },
      },
    ]);
  });

  it('finds an id that was claimed and not yet kept only when its owner takes it again', async () => {
    await ownership.take(kim, taking(['t'], ['c']), times);
    for (const { pk, sk } of await allItems()) {
      const Key = { pk: pk ?? { S: '' }, sk: sk ?? { S: '' } };
      if (sk?.S !== 'claim') await client.send(new DeleteItemCommand({ TableName: tableName, Key }));
    }
    const ids = [...tasksOf('t'), ...contextsOf('c')];
    expect(await ownership.held(kim, ids, nowMs)).toEqual([false, false]);
    expect(await ownership.take(lee, taking(['t']), times)).toBe(false);
    expect(await ownership.take(kim, taking(['t'], ['c']), times)).toBe(true);
    expect(await ownership.held(kim, ids, nowMs)).toEqual([true, true]);
  });

  it('never shortens a claim, whatever other calls of its holder claim meanwhile', async () => {
    const other = storeOn(server.endpoint, tableName);
    for (const ids of [['one'], ['one of two', 'another']]) {
      const longer = { nowMs, expiresAtMs: nowMs + 800_000 };
      // Between the read and the claim.
      const name = ids.length === 1 ? 'PutItem' : 'TransactWriteItems';
      before = { name, work: () => other.ownership.take(kim, taking(ids), longer) };
      expect(await ownership.take(kim, taking(ids), times)).toBe(true);
      expect(before).toBeUndefined();
      expect(await ownership.held(kim, tasksOf(...ids), longer.expiresAtMs - 1)).not.toContain(false);
      const late = { nowMs: longer.expiresAtMs - 1, expiresAtMs: longer.expiresAtMs + 80_000 };
      expect(await ownership.take(lee, taking(ids), late)).toBe(false);
    }
    await other.close();
  });

  it('keeps a later status that was written between its read and its write', async () => {
    const other = storeOn(server.endpoint, tableName);
    const seen = (state: string, ms: number) => ({
      tasks: [aTask('t', { state, statusAtMs: nowMs + ms })],
      contextIds: [],
    });
    await ownership.take(kim, seen('SUBMITTED', 0), times);
    before = { name: 'PutItem', work: () => other.ownership.take(kim, seen('COMPLETED', 9), times) };
    expect(await ownership.take(kim, seen('WORKING', 5), times)).toBe(true);
    before = { name: 'PutItem', work: () => other.ownership.take(kim, seen('FAILED', 10), times) };
    // It was seen again while it was being forgotten.
    await ownership.forget(kim, 't');
    const { items } = await ownership.tasks(kim, { size: 9 }, nowMs);
    expect(items).toEqual(seen('FAILED', 10).tasks);
    await other.close();
  });

  it('reads tasks that one answer does not hold', async () => {
    const long = (word: string, n: number) => `${word}${n}`.padEnd(1_024, '語');
    const tasks = Array.from({ length: 200 }, (_, n) =>
      aTask(long('t', n), { contextId: long('c', n), statusAtMs: nowMs + n }),
    );
    for (const at of [0, 100]) {
      await ownership.take(kim, { tasks: tasks.slice(at, at + 100), contextIds: [] }, times);
    }
    const names = await sentBy(async () => {
      const page = await ownership.tasks(kim, { size: 3 }, nowMs);
      expect(page.items).toEqual(tasks.slice(-3).reverse());
      expect(page.totalSize).toBe(200);
    });
    expect(names).toEqual(['Query', 'Query']);
  });
});
