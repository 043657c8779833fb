import { type Failure, fail, ok, type Result } from '../failure.ts';
import { SpelledNumber } from './spelled-number.ts';

/**
 * JSON that keeps its spelling. The gateway decides on members of a text and then forwards that very text, so a
 * number such as 9007199254740993 or 1.0 arrives as it left. For that to be safe, the members decided on must be
 * the ones the agent will read: a duplicate of one, or a spelling that a lenient parser takes for one (`task_id`
 * in ProtoJSON, `TaskID` in Go), is refused.
 */

/** Where a value stands in the text: from `start` up to, not including, `end`. */
export interface JsonSpan {
  start: number;
  end: number;
}

/** A guarded member's name and, for objects, the guarded members inside. */
export interface Guard {
  children: ReadonlyMap<string, Guard>;
  /** The guarded names' {@link folded} spellings. */
  folded: ReadonlySet<string>;
}

export interface InspectedJson {
  text: string;
  /** The text parsed; numbers here may have lost digits, the text has not. */
  value: unknown;
}

/** Deeper texts are refused: recursive parsers behind the gateway give up or crash. */
export const maxJsonDepth = 100;

/** A refusal quotes no more of a member's name: the name is the caller's, and goes into answers and logs. */
export const maxNamedChars = 128;

/** Whether a parsed value is an object with members, not null nor a list, nor a number that keeps its spelling. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof SpelledNumber)
  );
}

/** The members of the object that a JSON text is; undefined for any other text. Does not check how deep it nests. */
export function parseRecord(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Parses one JSON text. Failures: `body_malformed`. */
export function parseJson(text: string): Result<InspectedJson> {
  try {
    const value: unknown = JSON.parse(text);
    return isTooDeep(text) ? fail({ code: 'body_malformed', problem: 'nesting' }) : ok({ text, value });
  } catch {
    return fail({ code: 'body_malformed', problem: text.trim() === '' ? 'empty' : 'syntax' });
  }
}

/** A guard from dotted paths, each relative to the object that will be inspected. */
export function guardOf(paths: readonly string[]): Guard {
  const byHead = new Map<string, string[]>();
  for (const path of paths) {
    const [head = '', ...rest] = path.split('.');
    const inner = byHead.get(head) ?? [];
    if (rest.length > 0) inner.push(rest.join('.'));
    byHead.set(head, inner);
  }
  const children = new Map([...byHead].map(([name, inner]) => [name, guardOf(inner)]));
  return { children, folded: new Set([...children.keys()].map(folded)) };
}

/**
 * Finds the guarded members of a JSON text whose root is an object.
 *
 * @returns spans by dotted path, for those present
 * Failures: `member_refused` with rule `duplicate` or `alias`, naming the member by its path.
 * Does not check the types of values. The text must have come from {@link parseJson}.
 */
export function inspect(text: string, guard: Guard): Result<Map<string, JsonSpan>> {
  const spans = new Map<string, JsonSpan>();
  const refused = inspectObject(text, skipSpace(text, 0), guard, '', spans);
  return typeof refused === 'number' ? ok(spans) : refused;
}

/** Answers where the object ends, or the failure. */
function inspectObject(
  text: string,
  start: number,
  guard: Guard,
  path: string,
  spans: Map<string, JsonSpan>,
): number | { ok: false; failure: Failure } {
  const seen = new Set<string>();
  let at = skipSpace(text, start + 1);
  while (text[at] !== '}') {
    const nameEnd = endOfString(text, at);
    const name = nameAt(text, at, nameEnd);
    const member = path + name;
    if (seen.has(name)) return refused(member, 'duplicate');
    seen.add(name);
    const inner = guard.children.get(name);
    if (inner === undefined && guard.folded.has(folded(name))) return refused(member, 'alias');

    const valueStart = skipSpace(text, skipSpace(text, nameEnd) + 1);
    const descends = inner !== undefined && inner.children.size > 0 && text[valueStart] === '{';
    const valueEnd = descends
      ? inspectObject(text, valueStart, inner, `${member}.`, spans)
      : endOfValue(text, valueStart);
    if (typeof valueEnd !== 'number') return valueEnd;
    if (inner !== undefined) spans.set(member, { start: valueStart, end: valueEnd });

    at = skipSpace(text, valueEnd);
    if (text[at] === ',') at = skipSpace(text, at + 1);
  }
  return at + 1;
}

/** The name of a member whose text begins and ends there, quotes included. */
export function nameAt(text: string, start: number, end: number): string {
  const spelled = text.slice(start + 1, end - 1);
  return spelled.includes('\\') ? (JSON.parse(`"${spelled}"`) as string) : spelled; // A JSON string is a string.
}

function refused(member: string, rule: string): { ok: false; failure: Failure } {
  return fail({ code: 'member_refused', member: member.slice(0, maxNamedChars), rule });
}

/**
 * The spelling all aliases of a name share: case and word separators dropped. Through both cases, because Go's parser
 * takes the long s (U+017F) for an s, which is its upper case only, and the Kelvin sign (U+212A) for a k.
 */
export function folded(name: string): string {
  if (/^[a-zA-Z]*$/.test(name)) return name.toLowerCase(); // Nearly every name, and a third of the cost.
  return name.replace(/[_-]/g, '').toUpperCase().toLowerCase();
}

/** The text with one value put in place of another. */
export function replaceSpan(text: string, span: JsonSpan, replacement: string): string {
  return text.slice(0, span.start) + replacement + text.slice(span.end);
}

/** The text with a member put first into the object that begins at `objectStart`. */
export function insertMember(text: string, objectStart: number, name: string, value: string): string {
  const inside = skipSpace(text, objectStart + 1);
  const separator = text[inside] === '}' ? '' : ',';
  return `${text.slice(0, objectStart + 1)}${JSON.stringify(name)}:${value}${separator}${text.slice(inside)}`;
}

/** Whether a text that is known to be JSON is deeper than {@link maxJsonDepth}. */
export function isTooDeep(text: string): boolean {
  if (text.length <= 2 * maxJsonDepth) return false; // Every level takes two characters.
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character === QUOTE) at = endOfString(text, at) - 1;
    else if (character === OPEN_BRACE || character === OPEN_BRACKET) {
      if (++depth > maxJsonDepth) return true;
    } else if (character === CLOSE_BRACE || character === CLOSE_BRACKET) depth--;
  }
  return false;
}

