import { expect, it } from 'vitest';
import type { IndexFacts } from './agent-entry.ts';
import { entryKeysOf } from './agent-entry.ts';
import { fromHeadItem, headKey, partKeys, toAgent, toHeadItems } from './agent-head.ts';
import { maxParts, toParts } from './document.ts';

const facts: IndexFacts = { status: 'active', tags: ['x', '\ud800'], owner: 'o' };
const key = headKey('a') ?? { pk: '', sk: '' };
const documentOf = (text: string) => toParts({ text }, 10);

it('keeps what the entries were made of beside a document', () => {
  for (const parts of [toParts({ text: 'short' }), documentOf('longer than one part')]) {
    const given = { revision: 3, writeId: 'w', facts, history: 'h', cardVersion: 2 };
    const [head = {}] = toHeadItems(key, given, parts);
    expect(fromHeadItem(head)).toEqual({ ...given, parts: parts.length === 1 ? 0 : parts.length });
  }
});

it('joins the parts of its own write in any order, and no others', () => {
  const items = (writeId: string, text: string) =>
    toHeadItems(key, { revision: 1, writeId, facts, history: 'h', cardVersion: 1 }, documentOf(text));
  const [head = {}, ...parts] = items('one', 'a text of several parts 😀');
  const [, ...others] = items('two', 'another of several parts 😀');
  expect(parts.length).toBeGreaterThan(2);
  expect(toAgent(head, parts.toReversed())).toMatchObject({ text: 'a text of several parts 😀' });
  expect(toAgent(head, [...others, ...parts])).toMatchObject({ text: 'a text of several parts 😀' });
  expect(toAgent(head, parts.slice(1))).toBeUndefined();
  expect(toAgent(head, others)).toBeUndefined();
  expect(toAgent(head, [...others.slice(0, 1), ...parts.slice(1)])).toBeUndefined();
});

it('is no key for a text that is none', () => {
  for (const text of ['', 'a'.repeat(1_025), 'é'.repeat(513)]) expect(headKey(text)).toBeUndefined();
  expect(headKey('a'.repeat(1_024))).toEqual({ pk: `agent#${'a'.repeat(1_024)}`, sk: 'agent' });
});

it('fits the hundred items of a transaction when everything changes', () => {
  const tagged = (word: string, count: number): IndexFacts => ({
    status: 'active',
    tags: Array.from({ length: count }, (_, n) => `${word}${n}`),
    owner: word,
  });
  for (const [before, after] of [
    [40, 40],
    [41, 40],
    [40, 64],
    [64, 64],
  ] as const) {
    const names = [...entryKeysOf('a', tagged('old', before)), ...entryKeysOf('a', tagged('new', after))];
    const items = 1 + maxParts + new Set(names.map(({ pk }) => pk)).size;
    expect(items).toBeLessThanOrEqual(100);
  }
  expect(partKeys(key, 0, maxParts)).toHaveLength(maxParts);
});
