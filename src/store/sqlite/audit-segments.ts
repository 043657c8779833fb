import { type AuditSegment, headGraceMs } from '../ports/audit.ts';
import type { SqlDriver } from './driver.ts';

/**
 * Writes a segment and how far its chain goes. To be called in the transaction of what the segment tells of. Answers `there`
 * where the very same segment is, and `taken` where another has its place: nothing is changed then.
 */
export function putSegment(driver: SqlDriver, segment: AuditSegment): 'put' | 'there' | 'taken' {
  const { chainId, sequence, atMs, expiresAtMs, records, seal } = segment;
  const { previousSeal, previousAtMs, previousExpiresAtMs } = segment;
  const there = driver.get<{ seal: string }>(
    'SELECT seal FROM audit_segments WHERE chain_id = ? AND sequence = ?',
    [chainId, sequence],
  );
  if (there !== undefined) return there.seal === seal ? 'there' : 'taken';
  driver.run(
    `INSERT INTO audit_segments
       (chain_id, sequence, at_ms, expires_at_ms, records,
        previous_seal, previous_at_ms, previous_expires_at_ms, seal)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      ...[chainId, sequence, atMs, expiresAtMs, records],
      ...[previousSeal, previousAtMs, previousExpiresAtMs, seal],
    ],
  );
  driver.run(
    `INSERT OR REPLACE INTO audit_heads (chain_id, sequence, seal, at_ms, expires_at_ms)
     VALUES (?, ?, ?, ?, ?)`,
    [chainId, sequence, seal, atMs, expiresAtMs],
  );
  return 'put';
}

export interface SegmentRow {
  chain_id: string;
  sequence: number;
  at_ms: number;
  expires_at_ms: number;
  records: string;
  previous_seal: string;
  previous_at_ms: number;
  previous_expires_at_ms: number;
  seal: string;
}

export function toSegment(row: SegmentRow): AuditSegment {
  return {
    chainId: row.chain_id,
    sequence: row.sequence,
    atMs: row.at_ms,
    expiresAtMs: row.expires_at_ms,
    records: row.records,
    previousSeal: row.previous_seal,
    previousAtMs: row.previous_at_ms,
    previousExpiresAtMs: row.previous_expires_at_ms,
    seal: row.seal,
  };
}

/** Deletes the oldest of what has expired, `limit` at most, and heads whose time of grace is over too. */
export function sweepSegments(driver: SqlDriver, nowMs: number, limit: number): void {
  driver.run(
    `DELETE FROM audit_segments WHERE rowid IN
       (SELECT rowid FROM audit_segments WHERE expires_at_ms <= ? ORDER BY expires_at_ms LIMIT ?)`,
    [nowMs, limit],
  );
  driver.run(
    `DELETE FROM audit_heads WHERE chain_id IN
       (SELECT chain_id FROM audit_heads WHERE expires_at_ms <= ? ORDER BY expires_at_ms LIMIT ?)`,
    [nowMs - headGraceMs, limit],
  );
}
