import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAgentPattern, patternCovers } from '../../access/permission.ts';
import type { SearchDocument } from '../document.ts';
import { clauseOf, toFilter } from './filter.ts';
import { markOf, marksOf } from './marks.ts';
import { documentOf, fromMetadata, isSameMetadata, toMetadata } from './metadata.ts';

function documentWith(members: Partial<SearchDocument> = {}): SearchDocument {
  return {
    agentId: 'billing',
    revision: 3,
    name: 'billing',
    tags: ['finance'],
    facets: ['binding:JSONRPC'],
    terms: new Map([['invoic', 0]]),
    text: 'Billing. Reads invoices',
    ...members,
  };
}

/** As S3 Vectors counts at most: what filters may ask for, and all of it. */
function bytesOf(document: SearchDocument): { filterable: number; all: number } {
  const metadata = toMetadata(document);
  const { agent, has } = metadata;
  return {
    filterable: Buffer.byteLength(JSON.stringify({ agent, has })),
    all: Buffer.byteLength(JSON.stringify(metadata)),
  };
}

const largest = documentWith({
  agentId: 'a'.repeat(63),
  name: '名'.repeat(2_000),
  tags: Array.from({ length: 64 }, (_, n) => `${'𝒜'.repeat(30)}${n}`),
  facets: Array.from({ length: 12 }, (_, n) => `facet:${n}`),
  terms: new Map(Array.from({ length: 400 }, (_, n) => [`${'𠀀'.repeat(39)}${n}`, n % 5])),
  text: '\u0001'.repeat(2_000),
});

describe('the metadata of an agent', () => {
  it('keeps the whole document but its text', () => {
    const document = documentWith();
    const kept = fromMetadata(toMetadata(document));
    expect(kept && documentOf(kept)).toEqual({ ...document, text: '' });
  });

  it('stays within the limits for the largest agent that can be registered', () => {
    const { filterable, all } = bytesOf(largest);
    expect(filterable).toBeLessThan(2_000);
    expect(all).toBeLessThan(40_000);
    const marks = marksOf(largest);
    for (const tag of largest.tags) expect(marks).toContain(markOf.text(tag));
    for (const facet of largest.facets) expect(marks).toContain(markOf.facet(facet));
    expect(marks).toContain(markOf.id(largest.agentId));
  });

  it('stays within them whatever the text is', () => {
    const text = fc.string({ unit: 'binary', maxLength: 400 });
    const some = fc.record({
      name: text,
      tags: fc.array(text, { maxLength: 64 }),
      terms: fc.array(text, { maxLength: 400 }),
      text,
    });
    fc.assert(
      fc.property(some, ({ terms, ...rest }) => {
        const document = documentWith({ ...rest, terms: new Map(terms.map((term, n) => [term, n % 5])) });
        expect(bytesOf(document).filterable).toBeLessThan(2_000);
      }),
      { numRuns: 50 },
    );
  });

  it('loses the last terms first', () => {
    const kept = fromMetadata(toMetadata(largest));
    const terms = [...((kept && documentOf(kept).terms.keys()) ?? [])];
    expect(terms.length).toBeGreaterThan(50);
    expect(terms).toEqual([...largest.terms.keys()].slice(0, terms.length));
  });

  it('differs where any part of the agent does', () => {
    const before = toMetadata(documentWith());
    expect(isSameMetadata(before, toMetadata(documentWith()))).toBe(true);
    expect(isSameMetadata(before, { ...before, has: before.has.toReversed() })).toBe(true);
    for (const members of [{ text: 'other' }, { tags: [] }, { revision: 4 }, { terms: new Map() }])
      expect(isSameMetadata(before, toMetadata(documentWith(members)))).toBe(false);
  });

  it('is that of an agent only where it says so', () => {
    for (const other of [undefined, null, {}, { agent: 'true', document: '{}' }, { set: '{}' }])
      expect(fromMetadata(other)).toBeUndefined();
  });
});

describe('a permission as a clause', () => {
  const label = fc.string({ unit: fc.constantFrom('a', 'b', '-'), maxLength: 40 });
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '-', '*'), minLength: 1, maxLength: 45 });

  it('is met by every agent the pattern covers', () => {
    fc.assert(
      fc.property(label, pattern, (agentId, glob) => {
        const { marks } = clauseOf(glob);
        const agent = documentWith({ agentId, tags: [] });
        const isMet = marks.every((mark) => marksOf(agent).includes(mark));
        if (patternCovers(glob, agent)) expect(isMet).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('is told apart from one that many other agents meet', () => {
    expect(['a', 'a*', '*a', 'a*b', 'tag:x', '*', 'b**'].map((glob) => clauseOf(glob).isTight)).toEqual(
      Array(7).fill(true),
    );
    const loose = ['*a*', 'a*b*c', `${'a'.repeat(25)}*`, `*${'a'.repeat(17)}`];
    expect(loose.map((glob) => clauseOf(glob).isTight)).toEqual([false, false, false, false]);
  });

  it('lets no text of a caller into the filter', () => {
    const hostile = ['tag:$or', 'tag:__proto__', 'constructor', 'tag:"}]}', '$in', `tag:'--`];
    const filter = toFilter({
      scope: hostile.map(clauseOf),
      all: hostile.map(markOf.text),
      anyOfEach: [hostile.map(markOf.term)],
    });
    const strings: string[] = [];
    JSON.stringify(filter, (key, value: unknown) => {
      if (key !== '') strings.push(key);
      if (typeof value === 'string') strings.push(value);
      return value;
    });
    const allowed = /^(?:agent|has|\$and|\$or|\$eq|\d+|[\w-]{4,6})$/;
    expect(strings.filter((text) => !allowed.test(text))).toEqual([]);
    expect(hostile.filter((text) => strings.includes(text))).toEqual([]);
    expect(hostile.filter(isAgentPattern).length).toBeGreaterThan(0);
  });
});
