import { parseRecord } from '../protocol/json.ts';
import type { AuditSegment } from '../store/ports/audit.ts';

/** Ends the lines of a segment in an export. */
const segmentEvent = 'segment';

/**
 * A segment as JSON Lines: each of its records with the chain and number of the segment before its own members, then a line
 * of event `segment` with all by which it can be verified again. What is no record of the gateway's, which only an altered
 * segment holds, stands there as a text, `unreadable`.
 */
export function* exportedLines(segment: AuditSegment): Generator<string> {
  const head = headOf(segment);
  for (const line of linesOf(segment.records)) {
    yield isReadable(line) ? head + line.slice(1) : `${head}"unreadable":${JSON.stringify(line)}}`;
  }
  const { atMs, expiresAtMs, previousSeal, previousAtMs, previousExpiresAtMs, seal } = segment;
  const times = { atMs, expiresAtMs, previousSeal, previousAtMs, previousExpiresAtMs };
  yield head + JSON.stringify({ event: segmentEvent, ...times, seal }).slice(1);
}

/**
 * The segments of an export. Whether they are genuine is for `verifyTrail` to say; a line that belongs to none, such as a
 * record whose segment was cut off, stands for one of no seal. What lines hold that `exportedLines` would write otherwise is
 * no segment's: the records of one are then the lines themselves, which nobody has sealed.
 *
 * @throws Error of one line for what no export holds
 */
export async function* exportedSegments(
  lines: AsyncIterable<string> | Iterable<string>,
): AsyncGenerator<AuditSegment> {
  let open: OpenSegment | undefined;
  let number = 0;
  for await (const line of lines) {
    number++;
    const { chainId, sequence, ...members } = parsed(line, number);
    if (open !== undefined && (open.chainId !== chainId || open.sequence !== sequence)) {
      yield cutOff(open);
      open = undefined;
    }
    open ??= { chainId, sequence, lines: [], records: '' };
    open.lines.push(line);
    if (members.event === segmentEvent) {
      yield whole(open, sealedMembers(members, number));
      open = undefined;
    } else open.records += `${recordIn(line, open, members)}\n`;
  }
  if (open !== undefined) yield cutOff(open);
}

/** A segment of which not all lines have been read. */
interface OpenSegment extends Pick<AuditSegment, 'chainId' | 'sequence' | 'records'> {
  lines: string[];
}

function cutOff({ lines: _, ...segment }: OpenSegment): AuditSegment {
  return { ...segment, ...unsealed };
}

function whole({ lines, ...read }: OpenSegment, sealed: typeof unsealed): AuditSegment {
  const segment = { ...read, ...sealed };
  const written = [...exportedLines(segment)];
  const isAsWritten = written.length === lines.length && written.every((line, n) => line === lines[n]);
  return isAsWritten ? segment : { ...segment, records: lines.join('\n') };
}

const unsealed = {
  ...{ atMs: 0, expiresAtMs: 0, seal: '' },
  ...{ previousSeal: '', previousAtMs: 0, previousExpiresAtMs: 0 },
};

/** How every line of a segment begins. */
function headOf({ chainId, sequence }: Pick<AuditSegment, 'chainId' | 'sequence'>): string {
  return `${JSON.stringify({ chainId, sequence }).slice(0, -1)},`;
}

function linesOf(records: string): string[] {
  const lines = records.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** Whether a line of its own can be told from the others, and taken out of them again. */
function isReadable(line: string): boolean {
  if (!line.startsWith('{"')) return false;
  const record = parseRecord(line);
  if (record === undefined || record.event === segmentEvent) return false;
  return !['chainId', 'sequence', 'unreadable'].some((name) => Object.hasOwn(record, name));
}

type Members = Record<string, unknown> & Pick<AuditSegment, 'chainId' | 'sequence'>;

function parsed(line: string, number: number): Members {
  const members = parseRecord(line);
  if (typeof members?.chainId !== 'string' || !Number.isSafeInteger(members.sequence))
    throw notExported(number);
  // Both were just looked at.
  return members as Members;
}

function recordIn(
  line: string,
  segment: Pick<AuditSegment, 'chainId' | 'sequence'>,
  { unreadable }: Record<string, unknown>,
): string {
  if (typeof unreadable === 'string') return unreadable;
  const head = headOf(segment);
  return line.startsWith(head) ? `{${line.slice(head.length)}` : line;
}

function sealedMembers(members: Record<string, unknown>, number: number): typeof unsealed {
  for (const [name, sample] of Object.entries(unsealed))
    if (typeof members[name] !== typeof sample) throw notExported(number);
  const { atMs, expiresAtMs, seal, ...previous } = members as typeof unsealed;
  const { previousSeal, previousAtMs, previousExpiresAtMs } = previous;
  return { atMs, expiresAtMs, seal, previousSeal, previousAtMs, previousExpiresAtMs };
}

function notExported(number: number): Error {
  return new Error(`line ${number} is none that \`audit export\` writes`);
}
