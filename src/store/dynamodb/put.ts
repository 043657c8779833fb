import { ConditionalCheckFailedException, DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { type Condition, toExpression } from './condition.ts';
import { toStoreError } from './dynamodb-error.ts';
import { type Item, type Key, toKeyItem } from './item.ts';
import type { Table } from './table.ts';

/** Writes an item over what there is. Without a transaction: it has no condition, so one that is done twice is done. */
export async function putItem({ client, tableName }: Table, Item: Item): Promise<void> {
  try {
    await client.send(new PutItemCommand({ TableName: tableName, Item }));
  } catch (error) {
    throw toStoreError(error, tableName);
  }
}

/**
 * The same under a condition; false where it does not hold. Half of what a transaction costs, for who can bear what that
 * one prevents: a put whose answer was lost is sent again, and may answer false because it was done.
 */
export async function putItemIf(
  { client, tableName }: Table,
  Item: Item,
  condition: Condition,
): Promise<boolean> {
  try {
    await client.send(new PutItemCommand({ TableName: tableName, Item, ...toExpression(condition) }));
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw toStoreError(error, tableName);
  }
}

/** Deletes an item, where it is there. */
export async function deleteItem({ client, tableName }: Table, key: Key): Promise<void> {
  try {
    await client.send(new DeleteItemCommand({ TableName: tableName, Key: toKeyItem(key) }));
  } catch (error) {
    throw toStoreError(error, tableName);
  }
}
