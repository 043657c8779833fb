import { ConditionalCheckFailedException, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { LRUCache } from 'lru-cache';
import type { CounterChange, CounterStore, CounterTimes } from '../ports/counters.ts';
import { toExpression } from './condition.ts';
import { toStoreError } from './dynamodb-error.ts';
import { type Key, textOf, toKeyItem, toTtl } from './item.ts';
import { getItem } from './read.ts';
import { counterPrefix, type Table } from './table.ts';
import { untilWon } from './transact.ts';

const maxRemembered = 10_000;

interface Waiting {
  /** Applies its change to a record; answers the record then. */
  apply(kept: string | undefined): string | undefined;
  expiresAtMs: number;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * What callers have had of their limits, an item each, which time to live deletes. An item is written under the condition
 * that it is still what the change was made of; where it is not, DynamoDB answers with what it is, so that a change by one
 * process alone is one write and no read. Changes of one process that meet are written together.
 *
 * A write whose answer was lost is sent again by the client, finds what it wrote itself, and is made once more: a caller then
 * has had one more than it had.
 */
export class DynamoCounters implements CounterStore {
  readonly #table: Table;
  /** As last seen here. Others may have written since, which the condition tells. */
  readonly #seen = new LRUCache<string, string>({ max: maxRemembered });
  readonly #waiting = new Map<string, Waiting[]>();

  constructor(table: Table) {
    this.#table = table;
  }

  update<T>(key: string, change: CounterChange<T>, { expiresAtMs }: CounterTimes): Promise<T> {
    return new Promise((resolve, reject) => {
      let answer: T;
      const apply = (kept: string | undefined) => {
        const changed = change(kept);
        answer = changed.answer;
        return changed.record ?? kept;
      };
      this.#add(key, { apply, expiresAtMs, resolve: () => resolve(answer), reject });
    });
  }

  #add(key: string, change: Waiting): void {
    const waiting = this.#waiting.get(key);
    if (waiting !== undefined) return void waiting.push(change);
    this.#waiting.set(key, [change]);
    void this.#work(key);
  }

  /** One write after the other, each of all that has come meanwhile. */
  async #work(key: string): Promise<void> {
    for (;;) {
      const changes = this.#waiting.get(key)?.splice(0) ?? [];
      if (changes.length === 0) break;
      try {
        await this.#apply(key, changes);
        for (const { resolve } of changes) resolve();
      } catch (error) {
        for (const { reject } of changes) reject(error);
      }
    }
    this.#waiting.delete(key);
  }

  async #apply(key: string, changes: readonly Waiting[]): Promise<void> {
    const expiresAtMs = Math.max(...changes.map((change) => change.expiresAtMs));
    const made = (kept: string | undefined) => changes.reduce((record, { apply }) => apply(record), kept);
    let kept = this.#seen.get(key);
    let isOfBefore = kept !== undefined;
    kept ??= await this.#read(key);
    await untilWon(this.#table, async () => {
      let record = made(kept);
      if (record === kept && isOfBefore) {
        // What leaves a record as it is has to be judged by what the record is now.
        kept = await this.#read(key);
        isOfBefore = false;
        record = made(kept);
      }
      if (record === undefined || record === kept) return { answer: undefined };
      const found = await this.#put(key, { record, kept, expiresAtMs });
      this.#remember(key, found.record);
      kept = found.record;
      isOfBefore = false;
      return found.isWritten ? { answer: undefined } : undefined;
    });
  }

  async #read(key: string): Promise<string | undefined> {
    const item = await getItem(this.#table, keyOf(key));
    return item && textOf(item, 'record');
  }

  /** Writes a record in the place of the one that is kept. Answers what is there then. */
  async #put(
    key: string,
    { record, kept, expiresAtMs }: { record: string; kept: string | undefined; expiresAtMs: number },
  ): Promise<{ isWritten: boolean; record: string | undefined }> {
    const { client, tableName } = this.#table;
    const put = new PutItemCommand({
      TableName: tableName,
      Item: { ...toKeyItem(keyOf(key)), record: { S: record }, ...toTtl(expiresAtMs) },
      ...toExpression(kept === undefined ? 'absent' : { record: { S: kept } }),
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    try {
      await client.send(put);
      return { isWritten: true, record };
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw toStoreError(error, tableName);
      return { isWritten: false, record: error.Item && textOf(error.Item, 'record') };
    }
  }

  #remember(key: string, record: string | undefined): void {
    if (record === undefined) this.#seen.delete(key);
    else this.#seen.set(key, record);
  }
}

function keyOf(key: string): Key {
  return { pk: `${counterPrefix}${key}`, sk: 'counter' };
}
