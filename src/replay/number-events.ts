import { type EventBlock, eventBlocks } from '../protocol/event-blocks.ts';
import { type EventId, eventIdText } from './event-id.ts';

const encoder = new TextEncoder();

/** Events with an id line before each, in bytes of their own. */
export interface NumberedEvents {
  bytes: Uint8Array;
  /** How many of them are events; the rest is comments and the like, which have no id. */
  count: number;
}

/**
 * Whole events, each with an id of ours before its own lines. They are else byte for byte as they were.
 *
 * @param after the event before them; its count is 0 where there is none
 * @param isBeginning the stream begins with them, perhaps with a byte-order mark, which comes before everything else
 * @returns undefined where one has an id of its own
 */
export function numberEvents(
  events: Uint8Array,
  after: EventId,
  isBeginning: boolean,
): NumberedEvents | undefined {
  const blocks = eventBlocks(events, isBeginning ? markLength(events) : 0);
  if (blocks.some(({ hasId }) => hasId)) return undefined;
  const starts = blocks.filter(isEvent).map(({ start }) => start);
  const lines = starts.map(
    (_, index) => `id: ${eventIdText({ ...after, count: after.count + index + 1 })}\n`,
  );
  const added = lines.reduce((sum, line) => sum + line.length, 0);
  const bytes = new Uint8Array(events.length + added);
  let from = 0;
  let to = 0;
  for (const [index, start] of starts.entries()) {
    bytes.set(events.subarray(from, start), to);
    to += start - from;
    to += encoder.encodeInto(lines[index] ?? '', bytes.subarray(to)).written;
    from = start;
  }
  bytes.set(events.subarray(from), to);
  return { bytes, count: starts.length };
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
