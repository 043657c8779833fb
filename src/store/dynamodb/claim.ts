import { createHash } from 'node:crypto';
import { keyText } from '../key-text.ts';
import type { Owned } from '../owned.ts';
import type { HeldId, Holder } from '../ports/ownership.ts';
import { StoreError } from '../store-error.ts';
import { maxTries } from './backoff.ts';
import type { Condition } from './condition.ts';
import { type Item, isAlive, type Key, textOf, toKeyItem, toTtl, ttlMsOf } from './item.ts';
import { putItemIf } from './put.ts';
import { getItems } from './read.ts';
import { ownedPrefix, partitionKey, type Table, ttlAttribute } from './table.ts';
import { transact } from './transact.ts';

/**
 * Claims ids at an agent for a holder, all of them or none. False: another holder has one of them. A claim of the holder's
 * own is never shortened, whatever its other calls claim meanwhile.
 *
 * @throws StoreError; the ids may then be claimed or not
 */
export async function claim(
  table: Table,
  holder: Holder,
  ids: readonly Owned[],
  nowMs: number,
): Promise<boolean> {
  let left = ids;
  for (let tries = 1; tries <= maxTries; tries++) {
    if (left.length === 0 || (await putAll(table, holder, left, nowMs))) return true;
    const found = await getItems(
      table,
      left.map((id) => claimKey(holder, id)),
    );
    const alive = found.filter((item) => isAlive(item, nowMs));
    if (alive.some((item) => textOf(item, 'owner') !== holder.ownerKey)) return false;
    // The others stand in the way by lasting longer.
    const mine = new Map(alive.map((item) => [textOf(item, partitionKey), item]));
    left = left.filter((id) => {
      const item = mine.get(claimKey(holder, id).pk);
      return item === undefined || ttlMsOf(item) < id.expiresAtMs;
    });
  }
  throw new StoreError('busy', `table ${table.tableName}: other writes were in the way`);
}

/** A single one needs no transaction: what it has written itself meets its condition. */
async function putAll(table: Table, holder: Holder, ids: readonly Owned[], nowMs: number): Promise<boolean> {
  const writes = ids.map((id) => ({ put: toClaim(holder, id), only: isFree(holder, id, nowMs) }));
  const [first, ...others] = writes;
  return first !== undefined && others.length === 0
    ? putItemIf(table, first.put, first.only)
    : transact(table, writes);
}

/** Where an agent's id is claimed, whoever has it: by a digest, since ids may be longer than keys. */
function claimKey({ agentKey }: Holder, { kind, id }: HeldId): Key {
  return { pk: `${ownedPrefix}${digestOf(JSON.stringify([agentKey, kind, id]))}`, sk: 'claim' };
}

function toClaim(holder: Holder, id: Owned): Item {
  return {
    ...toKeyItem(claimKey(holder, id)),
    owner: { S: holder.ownerKey },
    ...toTtl(id.expiresAtMs),
  };
}

function isFree({ ownerKey }: Holder, { expiresAtMs }: Owned, nowMs: number): Condition {
  return {
    ConditionExpression:
      'attribute_not_exists(#pk) OR #expiry <= :now OR (#owner = :owner AND #expiry <= :until)',
    ExpressionAttributeNames: { '#pk': partitionKey, '#expiry': ttlAttribute, '#owner': 'owner' },
    ExpressionAttributeValues: {
      // Whole seconds are not alive exactly where they are these or fewer.
      ':now': { N: `${Math.floor(nowMs / 1_000)}` },
      ':owner': { S: ownerKey },
      ':until': toTtl(expiresAtMs)[ttlAttribute] ?? { NULL: true },
    },
  };
}

/** As inside JSON, because lone surrogates have no UTF-8 of their own. */
export function digestOf(text: string): string {
  return createHash('sha256').update(keyText(text)).digest('base64url');
}
