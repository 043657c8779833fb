import type { AuditSegment } from './ports/audit.ts';

/** Where a segment is in the order of time, chain and sequence. */
export type AuditPlace = Pick<AuditSegment, 'atMs' | 'chainId' | 'sequence'>;

/** As many digits as the largest safe integer has. */
const digits = 16;

/** A time in milliseconds as a text that sorts as it. */
export function placeTime(atMs: number): string {
  return `${atMs}`.padStart(digits, '0');
}

/** A place as a text that sorts as it. */
export function placeText({ atMs, chainId, sequence }: AuditPlace): string {
  return `${placeTime(atMs)}#${chainId}#${`${sequence}`.padStart(digits, '0')}`;
}

/** The place of a text, or where it would stand among those of places: a text of a time is before all of that time. */
export function fromPlaceText(text: string): AuditPlace {
  const [, atMs = '0', , chainId = '', sequence = '0'] =
    /^(\d{16})(#([\w-]{1,36})#(\d{16}))?$/.exec(text) ?? [];
  return { atMs: Number(atMs), chainId, sequence: Number(sequence) };
}

/** What a store says where a segment of a write of management has no place. */
export const placeTaken = 'a segment of the trail has the place of one that tells of a write';
