import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fromKeyText, keyText } from './key-text.ts';

const text = fc.string({ unit: 'binary' });

it('makes two keys of two texts, each well-formed and without a NUL', () => {
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(keyText(a) === keyText(b)).toBe(a === b);
      expect(keyText(a)).not.toMatch(/\p{Surrogate}|\0/u);
    }),
    {
      examples: [
        ['\ud800', '\ufffd'],
        ['\ud800', '\\ud800'],
        ['"', '\\"'],
      ],
    },
  );
});

it('gives the text of a key back', () => {
  fc.assert(
    fc.property(text, (given) => {
      expect(fromKeyText(keyText(given))).toBe(given);
    }),
  );
});

it('leaves agent ids and scopes as they are', () => {
  for (const given of ['billing', 'hr-2', 'gateway:admin', 'api://x/read', 'a~b'])
    expect(keyText(given)).toBe(given);
});
