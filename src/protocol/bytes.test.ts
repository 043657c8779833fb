import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fromBase64,
  fromBase64Url,
  GatheredBytes,
  sha256Hex,
  toBase64,
  toBase64Url,
  utf8Length,
} from './bytes.ts';

const bytes = fc.uint8Array({ maxLength: 300 });

describe('bytes', () => {
  it('come back from base64 as they went, and as others spell them', () => {
    fc.assert(
      fc.property(bytes, (given) => {
        expect(toBase64(given)).toBe(Buffer.from(given).toString('base64'));
        expect(fromBase64(toBase64(given))).toEqual(new Uint8Array(given));
      }),
    );
  });

  it('are read from base64 with white space in it, and from nothing else', () => {
    expect(fromBase64('TW\r\nFu')).toEqual(new TextEncoder().encode('Man'));
    for (const text of ['TW!u', 'T', 'TWFu=', 'é']) expect(fromBase64(text)).toBeUndefined();
  });

  it('have one spelling in base64url, and no other is read', () => {
    const character = fc.constantFrom(...'AQgw-_+/= ');
    fc.assert(
      fc.property(bytes, character, fc.nat(), (given, strange, at) => {
        const text = toBase64Url(given);
        expect(text).toBe(Buffer.from(given).toString('base64url'));
        expect(fromBase64Url(text)).toEqual(new Uint8Array(given));
        const index = at % (text.length + 1);
        for (const taken of [0, 1]) {
          const other = text.slice(0, index) + strange + text.slice(index + taken);
          const read = fromBase64Url(other);
          if (read !== undefined) expect(toBase64Url(read)).toBe(other);
        }
      }),
      { examples: [[new Uint8Array([0]), 'B', 1]] },
    );
  });

  it('of a text have one digest in UTF-8', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (text) => {
        expect(await sha256Hex(text)).toBe(createHash('sha256').update(text, 'utf8').digest('hex'));
      }),
      { numRuns: 30 },
    );
  });
});

describe('the length of a text in UTF-8', () => {
  it('is that of its bytes, however long it is and whatever it holds', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('😀', '\ud83d', '\ude00', 'é', '€'),
    );
    fc.assert(
      fc.property(
        fc.array(piece),
        fc.constantFrom('', 'x', '😀', '\ud800'),
        fc.nat(33_000),
        (pieces, fill, n) => {
          const text = pieces.join('') + fill.repeat(n) + pieces.join(fill);
          expect(utf8Length(text)).toBe(Buffer.byteLength(text));
        },
      ),
    );
  });
});

describe('gathered bytes', () => {
  it('are those of the pieces, whatever these are, and each is taken once', () => {
    const piece = fc.uint8Array({ maxLength: 40 });
    fc.assert(
      fc.property(fc.array(fc.option(piece), { maxLength: 40 }), (steps) => {
        const held = new GatheredBytes();
        const [all, taken]: [number[], number[]] = [[], []];
        for (const step of steps) {
          if (step === null) taken.push(...held.take());
          else held.push(step);
          all.push(...(step ?? []));
          expect([...taken, ...held.peek()]).toEqual(all);
          expect(held.length).toBe(all.length - taken.length);
        }
      }),
    );
  });

  it('leave a piece as it was, and what was taken', () => {
    const first = new Uint8Array([1, 2]);
    const held = new GatheredBytes();
    held.push(first.subarray(0, 1));
    held.push(new Uint8Array([3]));
    const taken = held.take();
    held.push(new Uint8Array([4]));
    expect([[...first], [...taken]]).toEqual([
      [1, 2],
      [1, 3],
    ]);
  });

  it('take little more room than they have bytes, however small the pieces', () => {
    const held = new GatheredBytes();
    const one = new Uint8Array(1);
    for (let pieces = 0; pieces < 1_000_000; pieces++) held.push(one);
    expect(held.peek().buffer.byteLength).toBeLessThan(2_200_000);
  });
});
