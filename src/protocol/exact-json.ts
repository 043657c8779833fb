import { endOfString } from './json.ts';

/**
 * JSON whose numbers keep their spelling through parsing and writing: 9007199254740993 and 1.0 come out as they went in.
 * A number that JavaScript would spell otherwise stands, while the value is a value, as a text that begins with a mark
 * nobody outside this process knows.
 */
const mark = `\u{e000}${crypto.randomUUID()}:`;
const marked = new RegExp(`"${mark}([-+.0-9eE]+)"`, 'g');

/** Parses a text that is known to be JSON. @throws SyntaxError for one that is not */
export function parseExact(text: string): unknown {
  return JSON.parse(withMarks(text));
}

/** Writes what {@link parseExact} read, whatever became of its members' places. */
export function stringifyExact(value: unknown): string {
  return JSON.stringify(value).replace(marked, '$1');
}

/** The value with its numbers as JavaScript has them: for whoever computes with them, or writes other than JSON. */
export function withPlainNumbers(value: unknown): unknown {
  return JSON.parse(stringifyExact(value));
}

const number = /-?[0-9][-+.0-9eE]*/y;

function withMarks(text: string): string {
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
