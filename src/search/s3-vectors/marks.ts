import { createHash } from 'node:crypto';
import { exactKey } from '../analysis.ts';
import type { SearchDocument } from '../document.ts';

/**
 * What filters ask for is kept as one list of marks a vector: short hashes, so that every fact has the same few bytes and
 * no text of a card, an id or a query is ever part of a filter. Two facts may share a mark; what a filter lets through is
 * judged again by the document.
 */

/** 36 bits: nobody makes an agent with the mark of another's tag by trying. */
const factChars = 6;
/** 24 bits; of a term nothing hangs but that a candidate is looked at. */
const termChars = 4;

/** Of an id's beginnings and ends, up to these lengths. */
export const maxPrefixChars = 24;
export const maxSuffixChars = 16;

/** S3 Vectors takes 2 KB; how it counts is not published, so some of it stays free. */
export const maxMarksBytes = 1_900;

export const markOf = {
  id: (agentId: string) => hash('i', agentId, factChars),
  prefix: (text: string) => hash('p', text, factChars),
  suffix: (text: string) => hash('s', text, factChars),
  /** Of a tag as it is, and of any id, name or tag in the form in which a query is compared with it. */
  text: (text: string) => hash('t', text, factChars),
  facet: (facet: string) => hash('f', facet, factChars),
  term: (term: string) => hash('w', term, termChars),
} as const;

/**
 * The marks of an agent, those that permissions hang on first, within {@link maxMarksBytes}: terms of the worst places are
 * left out where they do not fit. Without terms there is room for the 64 tags an agent may have.
 */
export function marksOf({ agentId, name, tags, facets, terms }: SearchDocument): string[] {
  const marks = new Set<string>();
  // Quotes and a comma; the brackets are within what stays free.
  let bytes = 0;
  const add = (mark: string) => {
    if (marks.has(mark) || bytes + mark.length + 3 > maxMarksBytes) return;
    marks.add(mark);
    bytes += mark.length + 3;
  };
  add(markOf.id(agentId));
  for (let end = 1; end <= Math.min(agentId.length, maxPrefixChars); end++)
    add(markOf.prefix(agentId.slice(0, end)));
  for (let from = 1; from <= Math.min(agentId.length, maxSuffixChars); from++)
    add(markOf.suffix(agentId.slice(-from)));
  for (const tag of tags) add(markOf.text(tag));
  for (const facet of facets) add(markOf.facet(facet));
  for (const text of [exactKey(agentId), name, ...tags.map(exactKey)])
    if (text !== '') add(markOf.text(text));
  for (const [term] of [...terms].sort(([, place], [, other]) => place - other)) add(markOf.term(term));
  return [...marks];
}

function hash(kind: string, text: string, chars: number): string {
  return createHash('sha256').update(`${kind}:${text}`).digest('base64url').slice(0, chars);
}
