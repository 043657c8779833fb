import { type CryptoKey, importJWK, importPKCS8, type JWK, SignJWT } from 'jose';
import { oncePerKey } from '../../once-per-key.ts';
import type { Clock, NewId } from '../../ports.ts';
import { isRecord } from '../../protocol/json.ts';
import { credentialUnavailable } from '../credential-unavailable.ts';
import type { AssertionKey, SignAssertion } from './assertion.ts';

/** An assertion is good for one request, which takes a few seconds: the rest is for clocks that differ. */
const assertionSeconds = 60;
const maxKeys = 1_000;

interface Imported {
  key: CryptoKey;
  keyId?: string | undefined;
}

/** Each key is imported once a version. */
export function createAssertionSigner({ clock, newId }: { clock: Clock; newId: NewId }): SignAssertion {
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
