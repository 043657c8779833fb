import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
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

/** Deletes an item, if it is there. Without a transaction, as `putItem`. */
export async function deleteItem({ client, tableName }: Table, key: Key): Promise<void> {
  try {
    await client.send(new DeleteItemCommand({ TableName: tableName, Key: toKeyItem(key) }));
  } catch (error) {
    throw toStoreError(error, tableName);
  }
}
