import { checkPageSize } from '../page.ts';
import type { AuditPageRequest, UsageFilter, UsagePage, UsageRow, UsageStore } from '../ports/audit.ts';
import { isAlive, textOf } from './item.ts';
import { queryMerged } from './merge.ts';
import { queryAll } from './read.ts';
import { sortKey, type Table } from './table.ts';
import { daysPartition, fromUsageItem, usagePartition, usageShards } from './usage-item.ts';

/** Days and items a page of a list looks into: then the next one goes on, however few were found. */
const daysAtOnce = 12;
const lookedAtOnce = 1_200;

const shards = Array.from({ length: usageShards }, (_, shard) => shard);

/** What was used, in partitions of days. What several writers have added is put together when it is read. */
export class DynamoUsage implements UsageStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async list(filter: UsageFilter, { size, after = '' }: AuditPageRequest): Promise<UsagePage> {
    checkPageSize(size);
    const [, firstDay = filter.from, behind = ''] = /^(\d{4}-\d\d-\d\d)#([0-9a-f]*)$/.exec(after) ?? [];
    const rows: UsageRow[] = [];
    let looked = 0;
    for (const day of await this.#days(firstDay < filter.from ? filter.from : firstDay, filter.to)) {
      let next = `${day}#${day === firstDay ? behind : ''}`;
      if (looked >= lookedAtOnce) return { rows, next };
      looked += lookedAtOnce / daysAtOnce;
      for await (const { key, row } of this.#day(day, next.slice(day.length + 1), filter.nowMs, size + 1)) {
        looked++;
        const isWanted = row !== undefined && matches(row, filter);
        if (isWanted && rows.length === size) return { rows, next };
        if (isWanted) rows.push(row);
        next = `${day}#${key}`;
        if (looked >= lookedAtOnce) return { rows, next };
      }
    }
    return { rows };
  }

  /** DynamoDB deletes what has expired, within days. */
  async sweep(): Promise<void> {}

  /** On which there may be anything: both included. */
  async #days(from: string, to: string): Promise<string[]> {
    const marks = await queryAll(this.#table, { pk: daysPartition });
    return marks.map((mark) => textOf(mark, sortKey)).filter((day) => day >= from && day <= to);
  }

  /** What all writers have added, behind a key; undefined for what has expired. */
  async *#day(day: string, behind: string, nowMs: number, wanted: number): AsyncGenerator<Keyed> {
    const partitions = shards.map((shard) => usagePartition(day, shard));
    // No key has such a letter: it is behind the one given, and before all others.
    const range = { from: behind === '' ? '0' : `${behind}~`, to: '~' };
    let open: Keyed | undefined;
    for await (const item of queryMerged(this.#table, partitions, range, wanted)) {
      const key = textOf(item, sortKey);
      const row = isAlive(item, nowMs) ? fromUsageItem(day, item) : undefined;
      if (open?.key === key) open.row = summed(open.row, row);
      else {
        if (open !== undefined) yield open;
        open = { key, row };
      }
    }
    if (open !== undefined) yield open;
  }
}

interface Keyed {
  key: string;
  row: UsageRow | undefined;
}

function matches(row: UsageRow, { issuer, subject, agentId }: UsageFilter): boolean {
  return (
    (issuer === undefined || row.issuer === issuer) &&
    (subject === undefined || row.subject === subject) &&
    (agentId === undefined || row.agentId === agentId)
  );
}

function summed(one: UsageRow | undefined, other: UsageRow | undefined): UsageRow | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return {
    ...one,
    ...other,
    calls: one.calls + other.calls,
    errors: one.errors + other.errors,
    streams: one.streams + other.streams,
    streamMs: one.streamMs + other.streamMs,
    requestBytes: one.requestBytes + other.requestBytes,
    responseBytes: one.responseBytes + other.responseBytes,
  };
}
