const sequence = 0x30;
const integer = 0x02;
/** Of a number on P-256. */
const numberBytes = 32;

/**
 * A signature by ECDSA on P-256 as a JWS has it: r and s, 32 bytes each (RFC 7518 §3.4), out of the two numbers in DER
 * that X.509 has (RFC 3279 §2.2.3) and KMS answers.
 *
 * @throws RangeError for what is no such signature
 */
export function rawSignature(der: Uint8Array): Uint8Array {
  const raw = new Uint8Array(2 * numberBytes);
  // A sequence of two numbers of at most 33 bytes, so every length is one byte.
  let at = start(der, 0, sequence);
  for (const end of [numberBytes, 2 * numberBytes]) {
    const from = start(der, at, integer);
    at = from + (der[at + 1] ?? 0);
    // A number whose first bit is set has a zero before it, and one that begins with zeros is shorter.
    const first = der[from] === 0 ? from + 1 : from;
    if (at > der.length || at - first > numberBytes || first > at)
      throw new RangeError('no signature on P-256');
    raw.set(der.subarray(first, at), end - (at - first));
  }
  if (at !== der.length) throw new RangeError('no signature on P-256');
  return raw;
}

/** Where the contents of a value begin. */
function start(der: Uint8Array, at: number, tag: number): number {
  if (der[at] !== tag || (der[at + 1] ?? 0x80) >= 0x80) throw new RangeError('no signature on P-256');
  return at + 2;
}
