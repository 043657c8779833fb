import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { likeness, score, scoreWeights, spelling, vectorScore } from './score.ts';

const share = fc.double({ min: 0, max: 1, noNaN: true });
const exact = fc.constantFrom(undefined, 'id' as const, 'name' as const, 'tag' as const);

describe('a score', () => {
  it('is between 0 and 1, and grows with words and with likeness', () => {
    fc.assert(
      fc.property(share, share, share, exact, (lexical, vector, more, hit) => {
        const one = score(lexical, vector, hit);
        expect(one).toBeGreaterThanOrEqual(0);
        expect(one).toBeLessThanOrEqual(1);
        expect(score(Math.max(lexical, more), vector, hit)).toBeGreaterThanOrEqual(one);
        expect(score(lexical, Math.max(vector, more), hit)).toBeGreaterThanOrEqual(one);
      }),
    );
  });

  it('puts the id before the name, the name before a tag, a tag before all else', () => {
    fc.assert(
      fc.property(share, share, share, share, (lexical, vector, otherLexical, otherVector) => {
        const [id, name, tag] = (['id', 'name', 'tag'] as const).map((hit) => score(lexical, vector, hit));
        const other = (hit?: 'name' | 'tag') => score(otherLexical, otherVector, hit);
        expect(id).toBeGreaterThanOrEqual(other('name'));
        expect(name).toBeGreaterThanOrEqual(other('tag'));
        expect(tag).toBeGreaterThan(other());
      }),
    );
  });

  it('is nothing where nothing fits', () => {
    expect(score(0, 0, undefined)).toBe(0);
    expect(score(1, 0, undefined)).toBeGreaterThan(scoreWeights.floor);
    expect(score(0, 1, undefined)).toBeGreaterThan(scoreWeights.floor);
  });
});

describe('a spelling', () => {
  const [oneLetter, twoLetters] = scoreWeights.misspelt;
  it.each([
    ['invoic', 'invoic', 1],
    ['invoic', 'invoc', oneLetter],
    ['payrol', 'payrll', oneLetter],
    ['reconcil', 'recnocil', twoLetters],
    ['tax', 'tux', 0], // too short
    ['farm', 'form', 0],
    ['invoic', 'envoic', 0], // another first letter
    ['invoic', 'invcx', 0], // two letters in a short word
    ['invoic', 'invoicing', 0],
  ])('%s for %s is worth %d', (wanted, found, worth) => {
    expect(spelling(wanted, found)).toBe(worth);
  });

  it('is worth less than the word, as is a synonym', () => {
    const term = { term: 'invoic', synonyms: ['bill', 'invoc'] };
    expect(likeness(term, 'invoic')).toBe(1);
    expect(likeness(term, 'bill')).toBe(scoreWeights.synonym);
    expect(likeness(term, 'invoc')).toBe(Math.max(scoreWeights.synonym, oneLetter));
    expect(likeness(term, 'ship')).toBe(0);
  });
});

describe('the score of a vector', () => {
  it.each([
    [-1, 0],
    [0.2, 0],
    [0.35, 0.5],
    [0.5, 1],
    [1, 1],
  ])('of similarity %d is %d', (similarity, expected) => {
    expect(vectorScore(similarity, { low: 0.2, high: 0.5 })).toBeCloseTo(expected);
  });
});
