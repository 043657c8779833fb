import { toBase64Url } from '../protocol/bytes.ts';

/** A public key on P-256, as a JWK (RFC 7518 §6.2.1). */
export interface PublicKey {
  kty: 'EC';
  crv: 'P-256';
  x: string;
  y: string;
  /** Its thumbprint (RFC 7638). */
  kid: string;
  alg: 'ES256';
  use: 'sig';
}

/** A key that verifies signatures by ES256 (RFC 7518 §3.4), of the point it is. @param x @param y in base64url, 32 bytes each */
export async function publicKeyOf(x: string, y: string): Promise<PublicKey> {
  const half = { crv: 'P-256', kty: 'EC', x, y } as const;
  return { ...half, kid: await thumbprintOf(half), alg: 'ES256', use: 'sig' };
}

/** RFC 7638 §3.2: these members, in this order, and no others. */
async function thumbprintOf({ crv, kty, x, y }: Pick<PublicKey, 'crv' | 'kty' | 'x' | 'y'>): Promise<string> {
  const text = new TextEncoder().encode(JSON.stringify({ crv, kty, x, y }));
  return toBase64Url(new Uint8Array(await crypto.subtle.digest('SHA-256', text)));
}
