import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { StoreError } from '../store-error.ts';
import { partitionKey, sortKey, ttlAttribute } from './table.ts';

export type Item = Record<string, AttributeValue>;

export interface Key {
  pk: string;
  sk: string;
}

/** What DynamoDB takes, in bytes of UTF-8. */
const maxPartitionKeyBytes = 2_048;
const maxSortKeyBytes = 1_024;

export function isPartitionKey(text: string): boolean {
  return text !== '' && Buffer.byteLength(text) <= maxPartitionKeyBytes;
}

export function isSortKey(text: string): boolean {
  return text !== '' && Buffer.byteLength(text) <= maxSortKeyBytes;
}

export function toKeyItem({ pk, sk }: Key): Item {
  return { [partitionKey]: { S: pk }, [sortKey]: { S: sk } };
}

/** @throws StoreError `corrupt` when the item has no such text */
export function textOf(item: Item, attribute: string): string {
  return item[attribute]?.S ?? absent(attribute);
}

/** @throws StoreError `corrupt` when the item has no such number */
export function numberOf(item: Item, attribute: string): number {
  return Number(item[attribute]?.N ?? absent(attribute));
}

/** When the item expires, rounded up to what time to live counts in. */
export function toTtl(expiresAtMs: number): Record<typeof ttlAttribute, AttributeValue> {
  return { [ttlAttribute]: { N: `${Math.ceil(expiresAtMs / 1_000)}` } };
}

/** @throws StoreError `corrupt` when the item does not expire */
export function ttlMsOf(item: Item): number {
  return numberOf(item, ttlAttribute) * 1_000;
}

/**
 * Whether the item is there and has not expired, deleted or not.
 * @throws StoreError `corrupt` when it does not expire
 */
export function isAlive(item: Item | undefined, nowMs: number): item is Item {
  return item !== undefined && ttlMsOf(item) > nowMs;
}

/** @throws StoreError `corrupt` when the text is no JSON */
export function parsedOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new StoreError('corrupt', 'an item holds a text that is not as this version writes it', {
      cause: error,
    });
  }
}

function absent(attribute: string): never {
  throw new StoreError('corrupt', `an item has no ${attribute} as this version writes it`);
}
