import { deadLetterPlace } from '../dead-letter-place.ts';
import { checkPageSize } from '../page.ts';
import type { Page, PageRequest } from '../port.ts';
import type { DeadLetter } from '../ports/push.ts';
import { type Item, isAlive, type Key, numberOf, textOf, toKeyItem, toTtl, ttlMsOf } from './item.ts';
import { deadLettersPartition, deliveryPartition } from './push-keys.ts';
import { getItem, queryAll } from './read.ts';
import type { Table } from './table.ts';
import type { Write } from './transact.ts';

/** As it is found by its id. */
export interface DeadMark {
  deliveryId: string;
  pushId: string;
  expiresAtMs: number;
  /** Where it stands among all. */
  place: string;
  /** Deletes the dead letter, on the condition that it is there. */
  deletion: Write[];
}

/** A dead letter as an entry, by which it is listed, and a mark beside its content, by which it is found. */
export function deadLetterWrites(letter: DeadLetter, expiresAtMs: number): Write[] {
  const { deliveryId, pushId, agentId } = letter;
  const place = deadLetterPlace(letter.diedAtMs, deliveryId);
  const entry: Item = {
    ...toKeyItem(entryKey(place)),
    deliveryId: { S: deliveryId },
    pushId: { S: pushId },
    agentId: { S: agentId },
    acceptedAtMs: { N: `${letter.acceptedAtMs}` },
    diedAtMs: { N: `${letter.diedAtMs}` },
    attempts: { N: `${letter.attempts}` },
    problem: { S: letter.problem },
    ...toTtl(expiresAtMs),
  };
  const key = markKey(deliveryId);
  if (key === undefined) throw new TypeError('a delivery id of this length cannot be stored');
  const mark = { ...toKeyItem(key), pushId: { S: pushId }, place: { S: place }, ...toTtl(expiresAtMs) };
  return [{ put: entry }, { put: mark }];
}

export async function readDeadMark(table: Table, deliveryId: string): Promise<DeadMark | undefined> {
  const key = markKey(deliveryId);
  const item = key && (await getItem(table, key));
  if (key === undefined || item === undefined) return undefined;
  const place = textOf(item, 'place');
  return {
    deliveryId,
    pushId: textOf(item, 'pushId'),
    expiresAtMs: ttlMsOf(item),
    place,
    deletion: [{ delete: key, only: 'present' }, { delete: entryKey(place) }],
  };
}

export async function readDeadLetter(
  table: Table,
  deliveryId: string,
  nowMs: number,
): Promise<DeadLetter | undefined> {
  const mark = await readDeadMark(table, deliveryId);
  const entry = mark && (await getItem(table, entryKey(mark.place)));
  return isAlive(entry, nowMs) ? fromEntry(entry) : undefined;
}

/** Reads every entry there is: its number is asked for too, and one that has expired may still be there. */
export async function listDeadLetters(
  table: Table,
  { agentId }: { agentId?: string },
  { size, after = '' }: PageRequest,
  nowMs: number,
): Promise<Page<DeadLetter>> {
  checkPageSize(size);
  const entries = await queryAll(table, { pk: deadLettersPartition });
  const those = entries
    .filter((entry) => ttlMsOf(entry) > nowMs)
    .map(fromEntry)
    .filter((letter) => agentId === undefined || letter.agentId === agentId)
    .map((letter) => ({ letter, place: deadLetterPlace(letter.diedAtMs, letter.deliveryId) }));
  const ahead = those.filter(({ place }) => place > after);
  const chosen = ahead.slice(0, size);
  const next = ahead.length > size ? chosen.at(-1)?.place : undefined;
  return {
    items: chosen.map(({ letter }) => letter),
    ...(next !== undefined && { next }),
    totalSize: those.length,
  };
}

function entryKey(place: string): Key {
  return { pk: deadLettersPartition, sk: place };
}

/** Undefined for a text that can be no key, so no delivery's id. */
function markKey(deliveryId: string): Key | undefined {
  const pk = deliveryPartition(deliveryId);
  return pk === undefined ? undefined : { pk, sk: 'dead' };
}

function fromEntry(item: Item): DeadLetter {
  return {
    deliveryId: textOf(item, 'deliveryId'),
    pushId: textOf(item, 'pushId'),
    agentId: textOf(item, 'agentId'),
    acceptedAtMs: numberOf(item, 'acceptedAtMs'),
    diedAtMs: numberOf(item, 'diedAtMs'),
    attempts: numberOf(item, 'attempts'),
    problem: textOf(item, 'problem'),
  };
}
