import { type AuditPlace, fromPlaceText, placeText } from '../audit-place.ts';
import { checkPageSize } from '../page.ts';
import { sweptAtOnce } from '../port.ts';
import type {
  AuditHead,
  AuditPage,
  AuditPageRequest,
  AuditRange,
  AuditSegment,
  AuditStore,
  UsageDelta,
} from '../ports/audit.ts';
import { StoreError } from '../store-error.ts';
import { putSegment, type SegmentRow, sweepSegments, toSegment } from './audit-segments.ts';
import type { SqlDriver } from './driver.ts';
import type { GroupCommit } from './group-commit.ts';
import { addUsage } from './usage.ts';

/** Rows read at a time: the event loop has its turn between. */
const readAtOnce = 100;

/** The trail in `audit_segments`, in the order of time; the end of every chain in `audit_heads`, in the same transaction. */
export class SqliteAudit implements AuditStore {
  readonly #driver: SqlDriver;
  readonly #commits: GroupCommit;

  constructor(driver: SqlDriver, commits: GroupCommit) {
    this.#driver = driver;
    this.#commits = commits;
  }

  append(segment: AuditSegment, usage: readonly UsageDelta[]): Promise<boolean> {
    return this.#commits.add(() => {
      const outcome = putSegment(this.#driver, segment);
      if (outcome === 'put') for (const delta of usage) addUsage(this.#driver, delta);
      return outcome !== 'taken';
    });
  }

  async list({ fromMs, toMs, nowMs }: AuditRange, { size, after }: AuditPageRequest): Promise<AuditPage> {
    checkPageSize(size);
    const { atMs, chainId, sequence } = after === undefined ? atEnd : fromPlaceText(after);
    const found = this.#driver.all<SegmentRow>(
      `SELECT * FROM audit_segments
       WHERE at_ms >= ? AND at_ms < ? AND expires_at_ms > ? AND (at_ms, chain_id, sequence) < (?, ?, ?)
       ORDER BY at_ms DESC, chain_id DESC, sequence DESC LIMIT ?`,
      [fromMs, toMs, nowMs, atMs, chainId, sequence, size + 1],
    );
    const segments = found.slice(0, size).map(toSegment);
    const last = found.length > size ? segments.at(-1) : undefined;
    return { segments, ...(last && { next: placeText(last) }) };
  }

  async scan(): Promise<AsyncIterable<AuditSegment>> {
    return this.#segments();
  }

  async heads(): Promise<AsyncIterable<AuditHead>> {
    return this.#heads();
  }

  async sweep(nowMs: number): Promise<void> {
    this.#driver.transaction(() => sweepSegments(this.#driver, nowMs, sweptAtOnce));
  }

  async *#segments(): AsyncGenerator<AuditSegment> {
    for (let from: AuditPlace = atBeginning; ; ) {
      const { atMs, chainId, sequence } = from;
      const found = this.#driver.all<SegmentRow>(
        `SELECT * FROM audit_segments WHERE (at_ms, chain_id, sequence) > (?, ?, ?)
         ORDER BY at_ms, chain_id, sequence LIMIT ?`,
        [atMs, chainId, sequence, readAtOnce],
      );
      const segments = found.map(toSegment);
      yield* segments;
      const last = segments.at(-1);
      if (last === undefined) return;
      if (!isBehind(last, from)) throw notReadable();
      from = last;
    }
  }

  async *#heads(): AsyncGenerator<AuditHead> {
    let chainId = '';
    for (;;) {
      const heads = this.#driver.all<AuditHead>(
        `SELECT chain_id AS chainId, sequence, seal, at_ms AS atMs, expires_at_ms AS expiresAtMs
         FROM audit_heads WHERE chain_id > ? ORDER BY chain_id LIMIT ?`,
        [chainId, readAtOnce],
      );
      yield* heads;
      const last = heads.at(-1);
      if (last === undefined) return;
      if (last.chainId <= chainId) throw notReadable();
      chainId = last.chainId;
    }
  }
}

function isBehind(one: AuditPlace, other: AuditPlace): boolean {
  if (one.atMs !== other.atMs) return one.atMs > other.atMs;
  if (one.chainId !== other.chainId) return one.chainId > other.chainId;
  return one.sequence > other.sequence;
}

/** A text with a NUL and a number beyond 2^53 are not read as they are kept: what comes behind them would be looked for for ever. */
function notReadable(): StoreError {
  return new StoreError('corrupt', 'the trail holds what no gateway writes, and is not read to its end');
}

const atBeginning = { atMs: Number.MIN_SAFE_INTEGER, chainId: '', sequence: 0 };
const atEnd = { atMs: Number.MAX_SAFE_INTEGER, chainId: '', sequence: 0 };
