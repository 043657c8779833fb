import { type Key, toKeyItem, toTtl } from './item.ts';
import { putItemIf } from './put.ts';
import { partitionKey, type Table, ttlAttribute } from './table.ts';

/**
 * Puts an item that says nothing but that it is there, until that time or, where another has put it already, until the later:
 * what it leads to may be kept for longer than what this writer keeps.
 */
export async function putMark(table: Table, key: Key, untilMs: number): Promise<void> {
  const ttl = toTtl(untilMs);
  await putItemIf(
    table,
    { ...toKeyItem(key), ...ttl },
    {
      ConditionExpression: 'attribute_not_exists(#pk) OR #ttl < :ttl',
      ExpressionAttributeNames: { '#pk': partitionKey, '#ttl': ttlAttribute },
      ExpressionAttributeValues: { ':ttl': ttl[ttlAttribute] },
    },
  );
}
