import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { rawSignature } from './raw-signature.ts';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** A positive number as DER has it: as short as it can be, with a zero before a first bit that is set. */
function numberOf(bytes: readonly number[]): number[] {
  const from = bytes.findIndex((byte) => byte !== 0);
  const digits = bytes.slice(from);
  const padded = (digits[0] ?? 0) >= 0x80 ? [0, ...digits] : digits;
  return [2, padded.length, ...padded];
}

describe('a signature in DER', () => {
  it('verifies as r and s', () => {
    for (let count = 0; count < 200; count++) {
      const input = Buffer.from(String(count));
      const raw = rawSignature(sign('sha256', input, privateKey));
      expect(raw).toHaveLength(64);
      expect(verify('sha256', input, { key: publicKey, dsaEncoding: 'ieee-p1363' }, raw)).toBe(true);
    }
  });

  it('is the same as r and s, however short they are', () => {
    for (let zeros = 0; zeros < 32; zeros++) {
      for (const first of [0x01, 0x7f, 0x80, 0xff]) {
        const r = [...Array(zeros).fill(0), first, ...Array(31 - zeros).fill(0x2a)];
        const s = [...r].reverse();
        const body = [...numberOf(r), ...numberOf(s)];
        expect([...rawSignature(Uint8Array.from([0x30, body.length, ...body]))]).toEqual([...r, ...s]);
      }
    }
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
