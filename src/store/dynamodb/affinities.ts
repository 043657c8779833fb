import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { AffinityStore, KeptPlace, NewPlace } from '../port.ts';
import { toStoreError } from './dynamodb-error.ts';
import { type Item, type Key, numberOf, textOf, toKeyItem } from './item.ts';
import { getItem } from './read.ts';
import { affinityPrefix, type Table, ttlAttribute } from './table.ts';

/** Places of conversations, an item each, which time to live deletes. Does not check that a key is a digest. */
export class DynamoAffinities implements AffinityStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async get(key: string): Promise<KeptPlace | undefined> {
    const item = await getItem(this.#table, itemKey(key));
    return item && { place: textOf(item, 'place'), expiresAtMs: numberOf(item, ttlAttribute) * 1_000 };
  }

  /** Without a transaction, unlike other writes: these have no condition, so one that is done twice is done. */
  async put(places: readonly NewPlace[], expiresAtMs: number): Promise<void> {
    await Promise.all(places.map((place) => this.#put(toItem(place, expiresAtMs))));
  }

  async #put(Item: Item): Promise<void> {
    const { client, tableName } = this.#table;
    try {
      await client.send(new PutItemCommand({ TableName: tableName, Item }));
    } catch (error) {
      throw toStoreError(error, tableName);
    }
  }

  /** DynamoDB deletes what has expired, within days. */
  async sweep(): Promise<void> {}
}

function itemKey(key: string): Key {
  return { pk: `${affinityPrefix}${key}`, sk: 'affinity' };
}

function toItem({ key, place }: NewPlace, expiresAtMs: number): Item {
  return {
    ...toKeyItem(itemKey(key)),
    place: { S: place },
    [ttlAttribute]: { N: `${Math.ceil(expiresAtMs / 1_000)}` },
  };
}
