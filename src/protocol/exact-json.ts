import { endOfString, isRecord } from './json.ts';
import { SpelledNumber } from './spelled-number.ts';

/**
 * Parses a text that is known to be JSON. Its numbers keep their spelling until {@link stringifyExact}: 9007199254740993
 * and 1.0 come out as they went in.
 *
 * @throws SyntaxError for one that is not
 */
export function parseExact(text: string): unknown {
  const value: unknown = JSON.parse(text);
  // Most texts have no such number, and the runtime's parser is many times as fast.
  return hasSpelledNumber(text) ? readValue({ text, at: 0 }) : value;
}

/** Writes what {@link parseExact} read, whatever became of its members' places. */
export function stringifyExact(value: unknown): string {
  SpelledNumber.isMet = false;
  const text = JSON.stringify(value);
  return SpelledNumber.isMet ? written(value) : text;
}

/** The value with its numbers as JavaScript has them: for whoever computes with them, or writes other than JSON. */
export function withPlainNumbers(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

function hasSpelledNumber(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character === quote) at = endOfString(text, at) - 1;
    else if (character === minus || isDigit(character)) {
      const end = endOfNumber(text, at);
      if (!isPlain(text, at, end)) return true;
      at = end - 1;
    }
  }
  return false;
}

/** A text that is JSON for certain, and how far it is read. */
interface Reading {
  text: string;
  at: number;
}

function readValue(reading: Reading): unknown {
  const { text } = reading;
  const at = skipSpace(reading);
  const character = text.charCodeAt(at);
  if (character === openBrace) return readObject(reading);
  if (character === openBracket) return readList(reading);
  if (character === quote) {
    reading.at = endOfString(text, at);
    return JSON.parse(text.slice(at, reading.at));
  }
  if (character === minus || isDigit(character)) {
    reading.at = endOfNumber(text, at);
    const spelling = text.slice(at, reading.at);
    return isPlain(text, at, reading.at) ? Number(spelling) : new SpelledNumber(spelling);
  }
  const [word, value] = words.get(character) ?? ['', undefined];
  reading.at += word.length;
  return value;
}

function readObject(reading: Reading): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  reading.at++;
  while (reading.text.charCodeAt(skipSpace(reading)) !== closeBrace) {
    skipOver(reading, comma);
    const name = String(readValue(reading));
    skipOver(reading, colon);
    const value = readValue(reading);
    // By assignment `__proto__` would be no name like any other.
    if (name !== '__proto__') object[name] = value;
    else Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
  }
  reading.at++;
  return object;
}

function readList(reading: Reading): unknown[] {
  const list: unknown[] = [];
  reading.at++;
  while (reading.text.charCodeAt(skipSpace(reading)) !== closeBracket) {
    skipOver(reading, comma);
    list.push(readValue(reading));
  }
  reading.at++;
  return list;
}

/** Over this character, if it comes next. */
function skipOver(reading: Reading, character: number): void {
  if (reading.text.charCodeAt(skipSpace(reading)) === character) reading.at++;
}

function skipSpace(reading: Reading): number {
  while (reading.text.charCodeAt(reading.at) <= space) reading.at++;
  return reading.at;
}

function written(value: unknown): string {
  if (value instanceof SpelledNumber) return value.spelling;
  if (Array.isArray(value)) return `[${value.map(written).join()}]`;
  if (!isRecord(value)) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${written(member)}`).join()}}`;
}

function endOfNumber(text: string, start: number): number {
  let end = start + 1;
  while (isOfNumber(text.charCodeAt(end))) end++;
  return end;
}

/** Whether a number is what JavaScript would write. */
function isPlain(text: string, start: number, end: number): boolean {
  // Most are, and short: 15 digits without a leading zero.
  const first = text.charCodeAt(start);
  let at = start + 1;
  while (at < end && isDigit(text.charCodeAt(at))) at++;
  if (at === end && end - start <= 15 && (end - start === 1 ? isDigit(first) : first > zero)) return true;
  const token = text.slice(start, end);
  return String(Number(token)) === token;
}

/** Digits, signs, the point and both letters of an exponent. */
function isOfNumber(character: number): boolean {
  return (
    isDigit(character) ||
    character === point ||
    character === minus ||
    character === plus ||
    (character | 0x20) === exponent
  );
}

function isDigit(character: number): boolean {
  return character >= zero && character <= nine;
}

const space = 0x20;
const quote = 0x22;
const plus = 0x2b;
const comma = 0x2c;
const minus = 0x2d;
const point = 0x2e;
const zero = 0x30;
const nine = 0x39;
const colon = 0x3a;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const exponent = 0x65;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** By their first letters. */
const words: ReadonlyMap<number, readonly [word: string, value: unknown]> = new Map([
  [0x74, ['true', true]],
  [0x66, ['false', false]],
  [0x6e, ['null', null]],
]);
