import { type EventBlock, eventBlocks } from '../protocol/event-blocks.ts';
import { eventIdText } from './event-id.ts';

const LF = 0x0a;
const encoder = new TextEncoder();

/** Events with an id line before each, in bytes of their own. */
export interface NumberedEvents {
  bytes: Uint8Array;
  /** How many of them are events; the rest is comments and the like, which have no id. */
  count: number;
}

/** What the id line of every event of a stream begins with; its number follows. */
export function idLineOf(streamId: string): Uint8Array {
  return encoder.encode(`id: ${eventIdText({ streamId, count: 0 }).slice(0, -1)}`);
}

/**
 * Whole events, each with an id of ours before its own lines. They are else byte for byte as they were.
 *
 * @param idLine see {@link idLineOf}
 * @param last the number of the event before them, 0 where there is none
 * @param isBeginning the stream begins with them, perhaps with a byte-order mark, which comes before everything else
 * @returns undefined where one has an id of its own
 */
export function numberEvents(
  events: Uint8Array,
  idLine: Uint8Array,
  last: number,
  isBeginning: boolean,
): NumberedEvents | undefined {
  const starts: number[] = [];
  let length = events.length;
  for (const block of eventBlocks(events, isBeginning ? markLength(events) : 0)) {
    if (block.hasId) return undefined;
    if (!block.hasData) continue;
    starts.push(block.start);
    length += idLine.length + String(last + starts.length).length + 1;
  }
  const bytes = new Uint8Array(length);
  let from = 0;
  let to = 0;
  for (const [index, start] of starts.entries()) {
    bytes.set(events.subarray(from, start), to);
    bytes.set(idLine, to + start - from);
    to = putLine(bytes, to + start - from + idLine.length, String(last + index + 1));
    from = start;
  }
  bytes.set(events.subarray(from), to);
  return { bytes, count: starts.length };
}

/** Digits and a line feed; answers where they end. An encoder takes longer for so little. */
function putLine(bytes: Uint8Array, at: number, digits: string): number {
  for (let index = 0; index < digits.length; index++) bytes[at + index] = digits.charCodeAt(index);
  bytes[at + digits.length] = LF;
  return at + digits.length + 1;
}

/** What follows the first `count` events of these, comments and the like included. */
export function afterEvents(events: Uint8Array, count: number): Uint8Array {
  const end = eventBlocks(events).filter(isEvent)[count - 1]?.end ?? 0;
  return events.subarray(end);
}

function isEvent({ hasData }: EventBlock): boolean {
  return hasData;
}

function markLength([first, second, third]: Uint8Array): number {
  return first === 0xef && second === 0xbb && third === 0xbf ? 3 : 0;
}
