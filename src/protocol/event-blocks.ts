const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;
const data = [0x64, 0x61, 0x74, 0x61] as const;
const id = [0x69, 0x64] as const;

/** Some lines of an event stream and the empty line that ends them, from `start` up to, not including, `end`. */
export interface EventBlock {
  start: number;
  end: number;
  /** Whether it is an event; comments and the like alone are none (WHATWG HTML §9.2.6). */
  hasData: boolean;
  hasId: boolean;
}

/**
 * The blocks that are whole in these bytes, by the event-stream grammar: lines end with LF, CR or CRLF. What stands after
 * the last of them belongs to none. The second half of a CRLF whose first is not here makes a block of its own, without
 * data, which does no harm.
 *
 * @param from where the first begins
 */
export function eventBlocks(bytes: Uint8Array, from = 0): EventBlock[] {
  const blocks: EventBlock[] = [];
  let block: EventBlock = { start: from, end: from, hasData: false, hasId: false };
  let lf = bytes.indexOf(LF, from);
  let cr = bytes.indexOf(CR, from);
  for (let at = from; lf !== -1 || cr !== -1; ) {
    const isCr = cr !== -1 && (lf === -1 || cr < lf);
    const end = isCr ? cr : lf;
    const next = isCr && lf === cr + 1 ? end + 2 : end + 1;
    if (end === at) {
      block.end = next;
      blocks.push(block);
      block = { start: next, end: next, hasData: false, hasId: false };
    } else if (isField(bytes, at, end, data)) block.hasData = true;
    else if (isField(bytes, at, end, id)) block.hasId = true;
    at = next;
    // Searched for again only when passed: of most streams one of the two is nowhere.
    if (lf !== -1 && lf < at) lf = bytes.indexOf(LF, at);
    if (cr !== -1 && cr < at) cr = bytes.indexOf(CR, at);
  }
  return blocks;
}

function isField(bytes: Uint8Array, start: number, end: number, name: readonly number[]): boolean {
  const nameEnd = start + name.length;
  if (nameEnd > end || (nameEnd < end && bytes[nameEnd] !== COLON)) return false;
  for (let index = 0; index < name.length; index++) if (bytes[start + index] !== name[index]) return false;
  return true;
}
