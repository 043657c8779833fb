import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { rawSignature } from './raw-signature.ts';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

describe('a signature in DER', () => {
  it('is the same as r and s, however short they are', () => {
    const lengths = new Set<number>();
    // One in 256 numbers is short, and half of them have a zero before them.
    for (let count = 0; count < 2_000; count++) {
      const input = Buffer.from(String(count));
      const der = sign('sha256', input, privateKey);
      lengths.add(der.length);
      const raw = rawSignature(der);
      expect(raw).toHaveLength(64);
      expect(verify('sha256', input, { key: publicKey, dsaEncoding: 'ieee-p1363' }, raw)).toBe(true);
    }
    expect(lengths.size).toBeGreaterThan(3);
  });

  it.each([
    ['nothing', []],
    ['something else', [0x31, 0x06, 2, 1, 1, 2, 1, 1]],
    ['one number', [0x30, 0x03, 2, 1, 1]],
    ['numbers that end too early', [0x30, 0x06, 2, 1, 1, 2, 9, 1]],
    ['a number too large', [0x30, 0x26, 2, 33, ...Array(33).fill(1), 2, 1, 1]],
    ['something behind', [0x30, 0x06, 2, 1, 1, 2, 1, 1, 0]],
    ['a long form', [0x30, 0x81, 6, 2, 1, 1, 2, 1, 1]],
  ])('that is %s is none', (_, bytes) => {
    expect(() => rawSignature(Uint8Array.from(bytes))).toThrow(RangeError);
  });
});
