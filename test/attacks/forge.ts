import { createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import type { JWK } from 'jose';

/** Tokens as a forger makes them: nothing is checked, any header goes over any payload. */

export function segment(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
}

export function unsigned(header: unknown, payload: unknown): string {
  return `${segment(header)}.${segment(payload)}.`;
}

/** Signed with a shared secret: what a verifier accepts that takes a public key for one (RFC 8725 §2.1). */
export function hmacSigned(header: unknown, payload: unknown, secret: string | Uint8Array): string {
  const signed = `${segment(header)}.${segment(payload)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

export function publicPem(jwk: JWK): string {
  // Node's own type asks for members jose's leaves open; a published key has them.
  const key = createPublicKey({ key: jwk as import('node:crypto').JsonWebKey, format: 'jwk' });
  return key.export({ type: 'spki', format: 'pem' }).toString();
}

const attacker = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** The forger's own key, as it would stand in a key set. */
export const attackerJwk = attacker.publicKey.export({ format: 'jwk' });

/** Signed with the forger's own RSA key, whatever the header says. */
export function selfSigned(header: unknown, payload: unknown): string {
  const signed = `${segment(header)}.${segment(payload)}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), attacker.privateKey).toString('base64url')}`;
}
