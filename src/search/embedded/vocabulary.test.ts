import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { spelling } from '../score.ts';
import { Vocabulary } from './vocabulary.ts';

/** Words of few letters, so that many are spellings of each other. */
const words = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'abcde'), minLength: 1, maxLength: 12 }),
  fc.string({ unit: fc.constantFrom(...'aé計😀'), minLength: 4, maxLength: 10 }),
);

describe('a vocabulary', () => {
  it('leaves out no word that is a spelling of the one sought', () => {
    fc.assert(
      fc.property(fc.uniqueArray(words, { maxLength: 60 }), words, (known, wanted) => {
        const vocabulary = new Vocabulary();
        for (const word of known) vocabulary.add(word);
        const near = vocabulary.near(wanted);
        const missed = known.filter(
          (word) => word !== wanted && spelling(wanted, word) > 0 && !near.includes(word),
        );
        expect(missed).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });

  it('finds words of as many other letters as may be wrong', () => {
    const vocabulary = new Vocabulary();
    for (const word of ['accountxyz', 'accounting', 'accountinpq', 'accounti', 'accountinged', 'bccounting'])
      vocabulary.add(word);
    expect(vocabulary.near('accounting').toSorted()).toEqual([
      'accounti',
      'accounting',
      'accountinged',
      'accountinpq',
    ]);
  });

  it('leaves out most others', () => {
    const vocabulary = new Vocabulary();
    for (let number = 0; number < 2_000; number++) vocabulary.add(`word${number.toString(36)}`);
    expect(vocabulary.near('weather').length).toBeLessThan(40);
    expect(vocabulary.near('word')).toEqual([]);
  });
});
