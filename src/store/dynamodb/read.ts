import {
  BatchGetItemCommand,
  GetItemCommand,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import { inParallel } from '../../in-parallel.ts';
import { StoreError } from '../store-error.ts';
import { backoff, maxTries } from './backoff.ts';
import { toStoreError } from './dynamodb-error.ts';
import { type Item, type Key, toKeyItem } from './item.ts';
import { partitionKey, sortKey, type Table } from './table.ts';

/** Requests one list has under way at a time. */
export const maxParallel = 16;
/** The most keys BatchGetItem takes. */
export const keysPerBatch = 100;

/** One item, strongly consistent. `attributes` names the ones wanted; default all. */
export async function getItem(
  table: Table,
  key: Key,
  attributes?: readonly string[],
): Promise<Item | undefined> {
  const input = {
    TableName: table.tableName,
    Key: toKeyItem(key),
    ConsistentRead: true,
    ...(attributes !== undefined && projection(attributes)),
  };
  return guarded(table, async () => (await table.client.send(new GetItemCommand(input))).Item);
}

/** Some of a partition: every item, or those whose sort key begins with a text; an empty text is none. */
export interface PartitionRange {
  pk: string;
  beginsWith?: string;
}

/** Every item of the range, all of them in memory, strongly consistent. */
export async function queryAll(table: Table, range: PartitionRange): Promise<Item[]> {
  const items: Item[] = [];
  for await (const page of queryPages(table, range)) items.push(...page);
  return items;
}

/** The same in pages of 1 MB, one read after the other. */
export async function* queryPages(
  table: Table,
  { pk, beginsWith = '' }: PartitionRange,
): AsyncGenerator<Item[], void> {
  const isPart = beginsWith !== '';
  const input: QueryCommandInput = {
    TableName: table.tableName,
    ConsistentRead: true,
    KeyConditionExpression: isPart ? '#pk = :pk AND begins_with(#sk, :head)' : '#pk = :pk',
    ExpressionAttributeNames: { '#pk': partitionKey, ...(isPart && { '#sk': sortKey }) },
    ExpressionAttributeValues: { ':pk': { S: pk }, ...(isPart && { ':head': { S: beginsWith } }) },
  };
  let start: Item | undefined;
  do {
    const command = new QueryCommand({ ...input, ExclusiveStartKey: start });
    const page = await guarded(table, () => table.client.send(command));
    yield page.Items ?? [];
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
}

/** Of a partition, what sorts between two texts, both included: nothing where the first comes behind the second. */
export interface SortedRange {
  pk: string;
  from: string;
  to: string;
  /** From the last to the first. Default false. */
  isDescending?: boolean;
}

/** The items of the range in their order, strongly consistent; so many are read at a time as are wanted at first. */
export async function* queryInOrder(
  table: Table,
  { pk, from, to, isDescending = false }: SortedRange,
  wanted: number,
): AsyncGenerator<Item, void, undefined> {
  // DynamoDB refuses to look for that.
  if (from > to) return;
  const input: QueryCommandInput = {
    TableName: table.tableName,
    ConsistentRead: true,
    KeyConditionExpression: '#pk = :pk AND #sk BETWEEN :from AND :to',
    ExpressionAttributeNames: { '#pk': partitionKey, '#sk': sortKey },
    ExpressionAttributeValues: { ':pk': { S: pk }, ':from': { S: from }, ':to': { S: to } },
    ScanIndexForward: !isDescending,
    Limit: wanted,
  };
  for (let start: Item | undefined; ; ) {
    const command = new QueryCommand({ ...input, ExclusiveStartKey: start });
    const page = await guarded(table, () => table.client.send(command));
    yield* page.Items ?? [];
    if (page.LastEvaluatedKey === undefined) return;
    start = page.LastEvaluatedKey;
  }
}

/**
 * The items of these keys that are there, strongly consistent, in no order. The keys must differ.
 * @throws StoreError `busy` when DynamoDB keeps leaving keys out
 */
export async function getItems(table: Table, keys: readonly Key[]): Promise<Item[]> {
  const batches: Key[][] = [];
  for (let n = 0; n < keys.length; n += keysPerBatch) batches.push(keys.slice(n, n + keysPerBatch));
  const found = await inParallel(batches, maxParallel, (batch) => getBatch(table, batch.map(toKeyItem)));
  return found.flat();
}

/** Asks again for what is left out, which DynamoDB does beyond 16 MB and when it throttles. */
async function getBatch(table: Table, keys: Item[]): Promise<Item[]> {
  const { client, tableName } = table;
  const found: Item[] = [];
  let asked = keys;
  for (let tries = 0; tries < maxTries; ) {
    const command = new BatchGetItemCommand({
      RequestItems: { [tableName]: { Keys: asked, ConsistentRead: true } },
    });
    const answer = await guarded(table, () => client.send(command));
    found.push(...(answer.Responses?.[tableName] ?? []));
    const left = answer.UnprocessedKeys?.[tableName]?.Keys ?? [];
    if (left.length === 0) return found;
    tries = left.length < asked.length ? 1 : tries + 1;
    asked = left;
    await backoff(tries);
  }
  throw new StoreError('busy', `table ${tableName}: throttled (unprocessed keys)`);
}

function projection(attributes: readonly string[]): {
  ProjectionExpression: string;
  ExpressionAttributeNames: Record<string, string>;
} {
  // By reference, because DynamoDB reserves words such as `status` and `owner`.
  return {
    ProjectionExpression: attributes.map((_, n) => `#${n}`).join(', '),
    ExpressionAttributeNames: Object.fromEntries(attributes.map((name, n) => [`#${n}`, name])),
  };
}

async function guarded<T>({ tableName }: Table, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toStoreError(error, tableName);
  }
}
