import { parseRecord } from '../protocol/json.ts';
import { fromPlaceText, placeText } from '../store/audit-place.ts';
import type { AuditPageRequest, AuditSegment, AuditStore } from '../store/ports/audit.ts';
import { shortened } from './shortened.ts';

/** Members AND together; an absent member does not filter. */
export interface TrailFilter {
  /** When it was written, which is up to a tenth of a second after it happened: included. */
  fromMs: number;
  /** Not included. */
  toMs: number;
  agentId?: string;
  issuer?: string;
  subject?: string;
  event?: string;
}

/** A record, with the segment it is from. */
export type FoundRecord = Record<string, unknown> & Pick<AuditSegment, 'chainId' | 'sequence'>;

export interface TrailPage {
  records: FoundRecord[];
  /** Where to go on; absent on the last page. */
  next?: string;
}

const segmentsAtOnce = 20;
/** What one page may cost, however little there is on it. */
const maxLists = 20;
const maxReadChars = 8 * 1_024 * 1_024;
/** Lambda answers with 6 MB at most. */
const maxPageChars = 2 * 1_024 * 1_024;

/**
 * Records that match, the newest first. A page may be short, or empty, and have a next one: what is read for it is bounded.
 * What cannot be read is left out, and nothing is verified.
 */
export async function readTrail(
  audit: Pick<AuditStore, 'list'>,
  filter: TrailFilter,
  { size, after }: AuditPageRequest,
  nowMs: number,
): Promise<TrailPage> {
  const { fromMs, toMs } = filter;
  const page: TrailPage = { records: [] };
  let place = placeOf(after);
  let [pageChars, readChars] = [0, 0];
  for (let lists = 0; lists < maxLists && readChars < maxReadChars; lists++) {
    const request = { size: segmentsAtOnce, ...(place.after !== undefined && { after: place.after }) };
    const { segments, next } = await audit.list({ fromMs, toMs, nowMs }, request);
    for (const segment of segments) {
      const lines = linesOf(segment);
      for (let passed = passedOf(place, segment); passed < lines.length; passed++) {
        const line = lines[passed] ?? '';
        const record = parseRecord(line);
        if (record === undefined || !matches(record, filter)) continue;
        pageChars += line.length;
        const isFull = page.records.length === size || (page.records.length > 0 && pageChars > maxPageChars);
        if (isFull) return { ...page, next: textOf(segment, passed) };
        page.records.push({ ...record, chainId: segment.chainId, sequence: segment.sequence });
      }
      readChars += segment.records.length;
    }
    if (next === undefined) return page;
    place = { after: next, passed: 0 };
  }
  return { ...page, next: `${place.passed}~${place.after}` };
}

/** Where a page goes on: behind a place, less so many records of the segment that comes first there. */
interface Place {
  after?: string;
  passed: number;
}

function placeOf(text: string | undefined): Place {
  const [, passed, after] = /^(\d{1,6})~(.{1,128})$/.exec(text ?? '') ?? [];
  return after === undefined ? { passed: 0 } : { after, passed: Number(passed) };
}

/** Just before the segment, so that it comes first, whatever has been written since. */
function textOf({ atMs, chainId, sequence }: AuditSegment, passed: number): string {
  return `${passed}~${placeText({ atMs, chainId, sequence: sequence + 1 })}`;
}

/** The segment that was read in part may have expired since. */
function passedOf({ after, passed }: Place, { chainId, sequence }: AuditSegment): number {
  if (passed === 0 || after === undefined) return 0;
  const place = fromPlaceText(after);
  return place.chainId === chainId && place.sequence === sequence + 1 ? passed : 0;
}

/** The newest first. */
function linesOf({ records }: AuditSegment): string[] {
  return records
    .split('\n')
    .filter((line) => line !== '')
    .reverse();
}

const filtered = ['agentId', 'issuer', 'subject', 'event'] as const;

/** Texts are compared as they are recorded. */
function matches(record: Record<string, unknown>, filter: TrailFilter): boolean {
  return filtered.every((name) => filter[name] === undefined || record[name] === shortened(filter[name]));
}
