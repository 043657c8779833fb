import type { Secrets } from '../ports.ts';
import { fromBase64Url, toBase64Url } from '../protocol/bytes.ts';
import { keptKey } from './kept-key.ts';

/**
 * Seals texts (AES-256-GCM) with a key that all processes over the same secrets share: what is kept where others may read,
 * or handed to callers to bring back. The key is made when it is first needed, and kept like any secret.
 *
 * Does not hide a text's length, and cannot tell that it was opened before.
 */
export interface Sealer {
  /**
   * @param purpose what the text is, and all it is bound to: only the very same purpose opens it
   * @returns base64url and dots, safe in URLs and JSON
   * @throws what `Secrets` throws
   */
  seal(text: string, purpose: string): Promise<string>;
  /** Undefined for what was not sealed here, was altered, or was sealed for another purpose. @throws as `seal` */
  open(sealed: string, purpose: string): Promise<string | undefined>;
}

/** Named in what it seals, so that another may take its place while this one still opens. */
const keyId = '1';
export const sealingPrefix = 'sealing/';
const saltBytes = 16;
/** NIST SP 800-38D §8.2.1. */
const nonceBytes = 12;

export function createSealer({ secrets }: { secrets: Secrets }): Sealer {
  let kept: Promise<CryptoKey> | undefined;
  /** Asked for once by all who seal and open at the same time; again after a failure. */
  function rootKey(): Promise<CryptoKey> {
    kept ??= importedKey(secrets).catch((error: unknown) => {
      kept = undefined;
      throw error;
    });
    return kept;
  }

  return {
    async seal(text, purpose) {
      const head = crypto.getRandomValues(new Uint8Array(saltBytes + nonceBytes));
      const { key, algorithm } = await cipherOf(await rootKey(), head, purpose);
      const sealed = await crypto.subtle.encrypt(algorithm, key, encode(text));
      const bytes = new Uint8Array(head.length + sealed.byteLength);
      bytes.set(head);
      bytes.set(new Uint8Array(sealed), head.length);
      return `${keyId}.${toBase64Url(bytes)}`;
    },

    async open(sealed, purpose) {
      if (!sealed.startsWith(`${keyId}.`)) return undefined;
      const bytes = fromBase64Url(sealed.slice(keyId.length + 1));
      if (bytes === undefined || bytes.length < saltBytes + nonceBytes) return undefined;
      const head = bytes.subarray(0, saltBytes + nonceBytes);
      const { key, algorithm } = await cipherOf(await rootKey(), head, purpose);
      try {
        const opened = await crypto.subtle.decrypt(algorithm, key, bytes.subarray(head.length));
        return new TextDecoder('utf-8', { ignoreBOM: true }).decode(opened);
      } catch {
        return undefined;
      }
    },
  };
}

/**
 * A key of its own for each text (RFC 5869): random nonces of 96 bits under one key would allow 2^32 texts
 * (NIST SP 800-38D §8.3), which a busy gateway seals within a year.
 */
async function cipherOf(
  root: CryptoKey,
  head: Uint8Array<ArrayBuffer>,
  purpose: string,
): Promise<{ key: CryptoKey; algorithm: AesGcmParams }> {
  const [salt, iv] = [head.subarray(0, saltBytes), head.subarray(saltBytes)];
  const derivation = { name: 'HKDF', hash: 'SHA-256', salt, info: encode('a2a-gateway sealed 1') };
  const key = await crypto.subtle.deriveKey(derivation, root, { name: 'AES-GCM', length: 256 }, false, [
    'encrypt',
    'decrypt',
  ]);
  return { key, algorithm: { name: 'AES-GCM', iv, additionalData: encode(purpose) } };
}

async function importedKey(secrets: Secrets): Promise<CryptoKey> {
  const bytes = await keptKey(secrets, `${sealingPrefix}${keyId}`);
  return crypto.subtle.importKey('raw', bytes, 'HKDF', false, ['deriveKey']);
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
