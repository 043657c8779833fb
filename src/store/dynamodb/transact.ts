import { randomUUID } from 'node:crypto';
import {
  TransactionCanceledException,
  TransactionInProgressException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { StoreError } from '../store-error.ts';
import { backoff, maxTries } from './backoff.ts';
import { type Condition, toExpression } from './condition.ts';
import { toStoreError } from './dynamodb-error.ts';
import { type Item, type Key, toKeyItem } from './item.ts';
import type { Table } from './table.ts';

export type Write = (({ put: Item } | { delete: Key }) & Conditional) | Addition;

interface Conditional {
  only?: Condition;
  /** Not to be answered but thrown, as a StoreError `corrupt` that says so: that this condition does not hold, and all others do. */
  orThrow?: string;
}

/** Adds to the numbers of an item, of which an absent one is 0, and writes other attributes over what there is. */
export interface Addition {
  addTo: Key;
  numbers: Readonly<Record<string, number>>;
  set: Readonly<Item>;
}

/** Cancellations that say nothing about the conditions. */
const retried = new Set(['TransactionConflict', 'ProvisionedThroughputExceeded', 'ThrottlingError']);

/**
 * Does all of the writes, or, when a condition does not hold, none and answers false. No two may name one item.
 *
 * Even a single write is a transaction, because of its token: DynamoDB knows a request again for 10 minutes, so one
 * whose answer was lost can be sent again. A PutItem sent again would fail the condition it has itself made false,
 * and a write that won would be reported as lost.
 *
 * @throws StoreError; the writes may then have been done or not, but of `orThrow` they have not
 */
export async function transact(table: Table, writes: readonly Write[]): Promise<boolean> {
  const input = {
    TransactItems: writes.map((write) => toTransactItem(table.tableName, write)),
    ClientRequestToken: randomUUID(),
  };
  for (let tries = 1; ; tries++) {
    try {
      await table.client.send(new TransactWriteItemsCommand(input));
      return true;
    } catch (error) {
      const outcome = outcomeOf(error);
      if (outcome === 'condition failed') return inVain(error, writes);
      if (outcome === 'refused') throw refused(table, error);
      if (outcome === 'unknown' || tries === maxTries) throw toStoreError(error, table.tableName);
    }
    await backoff(tries);
  }
}

/**
 * Makes an attempt until one is not in vain. An attempt reads, writes under the condition that what it read is still so, and
 * answers undefined where it is not.
 *
 * @throws StoreError `busy` where others are always sooner
 */
export async function untilWon<T>(
  table: Table,
  attempt: () => Promise<{ answer: T } | undefined>,
): Promise<T> {
  for (let tries = 1; tries <= maxTries; tries++) {
    const won = await attempt();
    if (won !== undefined) return won.answer;
    await backoff(tries);
  }
  throw new StoreError('busy', `table ${table.tableName}: an item is written again and again`);
}

function outcomeOf(error: unknown): 'condition failed' | 'retry' | 'refused' | 'unknown' {
  if (error instanceof TransactionInProgressException) return 'retry';
  if (!(error instanceof TransactionCanceledException)) return 'unknown';
  const codes = codesOf(error);
  if (codes.includes(conditionFailed)) return 'condition failed';
  const reasons = codes.filter((code) => code !== 'None');
  return reasons.length > 0 && reasons.every((code) => retried.has(code)) ? 'retry' : 'refused';
}

const conditionFailed = 'ConditionalCheckFailed';

/** One for each write, in their order. */
function codesOf(error: unknown): string[] {
  if (!(error instanceof TransactionCanceledException)) return [];
  return (error.CancellationReasons ?? []).map(({ Code = 'None' }) => Code);
}

function inVain(cause: unknown, writes: readonly Write[]): false {
  const codes = codesOf(cause);
  const reasons = writes
    .filter((_, n) => codes[n] === conditionFailed)
    .map((write) => ('orThrow' in write ? write.orThrow : undefined));
  const [reason] = reasons;
  if (reason !== undefined && !reasons.includes(undefined))
    throw new StoreError('corrupt', reason, { cause });
  return false;
}

function refused({ tableName }: Table, cause: unknown): StoreError {
  return new StoreError('failed', `table ${tableName}: the transaction was refused`, { cause });
}

function toTransactItem(TableName: string, write: Write) {
  if ('addTo' in write) return { Update: { TableName, Key: toKeyItem(write.addTo), ...toUpdate(write) } };
  const condition = write.only === undefined ? {} : toExpression(write.only);
  if ('put' in write) return { Put: { TableName, Item: write.put, ...condition } };
  return { Delete: { TableName, Key: toKeyItem(write.delete), ...condition } };
}

/** By reference, because DynamoDB reserves words such as `calls`. */
function toUpdate({ numbers, set }: Addition) {
  const [added, written] = [Object.entries(numbers), Object.entries(set)];
  return {
    UpdateExpression: `ADD ${added.map((_, n) => `#a${n} :a${n}`).join(', ')} SET ${written
      .map((_, n) => `#s${n} = :s${n}`)
      .join(', ')}`,
    ExpressionAttributeNames: Object.fromEntries([
      ...added.map(([name], n) => [`#a${n}`, name]),
      ...written.map(([name], n) => [`#s${n}`, name]),
    ]),
    ExpressionAttributeValues: Object.fromEntries([
      ...added.map(([, value], n) => [`:a${n}`, { N: `${value}` }]),
      ...written.map(([, value], n) => [`:s${n}`, value]),
    ]),
  };
}
