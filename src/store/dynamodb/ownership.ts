import { inParallel } from '../../in-parallel.ts';
import { type Owned, type OwnedTimes, ownedOf, takenAgain } from '../owned.ts';
import { checkPageSize } from '../page.ts';
import type { HeldId, Holder, OwnershipStore, Taken, TaskPage, TaskQuery } from '../ports/ownership.ts';
import { StoreError } from '../store-error.ts';
import { backoff, maxTries } from './backoff.ts';
import { claim } from './claim.ts';
import { type Item, isAlive, textOf } from './item.ts';
import { fromOwnedItem, ownedKey, ownedPartition, taskPrefix, toOwnedItem, versionOf } from './owned-item.ts';
import { putItemIf } from './put.ts';
import { getItem, getItems, maxParallel, queryPages } from './read.ts';
import { sortKey, type Table } from './table.ts';
import { TaskPageMaker } from './task-page.ts';

/**
 * Whose tasks and contexts are: for each a claim, which one owner has, and an item among the owner's own, which alone is
 * looked up. Time to live deletes both. Does not check that keys of holders are digests.
 *
 * The claims are written first, so that an item of one owner is never one of another. A take that dies in between has
 * claimed what the holder does not find yet; nobody was told of it, and taking it again mends that.
 */
export class DynamoOwnership implements OwnershipStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async held(holder: Holder, ids: readonly HeldId[], nowMs: number): Promise<boolean[]> {
    const items = await this.#itemsOf(holder, ids);
    return ids.map((id) => isAlive(items.get(ownedKey(holder, id).sk), nowMs));
  }

  async take(holder: Holder, taken: Taken, times: OwnedTimes): Promise<boolean> {
    const ids = ownedOf(taken, times);
    for (let tries = 1; ; tries++) {
      const changes = await this.#changesOf(holder, ids, times);
      const unclaimed = changes.filter(({ isClaimed }) => !isClaimed).map(({ owned }) => owned);
      if (!(await claim(this.#table, holder, unclaimed, times.nowMs))) return false;
      if (await this.#write(holder, changes)) return true;
      // A call of the same holder came before: what is to be written follows from what it wrote.
      if (tries === maxTries) throw inTheWay(this.#table);
      await backoff(tries);
    }
  }

  async tasks(holder: Holder, query: TaskQuery, nowMs: number): Promise<TaskPage> {
    checkPageSize(query.size);
    const page = new TaskPageMaker(query);
    const range = { pk: ownedPartition(holder), beginsWith: taskPrefix };
    for await (const items of queryPages(this.#table, range)) {
      page.add(items.filter((item) => isAlive(item, nowMs)).map(fromOwnedItem));
    }
    return page.made();
  }

  async forget(holder: Holder, taskId: string): Promise<void> {
    const item = await getItem(this.#table, ownedKey(holder, { kind: 'task', id: taskId }));
    if (item === undefined) return;
    const { seen, ...task } = fromOwnedItem(item);
    const forgotten = { ...task, ...(seen && { seen: { ...seen, isForgotten: true } }) };
    // One that is taken in between has been seen again, and stays.
    await putItemIf(this.#table, toOwnedItem(holder, forgotten), versionOf(item));
  }

  /** DynamoDB deletes what has expired, within days. */
  async sweep(): Promise<void> {}

  async #itemsOf(holder: Holder, ids: readonly HeldId[]): Promise<Map<string, Item>> {
    const keys = new Map(ids.map((id) => ownedKey(holder, id)).map((key) => [key.sk, key]));
    const items = await getItems(this.#table, [...keys.values()]);
    return new Map(items.map((item) => [textOf(item, sortKey), item]));
  }

  async #changesOf(holder: Holder, ids: readonly Owned[], times: OwnedTimes): Promise<Change[]> {
    const items = await this.#itemsOf(holder, ids);
    return ids
      .map((taken): Change | undefined => {
        const read = items.get(ownedKey(holder, taken).sk);
        if (!isAlive(read, times.nowMs)) return { owned: taken, read, isClaimed: false };
        const known = fromOwnedItem(read);
        const owned = takenAgain(known, taken, times.expiresAtMs);
        return owned && { owned, read, isClaimed: owned.expiresAtMs === known.expiresAtMs };
      })
      .filter((change) => change !== undefined);
  }

  /** False: an item is not as it was read. */
  async #write(holder: Holder, changes: readonly Change[]): Promise<boolean> {
    const written = await inParallel(changes, maxParallel, ({ owned, read }) =>
      putItemIf(this.#table, toOwnedItem(holder, owned), read === undefined ? 'absent' : versionOf(read)),
    );
    return written.every(Boolean);
  }
}

interface Change {
  owned: Owned;
  /** The item it is written over, expired or not. */
  read: Item | undefined;
  /** The claim lasts as long as the item will. */
  isClaimed: boolean;
}

function inTheWay({ tableName }: Table): StoreError {
  return new StoreError('busy', `table ${tableName}: other writes were in the way`);
}
