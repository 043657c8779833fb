import { placeText, placeTime } from '../audit-place.ts';
import { type AuditHead, type AuditSegment, headGraceMs, headLagMs } from '../ports/audit.ts';
import { type Item, type Key, numberOf, textOf, toKeyItem, toTtl } from './item.ts';
import { putMark } from './mark.ts';
import { auditPrefix, sortKey, type Table } from './table.ts';
import type { Write } from './transact.ts';

/**
 * Segments are in partitions of an hour, several of them so that none takes all that is written in it; a chain is in one of
 * them. In a partition they are in the order of time.
 */
export const auditShards = 8;
/** Where there is a mark for each hour in which there are segments. */
export const hoursPartition = `${auditPrefix}hours`;

export const hourMs = 3_600_000;

/** An hour as texts sort: the time it begins at. */
export function hourOf(atMs: number): string {
  return placeTime(atMs - (atMs % hourMs));
}

export function segmentPartition(hour: string, shard: number): string {
  return `${auditPrefix}segments#${hour}#${shard}`;
}

export function headPartition(shard: number): string {
  return `${auditPrefix}heads#${shard}`;
}

export function segmentKey(segment: AuditSegment): Key {
  const pk = segmentPartition(hourOf(segment.atMs), shardOf(segment.chainId, auditShards));
  return { pk, sk: placeText(segment) };
}

/** Of a random id, so that writers spread. */
export function shardOf(chainId: string, shards: number): number {
  let sum = 0;
  for (const character of chainId) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 65_521;
  return sum % shards;
}

/**
 * Marks the hour of a segment, where it is the first of its chain in it. To be done before the segment is written: what is in
 * an hour without a mark is not found. A mark of an hour in which there is nothing does no harm.
 */
export async function markHour(
  table: Table,
  { atMs, previousAtMs, expiresAtMs }: AuditSegment,
): Promise<void> {
  const hour = hourOf(atMs);
  if (previousAtMs > 0 && hourOf(previousAtMs) === hour) return;
  // Not in the transaction: all writers would meet there when an hour begins.
  await putMark(table, { pk: hoursPartition, sk: hour }, expiresAtMs + headGraceMs);
}

/**
 * What keeps a segment, for a transaction with what it tells of: it fails where another has its place. The hour must be
 * marked before. How far the chain goes is written with the first segment of each {@link headLagMs}: every item of a
 * transaction is paid for.
 */
export function segmentWrites(
  segment: AuditSegment,
  { withHead = isFirstOfItsTime(segment), ...taken }: { withHead?: boolean; orThrow?: string } = {},
): Write[] {
  const put: Write = { put: toSegmentItem(segment), only: 'absent', ...taken };
  return withHead ? [put, { put: toHeadItem(segment) }] : [put];
}

function isFirstOfItsTime({ atMs, previousAtMs }: AuditSegment): boolean {
  return Math.floor(atMs / headLagMs) !== Math.floor(previousAtMs / headLagMs);
}

function toSegmentItem(segment: AuditSegment): Item {
  const { chainId, records, previousSeal, seal, expiresAtMs } = segment;
  const { sequence, atMs, previousAtMs, previousExpiresAtMs } = segment;
  return {
    ...toKeyItem(segmentKey(segment)),
    ...texts({ chainId, records, previousSeal, seal }),
    ...numbers({ sequence, atMs, expiresAtMs, previousAtMs, previousExpiresAtMs }),
    ...toTtl(expiresAtMs),
  };
}

/** @throws StoreError `corrupt` */
export function fromSegmentItem(item: Item): AuditSegment {
  return {
    chainId: textOf(item, 'chainId'),
    sequence: numberOf(item, 'sequence'),
    atMs: numberOf(item, 'atMs'),
    expiresAtMs: numberOf(item, 'expiresAtMs'),
    records: textOf(item, 'records'),
    previousSeal: textOf(item, 'previousSeal'),
    previousAtMs: numberOf(item, 'previousAtMs'),
    previousExpiresAtMs: numberOf(item, 'previousExpiresAtMs'),
    seal: textOf(item, 'seal'),
  };
}

function toHeadItem({ chainId, sequence, seal, atMs, expiresAtMs }: AuditSegment): Item {
  return {
    ...toKeyItem({ pk: headPartition(shardOf(chainId, auditShards)), sk: chainId }),
    ...texts({ seal }),
    ...numbers({ sequence, atMs, expiresAtMs }),
    ...toTtl(expiresAtMs + headGraceMs),
  };
}

/** @throws StoreError `corrupt` */
export function fromHeadItem(item: Item): AuditHead {
  return {
    chainId: textOf(item, sortKey),
    sequence: numberOf(item, 'sequence'),
    seal: textOf(item, 'seal'),
    atMs: numberOf(item, 'atMs'),
    expiresAtMs: numberOf(item, 'expiresAtMs'),
  };
}

function texts(members: Readonly<Record<string, string>>): Item {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [name, { S: value }]));
}

function numbers(members: Readonly<Record<string, number>>): Item {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [name, { N: `${value}` }]));
}
