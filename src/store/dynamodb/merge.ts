import type { Item } from './item.ts';
import { textOf } from './item.ts';
import { queryInOrder, type SortedRange } from './read.ts';
import { sortKey, type Table } from './table.ts';

/**
 * The items of a range in several partitions, in the order of their sort keys as if they were one. So many are read of each
 * at a time.
 */
export async function* queryMerged(
  table: Table,
  pks: readonly string[],
  range: Omit<SortedRange, 'pk'>,
  wanted: number,
): AsyncGenerator<Item, void, undefined> {
  const sources = pks.map((pk) => queryInOrder(table, { pk, ...range }, wanted));
  const sign = range.isDescending === true ? -1 : 1;
  const firsts = await Promise.all(sources.map((source) => source.next()));
  for (;;) {
    let first: { at: number; item: Item; key: string } | undefined;
    for (const [at, { done, value: item }] of firsts.entries()) {
      if (done === true || item === undefined) continue;
      const key = textOf(item, sortKey);
      if (first === undefined || sign * compared(key, first.key) < 0) first = { at, item, key };
    }
    if (first === undefined) return;
    yield first.item;
    const source = sources[first.at];
    if (source !== undefined) firsts[first.at] = await source.next();
  }
}

function compared(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
