import type { AffinityStore, KeptPlace, NewPlace } from '../port.ts';
import { type Item, type Key, textOf, toKeyItem, toTtl, ttlMsOf } from './item.ts';
import { putItem } from './put.ts';
import { getItem } from './read.ts';
import { affinityPrefix, type Table } from './table.ts';

/** Places of conversations, an item each, which time to live deletes. Does not check that a key is a digest. */
export class DynamoAffinities implements AffinityStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async get(key: string): Promise<KeptPlace | undefined> {
    const item = await getItem(this.#table, itemKey(key));
    return item && { place: textOf(item, 'place'), expiresAtMs: ttlMsOf(item) };
  }

  async put(places: readonly NewPlace[], expiresAtMs: number): Promise<void> {
    await Promise.all(places.map((place) => putItem(this.#table, toItem(place, expiresAtMs))));
  }

  /** DynamoDB deletes what has expired, within days. */
  async sweep(): Promise<void> {}
}

function itemKey(key: string): Key {
  return { pk: `${affinityPrefix}${key}`, sk: 'affinity' };
}

function toItem({ key, place }: NewPlace, expiresAtMs: number): Item {
  return { ...toKeyItem(itemKey(key)), place: { S: place }, ...toTtl(expiresAtMs) };
}
