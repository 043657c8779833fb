import { placeText, placeTime } from '../audit-place.ts';
import { checkPageSize } from '../page.ts';
import type {
  AuditHead,
  AuditPage,
  AuditPageRequest,
  AuditRange,
  AuditSegment,
  AuditStore,
  UsageDelta,
} from '../ports/audit.ts';
import {
  auditShards,
  fromHeadItem,
  fromSegmentItem,
  headPartition,
  hourMs,
  hourOf,
  hoursPartition,
  markHour,
  segmentKey,
  segmentPartition,
  segmentWrites,
} from './audit-item.ts';
import { type Item, textOf } from './item.ts';
import { queryMerged } from './merge.ts';
import { getItem, queryAll, queryPages, type SortedRange } from './read.ts';
import { sortKey, type Table } from './table.ts';
import { transact } from './transact.ts';
import { markDays, usageWrite } from './usage-item.ts';

/** Hours and segments a page of a list looks into: then the next one goes on, however few were found. */
const hoursAtOnce = 24;
const lookedAtOnce = 1_200;
/** Segments of a partition read at a time: 8 MB with the others of its hour, at the most. */
const scannedAtOnce = 4;

const shards = Array.from({ length: auditShards }, (_, shard) => shard);

/** The trail in partitions of hours. Time to live deletes it, within days of its end. */
export class DynamoAudit implements AuditStore {
  readonly #table: Table;
  readonly #markedDays = new Set<string>();

  constructor(table: Table) {
    this.#table = table;
  }

  async append(segment: AuditSegment, usage: readonly UsageDelta[]): Promise<boolean> {
    await Promise.all([markHour(this.#table, segment), markDays(this.#table, usage, this.#markedDays)]);
    const added = await Promise.all(usage.map((delta) => usageWrite(delta, segment.chainId)));
    if (await transact(this.#table, [...segmentWrites(segment), ...added])) return true;
    const there = await getItem(this.#table, segmentKey(segment), ['seal']);
    return there?.seal?.S === segment.seal;
  }

  async list({ fromMs, toMs, nowMs }: AuditRange, { size, after }: AuditPageRequest): Promise<AuditPage> {
    checkPageSize(size);
    const from = placeTime(Math.max(0, fromMs));
    const before = earlier(placeTime(Math.max(0, toMs)), after);
    const segments: AuditSegment[] = [];
    let looked = 0;
    for (const hour of await this.#hoursBefore(before, hourOf(Math.max(0, fromMs)))) {
      if (looked >= lookedAtOnce) return { segments, next: endOf(hour) };
      looked += lookedAtOnce / hoursAtOnce;
      for await (const item of this.#hour(hour, { from, to: before, isDescending: true }, size + 1)) {
        looked++;
        const segment = fromSegmentItem(item);
        const isOpen = textOf(item, sortKey) < before && segment.expiresAtMs > nowMs;
        const last = segments.at(-1);
        if (isOpen && segments.length === size && last !== undefined)
          return { segments, next: placeText(last) };
        if (isOpen) segments.push(segment);
        if (looked >= lookedAtOnce) return { segments, next: textOf(item, sortKey) };
      }
    }
    return { segments };
  }

  async scan(): Promise<AsyncIterable<AuditSegment>> {
    return this.#segments();
  }

  async heads(): Promise<AsyncIterable<AuditHead>> {
    return this.#heads();
  }

  /** DynamoDB deletes what has expired, within days. */
  async sweep(): Promise<void> {}

  async *#segments(): AsyncGenerator<AuditSegment> {
    for (const hour of await this.#hours()) {
      const whole = { from: hour, to: endOf(hour) };
      for await (const item of this.#hour(hour, whole, scannedAtOnce)) yield fromSegmentItem(item);
    }
  }

  async *#heads(): AsyncGenerator<AuditHead> {
    for (const shard of shards) {
      for await (const items of queryPages(this.#table, { pk: headPartition(shard) }))
        yield* items.map(fromHeadItem);
    }
  }

  #hour(hour: string, range: Omit<SortedRange, 'pk'>, wanted: number): AsyncGenerator<Item> {
    const partitions = shards.map((shard) => segmentPartition(hour, shard));
    return queryMerged(this.#table, partitions, range, wanted);
  }

  /** In their order. */
  async #hours(): Promise<string[]> {
    const marks = await queryAll(this.#table, { pk: hoursPartition });
    return marks.map((mark) => textOf(mark, sortKey));
  }

  /** The last one first. */
  async #hoursBefore(before: string, from: string): Promise<string[]> {
    const hours = await this.#hours();
    return hours.filter((hour) => hour < before && hour >= from).toReversed();
  }
}

function earlier(one: string, other = one): string {
  return other < one ? other : one;
}

/** After all that is in the hour, and before all that is later. */
function endOf(hour: string): string {
  return placeTime(Number(hour) + hourMs);
}
