import { randomUUID } from 'node:crypto';
import { fromKeyText, keyText } from '../key-text.ts';
import type { Owned } from '../owned.ts';
import type { HeldId, Holder } from '../ports/ownership.ts';
import { digestOf } from './claim.ts';
import { type Item, type Key, numberOf, textOf, toKeyItem, toTtl, ttlMsOf } from './item.ts';
import { ownedPrefix } from './table.ts';

/** What the sort keys of an owner's tasks begin with. */
export const taskPrefix = 'task#';

/** Where all is that an owner has at an agent. */
export function ownedPartition({ agentKey, ownerKey }: Holder): string {
  return `${ownedPrefix}${agentKey}#${ownerKey}`;
}

/** By a digest of the id, which may be longer than a key. */
export function ownedKey(holder: Holder, { kind, id }: HeldId): Key {
  return { pk: ownedPartition(holder), sk: `${kind}#${digestOf(id)}` };
}

export function toOwnedItem(holder: Holder, owned: Owned): Item {
  const { id, seen, expiresAtMs } = owned;
  return {
    ...toKeyItem(ownedKey(holder, owned)),
    ...toTtl(expiresAtMs),
    id: { S: keyText(id) },
    writeId: { S: randomUUID() },
    ...(seen && {
      statusAtMs: { N: `${seen.statusAtMs}` },
      ...(seen.state !== undefined && { state: { S: keyText(seen.state) } }),
      ...(seen.contextId !== undefined && { contextId: { S: keyText(seen.contextId) } }),
      ...(seen.isForgotten && { isForgotten: { BOOL: true } }),
    }),
  };
}

/** @throws StoreError `corrupt` */
export function fromOwnedItem(item: Item): Owned {
  const { contextId, state, statusAtMs } = item;
  return {
    kind: statusAtMs === undefined ? 'context' : 'task',
    id: fromKeyText(textOf(item, 'id')),
    expiresAtMs: ttlMsOf(item),
    ...(statusAtMs !== undefined && {
      seen: {
        ...(contextId !== undefined && { contextId: fromKeyText(textOf(item, 'contextId')) }),
        ...(state !== undefined && { state: fromKeyText(textOf(item, 'state')) }),
        statusAtMs: numberOf(item, 'statusAtMs'),
        isForgotten: item.isForgotten?.BOOL ?? false,
      },
    }),
  };
}

/** Another of every write. */
export function versionOf(item: Item): Item {
  return { writeId: { S: textOf(item, 'writeId') } };
}
