import { describe, expect, it } from 'vitest';
import { cardFixtureText } from '../../test/fixtures/cards/cards.ts';
import { parseAgentCardText } from './card-text.ts';

function problemOf(document: Uint8Array | string): string {
  const result = parseAgentCardText(document);
  if (result.ok || result.failure.code !== 'card_invalid') throw new Error('not refused');
  expect(result.failure.path).toBe('');
  return result.failure.problem;
}

describe('parseAgentCardText', () => {
  const card = cardFixtureText('v1');

  it('reads bytes and text alike', () => {
    const fromText = parseAgentCardText(card);
    expect(fromText).toMatchObject({ ok: true, value: { warnings: [] } });
    expect(parseAgentCardText(new TextEncoder().encode(card))).toEqual(fromText);
  });

  it.each([
    ['text', `\uFEFF${card}`],
    ['bytes', new TextEncoder().encode(`\uFEFF${card}`)],
  ])('skips a byte-order mark in %s with a warning', (_, document) => {
    expect(parseAgentCardText(document)).toMatchObject({
      ok: true,
      value: { warnings: [{ path: '', code: 'byte_order_mark' }] },
    });
  });

  const cases: [string, Uint8Array | string, string][] = [
    ['nothing', '', 'must not be empty'],
    ['a byte-order mark alone', '\uFEFF\n', 'must not be empty'],
    ['bytes of another encoding', Uint8Array.of(0x7b, 0xff, 0x7d), 'must be UTF-8'],
    ['a page', '\n<!doctype html><title>Sign in</title>', 'must be JSON, not HTML'],
    ['comments', '{ // name\n "name": "x" }', 'must be JSON'],
    ['a cut document', card.slice(0, -10), 'must be JSON'],
    ['two documents', `${card}${card}`, 'must be one JSON document'],
    ['a document and more', '{"a":"}"} and more', 'must be JSON'],
    ['a list', `[${card}]`, 'must be an object'],
    ['null', 'null', 'must be an object'],
    ['more bytes than allowed', ' '.repeat(1024 * 1024 + 1), 'must have at most 1048576 bytes'],
  ];
  it.each(cases)('refuses %s and says why', (_, document, problem) => {
    expect(problemOf(document)).toBe(problem);
  });

  it.each([
    ['opening brackets', '['.repeat(1024 * 1024)],
    ['nested objects', '{"a":'.repeat(200_000)],
    ['a string that never ends', `{"${'\\"'.repeat(500_000)}`],
    ['quotation marks', `{${'"'.repeat(1_000_000)}`],
  ])('refuses a document of %s before the test is given up', (_, document) => {
    expect(problemOf(document)).toBe('must be JSON');
  });
});