const QUOTE = 0x22;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const BACKSLASH = 0x5c;

export function skipSpace(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) <= 0x20) at++;
  return at;
}

/** Leaps from quote to quote, so a long base64 part costs one native search. */
export function endOfString(text: string, start: number): number {
  let quote = text.indexOf('"', start + 1);
  while (isEscaped(text, quote)) quote = text.indexOf('"', quote + 1);
  return quote + 1;
}

function isEscaped(text: string, quote: number): boolean {
  let slashes = 0;
  while (text.charCodeAt(quote - 1 - slashes) === BACKSLASH) slashes++;
  return slashes % 2 === 1;
}

function endOfValue(text: string, start: number): number {
  const first = text.charCodeAt(start);
  if (first === QUOTE) return endOfString(text, start);
  if (first !== OPEN_BRACE && first !== OPEN_BRACKET) return endOfScalar(text, start);
  let depth = 0;
  for (let at = start; ; at++) {
    const character = text.charCodeAt(at);
    if (character === QUOTE) at = endOfString(text, at) - 1;
    else if (character === OPEN_BRACE || character === OPEN_BRACKET) depth++;
    else if ((character === CLOSE_BRACE || character === CLOSE_BRACKET) && --depth === 0) return at + 1;
  }
}

function endOfScalar(text: string, start: number): number {
  let at = start;
  while (at < text.length && !/[\s,\]}]/.test(text[at] ?? '')) at++;
  return at;
}
