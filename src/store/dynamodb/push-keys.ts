import { createHash } from 'node:crypto';
import { keyText } from '../key-text.ts';
import type { Holder } from '../ports/ownership.ts';
import { isPartitionKey, type Key } from './item.ts';
import { pushPrefix } from './table.ts';

/** Where every dead letter has an entry. */
export const deadLettersPartition = `${pushPrefix}dead-letters`;

/** A partition of DynamoDB takes 1,000 writes a second; what is due is written with every step of every delivery. */
const dueShards = 8;
const timeDigits = 16;

export const duePartitions: readonly string[] = Array.from({ length: dueShards }, (_, n) => duePartition(n));

/** A webhook's own partition: its configuration, its lane, and what waits there. Undefined for what can be no key. */
export function webhookPartition(pushId: string): string | undefined {
  return partitionOf('webhook', pushId);
}

/** What a delivery holds, and the mark of one that is dead. Undefined for what can be no key. */
export function deliveryPartition(deliveryId: string): string | undefined {
  return partitionOf('delivery', deliveryId);
}

/** Which webhooks a holder has set for a task. By digests, because ids of strangers may be longer than a key. */
export function taskPartition({ agentKey, ownerKey }: Holder, taskId: string): string {
  return `${pushPrefix}task#${digestOf(JSON.stringify([agentKey, ownerKey, taskId]))}`;
}

/** A webhook in the partition of its task. */
export function taskEntryKey(pk: string, configId: string): Key {
  return { pk, sk: `config#${digestOf(JSON.stringify(configId))}` };
}

/** When a lane can be taken next. By the time first, in one of a few partitions. */
export function dueKey(pushId: string, readyAtMs: number): Key {
  const [byte = 0] = createHash('sha256').update(pushId).digest();
  return { pk: duePartition(byte % dueShards), sk: `${timeText(readyAtMs)}#${pushId}` };
}

/** A time as texts that sort as times do. What is due at a time sorts right behind its text. */
export function timeText(ms: number): string {
  return `${ms}`.padStart(timeDigits, '0');
}

/** Behind every time. */
export const endOfTime = '~';

function duePartition(shard: number): string {
  return `${pushPrefix}due#${shard}`;
}

function partitionOf(kind: string, id: string): string | undefined {
  const pk = `${pushPrefix}${kind}#${keyText(id)}`;
  return isPartitionKey(pk) ? pk : undefined;
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
