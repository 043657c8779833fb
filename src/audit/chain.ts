import type { AuditHead, AuditSegment } from '../store/ports/audit.ts';
import type { AuditSeals } from './seals.ts';

/** Where a chain ends, and so where it goes on. */
export type ChainEnd = Pick<AuditSegment, 'chainId' | 'sequence' | 'seal' | 'atMs' | 'expiresAtMs'>;

/** A chain with nothing in it. @param chainId random */
export function beginChain(chainId: string): ChainEnd {
  return { chainId, sequence: 0, seal: '', atMs: 0, expiresAtMs: 0 };
}

export interface SegmentContent {
  /** Lines of JSON, each with its line feed. */
  records: string;
  nowMs: number;
  /** How long the segment is kept, in milliseconds. */
  retentionMs: number;
}

/**
 * The segment that goes on from `end`. Its times are never before those of the one before, whatever the clock says, so that
 * what expires of a chain is always its beginning.
 *
 * @throws what `Secrets` throws
 */
export async function nextSegment(
  end: ChainEnd,
  { records, nowMs, retentionMs }: SegmentContent,
  seals: AuditSeals,
): Promise<AuditSegment> {
  const atMs = Math.max(nowMs, end.atMs);
  const segment = {
    chainId: end.chainId,
    sequence: end.sequence + 1,
    atMs,
    expiresAtMs: Math.max(atMs + retentionMs, end.expiresAtMs),
    records,
    previousSeal: end.seal,
    previousAtMs: end.atMs,
    previousExpiresAtMs: end.expiresAtMs,
  };
  return { ...segment, seal: await seals.seal(sealedText(segment)) };
}

/** Every member but the seal, as one text: no two segments have the same. */
export function sealedText(segment: Omit<AuditSegment, 'seal'>): string {
  const { chainId, sequence, atMs, expiresAtMs, records } = segment;
  const { previousSeal, previousAtMs, previousExpiresAtMs } = segment;
  return JSON.stringify([
    ...['a2a-gateway audit segment', chainId, sequence, atMs, expiresAtMs, records],
    ...[previousSeal, previousAtMs, previousExpiresAtMs],
  ]);
}

/** What is remembered of a segment to miss it, or what comes after it, later. */
export function headOf({ chainId, sequence, seal, atMs, expiresAtMs }: AuditSegment): AuditHead {
  return { chainId, sequence, seal, atMs, expiresAtMs };
}
