import { describe, expect, it } from 'vitest';
import { exactKey, maxQueryTerms, queryTermsOf, termsOf } from './analysis.ts';

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

describe('the terms of a query', () => {
  const asked = (query: string) => queryTermsOf(query).map(({ term }) => term);

  it('are each there once, without what says nothing', () => {
    expect(asked('Please find me an agent that can check the invoices, all invoices')).toEqual([
      'check',
      'invoic',
    ]);
  });

  it('are all of them where nothing else is left', () => {
    expect(asked('an agent')).toEqual(['an', 'agent']);
  });

  it('are bounded', () => {
    const query = Array.from({ length: 500 }, (_, at) => `word${at}`).join(' ');
    expect(asked(query)).toHaveLength(maxQueryTerms);
  });

  it('have synonyms, of other languages too, but never of a word that is English', () => {
    const synonymsOf = (word: string) => queryTermsOf(word)[0]?.synonyms ?? [];
    expect(synonymsOf('bills')).toContain('invoic');
    expect(synonymsOf('Rechnung')).toContain('invoic');
    expect(synonymsOf('invoice')).not.toContain('invoic');
    expect(synonymsOf('zzyzx')).toEqual([]);
    expect(synonymsOf('constructor')).not.toContain(undefined);
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
