import { type CryptoKey, importJWK, importPKCS8, type JWK, type JWTPayload, SignJWT } from 'jose';
import * as z from 'zod';
import type { Clock, NewId } from '../../ports.ts';
import { isRecord } from '../../protocol/json.ts';
import { credentialUnavailable } from '../credential-unavailable.ts';
import { pemText, text } from '../limits.ts';
import { oncePerKey } from '../once-per-key.ts';

const algorithms = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
] as const;

/** How assertions are signed. */
export const signingMembers = {
  algorithm: z.enum(algorithms).optional().describe('Algorithm assertions are signed with (RFC 7518 §3.1).'),
  keyId: text.optional().describe('`kid` of assertions. Default: that of the JWK, if it has one.'),
  certificateThumbprint: z
    .string()
    .regex(/^[\w-]{43}$/)
    .optional()
    .describe("`x5t#S256` of assertions: the SHA-256 of the key's certificate in base64url, for Entra ID."),
};

/** Only its shape: whether it can be imported is seen when it is used. */
export const privateKeyText = pemText.refine(
  (key) => /^\s*(?:-----BEGIN PRIVATE KEY-----|\{)/.test(key),
  'must be a private key in PEM (PKCS #8) or a JWK',
);

/** A private key assertions are signed with. */
export interface AssertionKey {
  /** Another with every change of the key or the algorithm. */
  version: string;
  privateKey?: string | undefined;
  algorithm?: string | undefined;
  keyId?: string | undefined;
  certificateThumbprint?: string | undefined;
}

/**
 * Signs an assertion (RFC 7523 §3): `jti`, `iat` and `exp`, a minute later, are added.
 *
 * @throws GatewayError `credential_unavailable`, problem `key`; its cause tells nothing of the key
 */
export type SignAssertion = (claims: JWTPayload, key: AssertionKey) => Promise<string>;

/** An assertion is good for one request, which takes a few seconds: the rest is for clocks that differ. */
const assertionSeconds = 60;
const maxKeys = 1_000;

interface Imported {
  key: CryptoKey;
  keyId?: string | undefined;
}

/** Each key is imported once a version. */
export function createSignAssertion({ clock, newId }: { clock: Clock; newId: NewId }): SignAssertion {
  const imported = oncePerKey<Imported>(maxKeys);

  return async (claims, signing) => {
    const { algorithm = '', certificateThumbprint } = signing;
    const nowSeconds = Math.floor(clock.nowMs() / 1_000);
    try {
      const { key, keyId } = await imported(signing.version, () => importKey(signing));
      return await new SignJWT({ ...claims, jti: newId() })
        .setIssuedAt(nowSeconds)
        .setExpirationTime(nowSeconds + assertionSeconds)
        .setProtectedHeader({
          alg: algorithm,
          typ: 'JWT',
          ...(keyId !== undefined && { kid: keyId }),
          ...(certificateThumbprint !== undefined && { 'x5t#S256': certificateThumbprint }),
        })
        .sign(key);
    } catch {
      // Messages of parsers quote what they read, and what they read is the key.
      throw credentialUnavailable('key', new Error(`the private key cannot be used for ${algorithm}`));
    }
  };
}

async function importKey({ privateKey = '', algorithm = '', keyId }: AssertionKey): Promise<Imported> {
  if (!privateKey.trimStart().startsWith('{'))
    return { key: await importPKCS8(privateKey, algorithm), keyId };
  const jwk: unknown = JSON.parse(privateKey);
  if (!isRecord(jwk)) throw new TypeError('not a JWK');
  // jose validates each member it uses.
  const key = await importJWK(jwk as JWK, algorithm);
  if (key instanceof Uint8Array) throw new TypeError('not a private key');
  return { key, keyId: keyId ?? (typeof jwk.kid === 'string' ? jwk.kid : undefined) };
}
