import { describe, expect, it } from 'vitest';
import { exactKey, termsOf } from './analysis.ts';

describe('the terms of a text', () => {
  it.each([
    ['Reconciling Invoices', ['reconcil', 'invoic']],
    ['invoiceReader HTTPServer', ['invoic', 'reader', 'http', 'server']],
    ['accounts-payable_v2', ['account', 'payabl', 'v2']],
    ['Müller Straße', ['muller', 'straße']],
    ['s3 k8s 24/7', ['s3', 'k8s', '24', '7']],
    ['ｆｕｌｌ ｗｉｄｔｈ', ['full', 'width']],
    ['', []],
    ['🚀 👩‍🚀 !?', []],
    ['a\u0000b', ['a', 'b']],
  ])('%j are %j', (text, terms) => {
    expect(termsOf(text)).toEqual(terms);
  });

  it('are found without spaces between words, and keep the sounds of their letters', () => {
    expect(termsOf('東京の天気予報')).toEqual(expect.arrayContaining(['東京', '天気']));
    expect(termsOf('パン')).toEqual(['パン']);
    expect(termsOf('हिन्दी')).toEqual(['हिन्दी']);
  });

  it('are not what no word is', () => {
    expect(termsOf('x'.repeat(41))).toEqual([]);
    expect(termsOf(`${'x'.repeat(10_000)}東`).every((term) => term.length <= 40)).toBe(true);
  });
});

describe('what is compared as a whole', () => {
  it.each([
    ['Invoice Desk', 'invoice desk'],
    ['invoice-desk', 'invoice desk'],
    ['  INVOICE   desk! ', 'invoice desk'],
    ['Café', 'cafe'],
    ['…', ''],
  ])('%j is %j', (text, key) => {
    expect(exactKey(text)).toBe(key);
  });
});
