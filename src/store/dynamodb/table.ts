import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** The table's partition key, a string. */
export const partitionKey = 'pk';
/** The table's sort key, a string. */
export const sortKey = 'sk';
/** Time to live, in seconds since the epoch. Places of conversations have it; nothing else expires. */
export const ttlAttribute = 'expiresAtSeconds';
/** What the partitions of conversations' places begin with: the only ones whose writing a role may be granted alone. */
export const affinityPrefix = 'affinity#';

export interface Table {
  client: DynamoDBClient;
  tableName: string;
}
