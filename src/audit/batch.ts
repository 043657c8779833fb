import { utf8Length } from '../protocol/bytes.ts';
import { maxSegmentBytes, maxUsageDeltas, type UsageDelta } from '../store/ports/audit.ts';
import { type CallEvent, lineOf, type Omission, omissionLine } from './call-record.ts';
import { Use } from './use.ts';

/** What is written at once. */
export interface Batch {
  /** Lines. */
  records: string;
  use: UsageDelta[];
  /** There was more than a segment has room for. */
  hasMore: boolean;
}

/** Bounds how long the making of a batch holds up the calls beside it. */
export const maxBatchRecords = 500;

/** Holds events until they are made into batches that a segment has room for. */
export class BatchMaker {
  readonly #usageRetentionMs: number;
  #events: CallEvent[] = [];
  readonly #omitted = new Map<Omission['cause'], number>();

  constructor(usageRetentionMs: number) {
    this.#usageRetentionMs = usageRetentionMs;
  }

  get size(): number {
    return this.#events.length;
  }

  get isEmpty(): boolean {
    return this.#events.length === 0 && this.#omitted.size === 0;
  }

  /** Nothing is won by waiting for more. */
  get isFull(): boolean {
    return this.#events.length >= maxBatchRecords;
  }

  add(event: CallEvent): void {
    this.#events.push(event);
  }

  /** Counts what is not recorded; the next batch tells. */
  omit(cause: Omission['cause']): void {
    this.#omitted.set(cause, (this.#omitted.get(cause) ?? 0) + 1);
  }

  /** As much as one segment has room for, of what came first. */
  take(nowMs: number): Batch {
    const use = new Use(this.#usageRetentionMs);
    let records = '';
    for (const [cause, count] of this.#omitted) records += omissionLine(nowMs, { cause, count });
    this.#omitted.clear();
    let bytes = records.length;
    let taken = 0;
    for (const event of this.#events) {
      const line = lineOf(event);
      bytes += utf8Length(line);
      if (taken === maxBatchRecords || bytes > maxSegmentBytes || use.size === maxUsageDeltas) break;
      records += line;
      use.add(event);
      taken++;
    }
    this.#events = this.#events.slice(taken);
    return { records, use: use.deltas(), hasMore: this.#events.length > 0 };
  }
}
