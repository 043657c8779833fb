import { type CardReader, type Found, readItems } from './reader.ts';

// Embedding, override and isolate marks reorder the text around them; tag characters carry text that no person sees
// but a model reads. ESC and its like drive terminals.
const unsafe = /[^\P{Cc}\n\t]|[\u202A-\u202E\u2066-\u2069]|[\u{E0000}-\u{E007F}]/gu;
// In a name, marks without a width make two names look the same. ZWNJ and ZWJ stay: Persian and emoji need them.
const invisible = /[\u00AD\u061C\u200B\u200E\u200F\u2060-\u2064\uFEFF]/gu;
const loneSurrogate = /\p{Surrogate}/gu;

/** How a text is read. */
export interface TextRule {
  maxLength: number;
  /** `prose` keeps line breaks, `line` has none, `key` is compared with others and so is never altered but trimmed. */
  kind: 'prose' | 'line' | 'key';
  /** A value of another type refuses the card; otherwise it is dropped. */
  essential?: boolean;
  /** A number is read as its digits. */
  numbers?: boolean;
}

/**
 * The text found, trimmed, never empty. What could deceive a reader (bidirectional overrides, control and invisible
 * characters) is removed from prose and lines with a warning; in a key it refuses the card, because a key without
 * it would be another key.
 */
export function readText(reader: CardReader, found: Found, rule: TextRule): string | undefined {
  const raw = stringOf(reader, found, rule);
  if (raw === undefined) return undefined;
  if (raw.length > rule.maxLength) {
    return reader.refuse(found, `must have at most ${rule.maxLength} characters`);
  }
  const even = wellFormed(raw).replace(/\r\n?/g, '\n').trim();
  const clean = cleaned(even, rule.kind);
  if (clean !== even) {
    if (rule.kind === 'key') return reader.refuse(found, 'must not have control or invisible characters');
    reader.warn(found, 'text_cleaned');
  }
  // Nobody sees the difference, so no warning is due.
  const text = (rule.kind === 'prose' ? clean : clean.replace(/\s+/g, ' ')).trim();
  return text === '' ? undefined : text;
}

/** {@link readText} of a member no card can do without. */
export function readRequiredText(
  reader: CardReader,
  found: Found,
  rule: Omit<TextRule, 'essential'>,
): string | undefined {
  const before = reader.problems;
  const text = readText(reader, found, { ...rule, essential: true });
  return text === undefined && reader.problems === before ? reader.refuse(found, 'required') : text;
}

/** The texts of a list; items that are not texts are dropped. */
export function readTexts(reader: CardReader, found: Found, rule: TextRule, maxItems: number): string[] {
  return readOptionalItems(reader, found, maxItems)
    .map((item) => readText(reader, item, rule))
    .filter((text) => text !== undefined);
}

/** The items of a list the card can do without: a single text is a list of one, any other value is dropped. */
export function readOptionalItems(reader: CardReader, found: Found, maxItems: number): Found[] {
  if (found.value === undefined || Array.isArray(found.value)) return readItems(reader, found, maxItems);
  const isText = typeof found.value === 'string';
  reader.warn(found, isText ? 'value_converted' : 'value_dropped');
  return isText ? [found] : [];
}

/** Whether a text could deceive whoever is shown it. */
export function hasUnsafeCharacters(text: string): boolean {
  return cleaned(text, 'key') !== text;
}

/** Half a surrogate pair cannot be encoded; it becomes U+FFFD, as an encoder would write it. */
export function wellFormed(text: string): string {
  return text.replace(loneSurrogate, '\uFFFD');
}

/** At most `maxLength` code units of a text, no surrogate pair cut in two. */
export function clipped(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  return text.slice(0, maxLength).replace(loneSurrogate, '').trimEnd();
}

function stringOf(reader: CardReader, found: Found, rule: TextRule): string | undefined {
  const { value } = found;
  if (typeof value === 'string') return value;
  if (value === undefined) return undefined;
  if (rule.numbers && Number.isFinite(value)) {
    reader.warn(found, 'value_converted');
    return String(value);
  }
  if (rule.essential) return reader.refuse(found, 'must be a string');
  return reader.warn(found, 'value_dropped');
}

function cleaned(text: string, kind: TextRule['kind']): string {
  const safe = text.replace(unsafe, '');
  if (kind === 'prose') return safe;
  const visible = safe.replace(invisible, '');
  return kind === 'key' ? visible.replace(/[\n\t]/g, '') : visible;
}
