import { randomUUID } from 'node:crypto';
import type { Lease } from '../ports/push.ts';
import type { Condition } from './condition.ts';
import { type Item, type Key, numberOf, textOf, toKeyItem, toTtl, ttlMsOf } from './item.ts';
import { dueKey, webhookPartition } from './push-keys.ts';
import { getItem } from './read.ts';
import type { Table } from './table.ts';
import type { Write } from './transact.ts';

/**
 * A webhook's lane. Its first delivery stands in the lane's own item, each of the others in an item behind it; their numbers
 * run without a gap, so the next one is found without a query, and its order is that of the lane's own writes.
 */
export interface Lane {
  pushId: string;
  expiresAtMs: number;
  /** Absent: nothing waits. */
  first?: FirstInLane;
  /** How many wait behind the first. */
  behind: number;
  /** The number of the last one that was ever put behind another. */
  tail: number;
  lease?: Lease;
}

export interface Waiting {
  deliveryId: string;
  acceptedAtMs: number;
}

export interface FirstInLane extends Waiting {
  attempts: number;
  dueAtMs: number;
}

/** As it was read. */
export interface LaneItem extends Lane {
  /** New with every write: tells a lane from the one it was, and from one made again. */
  writeId: string;
}

export async function readLane(table: Table, pushId: string): Promise<LaneItem | undefined> {
  const key = laneKey(pushId);
  const item = key && (await getItem(table, key));
  return item && fromItem(pushId, item);
}

export function waitingIn({ first, behind }: Lane): number {
  return (first === undefined ? 0 : 1) + behind;
}

/** With one more, and the write of its item where it is not the first. */
export function withLast(lane: Lane, waiting: Waiting): { lane: Lane; writes: Write[] } {
  if (lane.first === undefined) {
    return {
      lane: { ...lane, first: { ...waiting, attempts: 0, dueAtMs: waiting.acceptedAtMs } },
      writes: [],
    };
  }
  const after = { ...lane, behind: lane.behind + 1, tail: lane.tail + 1 };
  return { lane: after, writes: [{ put: toWaitingItem(after, waiting) }] };
}

/** Without its first; the next one is read. A lane in which nothing waits is nobody's. */
export async function withoutFirst(table: Table, lane: Lane): Promise<{ lane: Lane; writes: Write[] }> {
  const { first: _, lease, ...rest } = lane;
  if (lane.behind === 0) return { lane: rest, writes: [] };
  const key = waitingKey(lane, lane.tail - lane.behind + 1);
  const item = (await getItem(table, key)) ?? {};
  const waiting = { deliveryId: textOf(item, 'deliveryId'), acceptedAtMs: numberOf(item, 'acceptedAtMs') };
  const first = { ...waiting, attempts: 0, dueAtMs: waiting.acceptedAtMs };
  return {
    lane: { ...rest, ...(lease !== undefined && { lease }), first, behind: lane.behind - 1 },
    writes: [{ delete: key }],
  };
}

/** Makes a lane in which nothing waits. */
export function newLaneWrites(pushId: string, expiresAtMs: number): Write[] {
  return [{ put: toItem({ pushId, expiresAtMs, behind: 0, tail: 0 }) }];
}

/** Writes the lane over what was read, on the condition that it is still so, and what is due with it. */
export function laneWrites(old: LaneItem, lane: Lane): Write[] {
  const [before, after] = [readyKey(old), readyKey(lane)];
  const write: Write = { put: toItem(lane), only: conditionOf(old) };
  if (before?.sk === after?.sk) return [write];
  return [
    write,
    ...(before === undefined ? [] : [{ delete: before }]),
    ...(after === undefined ? [] : [{ put: { ...toKeyItem(after), ...toTtl(lane.expiresAtMs) } }]),
  ];
}

/** Deletes the lane as it was read. What waits behind its first is then nobody's, and expires. */
export function laneDeletion(old: LaneItem): Write[] {
  const due = readyKey(old);
  return [{ delete: keyOf(old), only: conditionOf(old) }, ...(due === undefined ? [] : [{ delete: due }])];
}

/** When the lane can be taken: its first is due, and who has it has let go of it or is late. */
function readyKey({ pushId, first, lease }: Lane): Key | undefined {
  return first && dueKey(pushId, Math.max(first.dueAtMs, lease?.untilMs ?? 0));
}

function conditionOf({ writeId }: LaneItem): Condition {
  return { writeId: { S: writeId } };
}

/** Undefined for a text that can be no key, so no webhook's id. */
function laneKey(pushId: string): Key | undefined {
  const pk = webhookPartition(pushId);
  return pk === undefined ? undefined : { pk, sk: 'lane' };
}

function keyOf({ pushId }: Lane): Key {
  const key = laneKey(pushId);
  if (key === undefined) throw new TypeError('a webhook id of this length cannot be stored');
  return key;
}

function waitingKey(lane: Lane, number: number): Key {
  return { pk: keyOf(lane).pk, sk: `waiting#${number}` };
}

function toWaitingItem(lane: Lane, { deliveryId, acceptedAtMs }: Waiting): Item {
  return {
    ...toKeyItem(waitingKey(lane, lane.tail)),
    deliveryId: { S: deliveryId },
    acceptedAtMs: { N: `${acceptedAtMs}` },
    ...toTtl(lane.expiresAtMs),
  };
}

function toItem(lane: Lane): Item {
  const { first, lease } = lane;
  return {
    ...toKeyItem(keyOf(lane)),
    writeId: { S: randomUUID() },
    behind: { N: `${lane.behind}` },
    tail: { N: `${lane.tail}` },
    ...(first !== undefined && {
      deliveryId: { S: first.deliveryId },
      acceptedAtMs: { N: `${first.acceptedAtMs}` },
      attempts: { N: `${first.attempts}` },
      dueAtMs: { N: `${first.dueAtMs}` },
    }),
    ...(lease !== undefined && {
      leaseId: { S: lease.leaseId },
      leaseUntilMs: { N: `${lease.untilMs}` },
    }),
    ...toTtl(lane.expiresAtMs),
  };
}

function fromItem(pushId: string, item: Item): LaneItem {
  return {
    pushId,
    writeId: textOf(item, 'writeId'),
    expiresAtMs: ttlMsOf(item),
    behind: numberOf(item, 'behind'),
    tail: numberOf(item, 'tail'),
    ...(item.deliveryId !== undefined && {
      first: {
        deliveryId: textOf(item, 'deliveryId'),
        acceptedAtMs: numberOf(item, 'acceptedAtMs'),
        attempts: numberOf(item, 'attempts'),
        dueAtMs: numberOf(item, 'dueAtMs'),
      },
    }),
    ...(item.leaseId !== undefined && {
      lease: { leaseId: textOf(item, 'leaseId'), untilMs: numberOf(item, 'leaseUntilMs') },
    }),
  };
}
