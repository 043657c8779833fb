import type { Delivery, NewDelivery } from '../ports/push.ts';
import { fromParts, maxItemBytes, toParts } from './document.ts';
import { type Key, toKeyItem, toTtl } from './item.ts';
import { deliveryPartition } from './push-keys.ts';
import { deleteItem, putItem } from './put.ts';
import { queryAll } from './read.ts';
import type { Table } from './table.ts';

/** 11 200 000 bytes: the largest body that may be set, with quotes escaped, sealed. */
const maxContentParts = 32;

/** What of a delivery never changes, wherever it stands. */
export type DeliveryContent = Pick<NewDelivery, 'deliveryId' | 'pushId' | 'agentId' | 'sealedBody'>;

/**
 * Writes the content, in items of its own: a transaction takes 4 MB, and costs twice. It is written before anything names
 * it, so a crash leaves some that nobody names, which expires.
 */
export async function putContent(table: Table, content: DeliveryContent, expiresAtMs: number): Promise<void> {
  const parts = partsOf(content);
  const items = keysOf(content, parts.length).map((key, n) => ({
    ...toKeyItem(key),
    data: { B: parts[n] ?? new Uint8Array() },
    ...toTtl(expiresAtMs),
  }));
  await Promise.all(items.map((item) => putItem(table, item)));
}

export async function getContent(table: Table, deliveryId: string): Promise<DeliveryContent | undefined> {
  const pk = deliveryPartition(deliveryId) ?? '';
  const items = await queryAll(table, { pk, beginsWith: 'part#' });
  if (items.length === 0) return undefined;
  const content = fromParts(items.map(({ data }) => data?.B ?? new Uint8Array()));
  // The only writer of these items is `putContent`.
  return { deliveryId, ...(content as Omit<DeliveryContent, 'deliveryId'>) };
}

/** Deletes what nothing names any more. Where that fails, it expires. */
export async function dropContent(table: Table, content: DeliveryContent): Promise<void> {
  const keys = keysOf(content, partsOf(content).length);
  await Promise.allSettled(keys.map((key) => deleteItem(table, key)));
}

export function contentOf({
  deliveryId,
  pushId,
  agentId,
  sealedBody,
}: Delivery | NewDelivery): DeliveryContent {
  return { deliveryId, pushId, agentId, sealedBody };
}

function partsOf({ deliveryId: _, ...content }: DeliveryContent): Uint8Array[] {
  return toParts(content, maxItemBytes, maxContentParts);
}

function keysOf({ deliveryId }: DeliveryContent, parts: number): Key[] {
  const pk = deliveryPartition(deliveryId);
  if (pk === undefined) throw new TypeError('a delivery id of this length cannot be stored');
  // Two digits, so that a query answers them in their order.
  return Array.from({ length: parts }, (_, n) => ({ pk, sk: `part#${`${n}`.padStart(2, '0')}` }));
}
