import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** The table's partition key, a string. */
export const partitionKey = 'pk';
/** The table's sort key, a string. */
export const sortKey = 'sk';
/**
 * Time to live, in seconds since the epoch. Places of conversations, what processes tell of agents, whose tasks and contexts
 * are, webhooks with what is on its way to them, revocations, what callers have had of their limits, the trail and what was used
 * have it; nothing else expires.
 */
export const ttlAttribute = 'expiresAtSeconds';
/** What the partitions of conversations' places begin with. Their writing may be granted to a role alone. */
export const affinityPrefix = 'affinity#';
/** What the partitions of agents' health begin with. Their writing may be granted to a role alone. */
export const healthPrefix = 'health#';
/** What all partitions of webhooks begin with. Their writing may be granted to a role alone. */
export const pushPrefix = 'push-';
/** What the partitions of tasks' and contexts' owners begin with. Their writing may be granted to a role alone. */
export const ownedPrefix = 'owned#';
/** Where all revocations are. */
export const revocationsPartition = 'revocations';

/** What the partitions of callers' limits begin with. Their writing may be granted to a role alone. */
export const counterPrefix = 'limit#';

/** What all partitions of the trail begin with. Their writing may be granted to a role alone. */
export const auditPrefix = 'audit#';
/** What the partitions of what was used begin with. Their writing may be granted to a role alone. */
export const usagePrefix = 'usage#';

export interface Table {
  client: DynamoDBClient;
  tableName: string;
}
