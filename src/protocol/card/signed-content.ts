import { canonicalJson } from '../canonical-json.ts';
import { isRecord } from '../json.ts';
import { cardMessage, type Kind } from './signed-members.ts';

/** One reading of a card: what of it is signed. */
export interface SignedContent {
  /** Nothing that is not signed. */
  content: Record<string, unknown>;
  /** The content in canonical form (RFC 8785): the payload of a signature. */
  payload: string;
}

/**
 * What a signature of this card may be of, without repetitions. A2A §8.4.1 is read in three ways:
 *
 * 1. as it says: what the specification names, without default values where they say nothing;
 * 2. as the official SDKs do: the same without anything empty, required members among it;
 * 3. as sent: everything but `signatures`, which is how 0.3 and plain JSON tools have it.
 *
 * That a signature may match any of them lets nobody add to a signed card or take from it, as long as the card is then
 * read from the content that matched: what differs between the readings is what the specification does not name, and
 * values that are as good as absent.
 *
 * @param card not deeper than `maxJsonDepth`
 */
export function signedContents(card: Readonly<Record<string, unknown>>): SignedContent[] {
  const { signatures: _, ...asSent } = card;
  const specified = specifiedOf(asSent, cardMessage);
  const found = new Map<string, SignedContent>();
  for (const content of [specified, withoutEmpty(specified) ?? {}, asSent]) {
    const payload = canonicalJson(content);
    // Each is an object, because the card is one.
    if (!found.has(payload)) found.set(payload, { content: content as Record<string, unknown>, payload });
  }
  return [...found.values()];
}

/** What a message names of a value. One of another type is kept as it is: it is signed as it is. */
function specifiedOf(value: unknown, kind: Kind): unknown {
  if (kind === 'any') return value;
  if ('itemsOf' in kind)
    return Array.isArray(value) ? value.map((each) => specifiedOf(each, kind.itemsOf)) : value;
  if (!isRecord(value)) return value;
  if ('valuesOf' in kind) return mapped(value, (member) => specifiedOf(member, kind.valuesOf));
  return mapped(value, (member, name) => {
    const known = Object.hasOwn(kind.members, name) ? kind.members[name] : undefined;
    if (known === undefined || member === null) return undefined;
    const specified = specifiedOf(member, known.kind);
    return known.isOmittedByDefault && isDefault(specified, known.kind) ? undefined : specified;
  });
}

/** That of a message is its absence. */
function isDefault(value: unknown, kind: Kind): boolean {
  if (value === '' || value === false || value === 0) return true;
  if (Array.isArray(value)) return value.length === 0;
  return kind !== 'any' && 'valuesOf' in kind && isRecord(value) && Object.keys(value).length === 0;
}

/** Undefined where nothing is left. */
function withoutEmpty(value: unknown): unknown {
  if (value === '' || value === null) return undefined;
  if (Array.isArray(value)) {
    const items = value.map(withoutEmpty).filter((item) => item !== undefined);
    return items.length === 0 ? undefined : items;
  }
  if (!isRecord(value)) return value;
  const left = mapped(value, withoutEmpty);
  return Object.keys(left).length === 0 ? undefined : left;
}

/** The members for which there is a value. */
function mapped(
  value: Readonly<Record<string, unknown>>,
  made: (member: unknown, name: string) => unknown,
): Record<string, unknown> {
  const entries = Object.entries(value)
    .map(([name, member]) => [name, made(member, name)] as const)
    .filter(([, member]) => member !== undefined);
  return Object.fromEntries(entries);
}
