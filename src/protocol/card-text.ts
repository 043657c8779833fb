import { fail, type Result } from '../failure.ts';
import { type CardLimits, defaultCardLimits } from './card/limits.ts';
import { type ParsedCard, parseAgentCard } from './card-parse.ts';

const byteOrderMark = '\uFEFF';

/**
 * {@link parseAgentCard} for a card as fetched: bytes of UTF-8, or a text already decoded. A byte-order mark is
 * skipped with a warning. Duplicate members are not noticed: the last one counts, as in `JSON.parse`.
 *
 * @param limits `maxCardBytes` counts bytes, or characters of a text
 * Failures: `card_invalid`; its path is empty when the document as such cannot be read, and its problem says why:
 * too large, not UTF-8, empty, HTML, not JSON, more than one document, not an object.
 */
export function parseAgentCardText(
  document: Uint8Array | string,
  limits: Readonly<CardLimits> = defaultCardLimits,
): Result<ParsedCard> {
  if (document.length > limits.maxCardBytes) return refused(`must have at most ${limits.maxCardBytes} bytes`);
  const decoded = typeof document === 'string' ? document : decode(document);
  if (decoded === undefined) return refused('must be UTF-8');
  const marked = decoded.startsWith(byteOrderMark);
  const text = marked ? decoded.slice(1) : decoded;
  const value = parseDocument(text);
  if (value === undefined) return refused(whyNotJson(text));
  const parsed = parseAgentCard(value, limits);
  if (parsed.ok && marked) parsed.value.warnings.unshift({ path: '', code: 'byte_order_mark' });
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
