import { eventBlocks } from './event-blocks.ts';
import { guardOf, inspect, isRecord, parseJson, replaceSpan } from './json.ts';

/** Strict and keeping a byte-order mark, so that what is encoded again is what was there. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();
const idGuard = guardOf(['id']);

/**
 * Whole events of JSON-RPC, answers to one request, as answers to another (A2A §9.4.2): each response has this id, letter
 * for letter, and is else as it was. What is no response with one id is left alone.
 */
export function withRpcId(events: Uint8Array, idText: string): Uint8Array {
  const ends = eventBlocks(events).map(({ end }) => end);
  try {
    const texts = [0, ...ends].map((start, index) => decoder.decode(events.subarray(start, ends[index])));
    return encoder.encode(texts.map((text) => blockWithId(text, idText)).join(''));
  } catch {
    return events; // No UTF-8, which no parser takes for JSON either.
  }
}

/** Where a piece of the data begins, in the data and in the block. */
interface DataPiece {
  inData: number;
  inBlock: number;
}

function blockWithId(block: string, idText: string): string {
  const { data, pieces } = dataOf(block);
  const parsed = parseJson(data);
  if (!parsed.ok || !isRecord(parsed.value.value)) return block;
  const inspected = inspect(data, idGuard);
  const span = inspected.ok ? inspected.value.get('id') : undefined;
  // An id has no line break in it, so it is in one piece.
  const piece = span && pieces.findLast(({ inData }) => inData <= span.start);
  if (span === undefined || piece === undefined) return block;
  const offset = piece.inBlock - piece.inData;
  return replaceSpan(block, { start: span.start + offset, end: span.end + offset }, idText);
}

function dataOf(block: string): { data: string; pieces: DataPiece[] } {
  const pieces: DataPiece[] = [];
  let data = '';
  for (const { index, 0: line } of block.matchAll(/[^\r\n]+/g)) {
    const prefix = /^data(?:: ?|$)/.exec(line)?.[0];
    if (prefix === undefined) continue;
    if (pieces.length > 0) data += '\n';
    pieces.push({ inData: data.length, inBlock: index + prefix.length });
    data += line.slice(prefix.length);
  }
  return { data, pieces };
}
