import type { JWK } from 'jose';
import { GatewayError } from '../../failure.ts';
import { parseUrl } from '../../parse-url.ts';
import type { Upstream } from '../../ports.ts';
import { isRecord } from '../../protocol/json.ts';

/** Whose signatures count: pinned keys, and key sets at these origins. */
export interface Trusted {
  keys: readonly JWK[];
  jkuOrigins: readonly string[];
}

/** What the protected header of a signature says of its key. */
export interface NamedKey {
  kid: string;
  jku?: string;
}

/** Why no key of a signature is trusted, in a few words of the gateway's own. */
export class UntrustedKey extends Error {}

export interface KeyFetch {
  upstream: Upstream;
  /** The whole of a fetch. */
  timeoutMs: number;
}

const maxKeySetBytes = 256 * 1024;
const maxKeys = 100;

/**
 * Finds the trusted keys that a signature may be by. A pinned key comes first, so that its `kid` is never another's; else
 * the key set where `jku` leads counts, if its origin is allowed: by the one way out, without a redirect, for all who ask
 * for it in the same moment once.
 *
 * It is fetched for every card anew. Cards are fetched at registration and sync alone, and a key that was withdrawn counts
 * for nothing from then on.
 *
 * @throws UntrustedKey
 */
export function trustedKeys(
  { keys, jkuOrigins }: Trusted,
  { upstream, timeoutMs }: KeyFetch,
): (named: NamedKey) => Promise<readonly JWK[]> {
  const fetched = new Map<string, Promise<readonly JWK[]>>();
  const fetchOnce = (url: URL) => {
    const known = fetched.get(url.href) ?? fetchKeys(url, upstream, timeoutMs);
    fetched.set(url.href, known);
    return known;
  };
  return async ({ kid, jku }) => {
    const isNamed = (key: JWK) => key.kid === kid;
    const pinned = keys.filter(isNamed);
    if (pinned.length > 0) return pinned;
    if (jku === undefined) throw new UntrustedKey('a kid that is not among the keys');
    const url = parseUrl(jku);
    if (url === undefined || !jkuOrigins.includes(url.origin))
      throw new UntrustedKey('a kid that is not among the keys, and a jku that is not on an allowed origin');
    const published = (await fetchOnce(url)).filter(isNamed);
    if (published.length === 0) throw new UntrustedKey('a kid that is not among the keys at its jku');
    return published;
  };
}

async function fetchKeys(url: URL, upstream: Upstream, timeoutMs: number): Promise<readonly JWK[]> {
  try {
    const response = await upstream.send({
      method: 'GET',
      url,
      headers: { accept: 'application/jwk-set+json, application/json', 'user-agent': 'a2a-gateway' },
      headersTimeoutMs: timeoutMs,
      idleTimeoutMs: timeoutMs,
      totalTimeoutMs: timeoutMs,
    });
    if (response.status !== 200) {
      response.close();
      throw new UntrustedKey(`a jku that answers with status ${response.status}`);
    }
    return parseKeys(new TextDecoder().decode(await response.bytes(maxKeySetBytes)));
  } catch (error) {
    if (error instanceof UntrustedKey) throw error;
    const word = error instanceof GatewayError ? error.failure.code.replace(/^upstream_/, '') : 'invalid';
    throw new UntrustedKey(`a jku whose keys cannot be had: ${word}`, { cause: error });
  }
}

/** Keys that are none fail when they are used. @throws SyntaxError, UntrustedKey */
function parseKeys(text: string): readonly JWK[] {
  const set: unknown = JSON.parse(text);
  if (!isRecord(set) || !Array.isArray(set.keys)) throw new UntrustedKey('a jku that has no JWK set');
  if (set.keys.length > maxKeys) throw new UntrustedKey(`a jku with more than ${maxKeys} keys`);
  return set.keys.filter(isRecord);
}
