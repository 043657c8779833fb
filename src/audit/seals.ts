import type { Secrets } from '../ports.ts';
import { fromBase64Url, toBase64Url } from '../protocol/bytes.ts';
import { keptKey, knownKey } from '../sealing/kept-key.ts';

/**
 * Seals texts so that who has not the key can neither make nor change one: HMAC with SHA-256 (RFC 2104), by a key among the
 * secrets that all processes share. Who has the key can do both: whoever can judge a seal can forge one.
 */
export interface AuditSeals {
  /** Names its key, then a dot and base64url. @throws what `Secrets` throws */
  seal(text: string): Promise<string>;
  /** @throws what `Secrets` throws */
  judge(text: string, seal: string): Promise<SealVerdict>;
}

/** `unknown_key`: the seal names a key that is not among the secrets, or none at all. */
export type SealVerdict = 'genuine' | 'false' | 'unknown_key';

export const auditKeyPrefix = 'audit/';
/** Named in what it seals, so that another may take its place while what this one sealed is still judged. */
const keyId = '1';

/** @param secrets for judging alone, no more than `get` is used */
export function createAuditSeals({ secrets }: { secrets: Secrets }): AuditSeals {
  const known = new Map<string, Promise<CryptoKey>>();

  /** Got once for all who ask at the same time, and then kept; again after a failure. */
  function once(name: string, get: () => Promise<CryptoKey>): Promise<CryptoKey> {
    const kept = known.get(name) ?? get();
    known.set(name, kept);
    kept.catch(() => known.delete(name));
    return kept;
  }

  async function judging(id: string): Promise<CryptoKey | undefined> {
    const name = auditKeyPrefix + id;
    if (known.has(name)) return known.get(name);
    const bytes = await knownKey(secrets, name);
    return bytes && once(name, () => imported(bytes));
  }

  return {
    async seal(text) {
      const name = auditKeyPrefix + keyId;
      const key = await once(name, async () => imported(await keptKey(secrets, name)));
      const signature = await crypto.subtle.sign('HMAC', key, encode(text));
      return `${keyId}.${toBase64Url(new Uint8Array(signature))}`;
    },

    async judge(text, seal) {
      const [, id, code = ''] = /^(\d{1,6})\.([\w-]{43})$/.exec(seal) ?? [];
      const key = id === undefined ? undefined : await judging(id);
      if (key === undefined) return 'unknown_key';
      const bytes = fromBase64Url(code);
      if (bytes === undefined) return 'false';
      return (await crypto.subtle.verify('HMAC', key, bytes, encode(text))) ? 'genuine' : 'false';
    },
  };
}

function imported(bytes: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify']);
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
