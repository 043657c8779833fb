import { describe, expect, it } from 'vitest';
import { maxQueryTerms, queryTermsOf } from './query-terms.ts';

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
