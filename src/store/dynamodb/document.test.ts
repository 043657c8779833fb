import fc from 'fast-check';
import { expect, it } from 'vitest';
import { StoreError } from '../store-error.ts';
import { fromParts, maxItemBytes, maxParts, toParts } from './document.ts';

it('gives back a document whatever the parts cut through', () => {
  fc.assert(
    fc.property(
      fc.record({ text: fc.string({ unit: 'binary', maxLength: 40 }), rest: fc.jsonValue({ maxDepth: 1 }) }),
      fc.integer({ min: 1, max: 7 }),
      (given, partBytes) => {
        const document = JSON.parse(JSON.stringify(given)) as unknown;
        const bytes = Buffer.byteLength(JSON.stringify(given));
        if (bytes > maxParts * partBytes) {
          expect(() => toParts(given, partBytes)).toThrow(StoreError);
          return;
        }
        const parts = toParts(given, partBytes);
        expect(parts).toHaveLength(Math.ceil(bytes / partBytes));
        expect(fromParts(parts)).toEqual(document);
      },
    ),
    { examples: [[{ text: '😀', rest: null }, 6]] },
  );
});

it('is one part as long as it fits an item, and refused beyond eight', () => {
  const ofBytes = (bytes: number) => 'a'.repeat(bytes - 2);
  expect(toParts(ofBytes(maxItemBytes))).toHaveLength(1);
  expect(toParts(ofBytes(maxItemBytes + 1))).toHaveLength(2);
  expect(toParts(ofBytes(maxParts * maxItemBytes))).toHaveLength(maxParts);
  expect(() => toParts(ofBytes(maxParts * maxItemBytes + 1))).toThrow(/2800001 bytes/);
});

it('says so when the parts are no document', () => {
  expect(() => fromParts([new TextEncoder().encode('{"a":')])).toThrow(StoreError);
});
