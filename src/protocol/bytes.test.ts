import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromBase64, joinBytes, sha256Hex, toBase64 } from './bytes.ts';

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

  it('in parts are the whole', () => {
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 5 }), (parts) => {
        expect(Buffer.from(joinBytes(parts))).toEqual(Buffer.concat(parts));
      }),
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
