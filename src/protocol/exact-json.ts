import { endOfString, isRecord } from './json.ts';
import { jsonOf, newMark, SpelledNumber } from './spelled-number.ts';

/**
 * Parses a text that is known to be JSON. Its numbers keep their spelling until {@link stringifyExact}: 9007199254740993
 * and 1.0 come out as they went in.
 *
 * @throws SyntaxError for one that is not
 */
export function parseExact(text: string): unknown {
  const mark = newMark();
  const marked = withMarks(text, mark);
  const value: unknown = JSON.parse(marked);
  return marked === text ? value : withSpelled(value, mark);
}

/** Writes what {@link parseExact} read, whatever became of its members' places. */
export function stringifyExact(value: unknown): string {
  return jsonOf(value);
}

/** The value with its numbers as JavaScript has them: for whoever computes with them, or writes other than JSON. */
export function withPlainNumbers(value: unknown): unknown {
  return JSON.parse(stringifyExact(value));
}

/** Puts the numbers back, in place: a parser's reviver takes several times as long. */
function withSpelled(value: unknown, mark: string): unknown {
  if (typeof value === 'string')
    return value.startsWith(mark) ? new SpelledNumber(value.slice(mark.length)) : value;
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) value[index] = withSpelled(item, mark);
  } else if (isRecord(value)) {
    // Members of its own, so that `__proto__` is a name like any other.
    for (const [name, item] of Object.entries(value)) value[name] = withSpelled(item, mark);
  }
  return value;
}

const number = /-?[0-9][-+.0-9eE]*/y;

function withMarks(text: string, mark: string): string {
  const pieces: string[] = [];
  let copied = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character === 0x22) {
      at = endOfString(text, at) - 1;
      if (at < 0) break; // A string without end: the parser will say so.
      continue;
    }
    if (character !== 0x2d && (character < 0x30 || character > 0x39)) continue;
    number.lastIndex = at;
    const token = number.exec(text)?.[0];
    if (token === undefined) continue;
    if (!isPlain(token)) {
      pieces.push(text.slice(copied, at), `"${mark}${token}"`);
      copied = at + token.length;
    }
    at += token.length - 1;
  }
  return copied === 0 ? text : pieces.join('') + text.slice(copied);
}

/** Whether a number is what JavaScript would write; what is no number at all is the parser's to refuse. */
function isPlain(token: string): boolean {
  return String(Number(token)) === token || !/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/.test(token);
}
