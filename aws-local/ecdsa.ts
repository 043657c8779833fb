import { generateKeyPairSync, type KeyObject } from 'node:crypto';

/** ECDSA on P-256 of a digest that is given (FIPS 186-5 §6.4.1): Node itself signs what it has hashed itself, and no other. */

/** The order of the curve's base point. */
const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** In DER, as KMS answers it. Of a stand-in's keys only: the arithmetic takes as long as its numbers have it. */
export function signDigest(digest: Uint8Array, privateKey: KeyObject): Buffer {
  // A pair made anew is the secret number and its point.
  const ephemeral = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });
  const r = numberOf(ephemeral.x) % order;
  const d = numberOf(privateKey.export({ format: 'jwk' }).d);
  const z = BigInt(`0x${Buffer.from(digest).toString('hex')}`);
  const s = (power(numberOf(ephemeral.d), order - 2n) * (z + r * d)) % order;
  const numbers = Buffer.concat([derOf(r), derOf(s)]);
  return Buffer.concat([Buffer.from([0x30, numbers.length]), numbers]);
}

function numberOf(text = ''): bigint {
  return BigInt(`0x${Buffer.from(text, 'base64url').toString('hex')}`);
}

/** Modulo the order; to the order less two it is the inverse (Fermat). */
function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let square = base, left = exponent; left > 0n; left >>= 1n) {
    if ((left & 1n) === 1n) result = (result * square) % order;
    square = (square * square) % order;
  }
  return result;
}

function derOf(value: bigint): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  const signed = (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;
  return Buffer.concat([Buffer.from([0x02, signed.length]), signed]);
}
