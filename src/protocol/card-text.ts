import { fail, ok, type Result } from '../failure.ts';
import { type CardLimits, defaultCardLimits } from './card/limits.ts';
import { type ParsedCard, parseAgentCard } from './card-parse.ts';

const byteOrderMark = '\uFEFF';

/** A card as it was fetched. */
export interface CardDocument {
  /** Without a byte-order mark. */
  text: string;
  /** The text parsed. Where members have the same name the last one counts, as in `JSON.parse`. */
  value: unknown;
  isMarked: boolean;
}

/**
 * {@link parseAgentCard} for a card as fetched: bytes of UTF-8, or a text already decoded. A byte-order mark is
 * skipped with a warning. Duplicate members are not noticed: the last one counts, as in `JSON.parse`.
 *
 * @param limits `maxCardBytes` counts bytes, or characters of a text
 * Failures: as {@link readCardDocument} and `parseAgentCard`.
 */
export function parseAgentCardText(
  document: Uint8Array | string,
  limits: Readonly<CardLimits> = defaultCardLimits,
): Result<ParsedCard> {
  const read = readCardDocument(document, limits);
  return read.ok ? parseCardDocument(read.value, limits) : read;
}

/**
 * Failures: `card_invalid`; its path is empty, because the document as such cannot be read, and its problem says why:
 * too large, not UTF-8, empty, HTML, not JSON, more than one document.
 */
export function readCardDocument(
  document: Uint8Array | string,
  limits: Readonly<Pick<CardLimits, 'maxCardBytes'>> = defaultCardLimits,
): Result<CardDocument> {
  if (document.length > limits.maxCardBytes) return refused(`must have at most ${limits.maxCardBytes} bytes`);
  const decoded = typeof document === 'string' ? document : decode(document);
  if (decoded === undefined) return refused('must be UTF-8');
  const isMarked = decoded.startsWith(byteOrderMark);
  const text = isMarked ? decoded.slice(1) : decoded;
  const value = parseDocument(text);
  return value === undefined ? refused(whyNotJson(text)) : ok({ text, value, isMarked });
}

/** @param content what counts of the document. Default: all of it. Failures: as `parseAgentCard` */
export function parseCardDocument(
  { value, isMarked }: CardDocument,
  limits: Readonly<CardLimits>,
  content: unknown = value,
): Result<ParsedCard> {
  const parsed = parseAgentCard(content, limits);
  if (parsed.ok && isMarked) parsed.value.warnings.unshift({ path: '', code: 'byte_order_mark' });
  return parsed;
}

function refused(problem: string): Result<never> {
  return fail({ code: 'card_invalid', path: '', problem });
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function parseDocument(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function whyNotJson(text: string): string {
  const start = text.trimStart();
  if (start === '') return 'must not be empty';
  if (start.startsWith('<')) return 'must be JSON, not HTML';
  const end = endOfObject(start);
  const isObjectFirst = end !== undefined && parseDocument(start.slice(0, end)) !== undefined;
  return isObjectFirst && /^\s*[[{]/.test(start.slice(end)) ? 'must be one JSON document' : 'must be JSON';
}

/** Where the first object or list of the text is closed; braces inside strings do not count. A string
 * that never ends is taken to the end of the text, so no part is scanned twice. */
function endOfObject(text: string): number | undefined {
  let depth = 0;
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.?)*(?:"|$)|[[{}\]]/gs)) {
    if (token === '{' || token === '[') depth += 1;
    else if (token === '}' || token === ']') depth -= 1;
    if (depth === 0) return index + token.length;
  }
  return undefined;
}
