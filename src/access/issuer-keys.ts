import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { GatewayError } from '../failure.ts';
import type { Clock, Upstream } from '../ports.ts';
import { isRecord } from '../protocol/json.ts';
import type { IssuerConfig } from './issuer-config.ts';
import { discoverIssuer, fetchJson, type IssuerMetadata } from './issuer-metadata.ts';

/** After a fetch, wanted or failed, none follows for this long: unknown key ids cannot make us hammer an issuer. */
export const cooldownMs = 30_000;
/** Keys older than this are fetched again, in the background. */
export const freshForMs = 10 * 60_000;
/** Keys older than this are not used: an issuer that cannot be reached keeps its trust this long at most. */
export const usableForMs = 60 * 60_000;

/** One issuer's keys and metadata, fetched when first needed and kept in step with rotation. */
export interface IssuerKeys {
  /** For `jwtVerify`. Throws GatewayError `issuer_unavailable`; jose's own errors for an unknown key. */
  key: JWTVerifyGetKey;
  /** Undefined while the issuer cannot be reached. */
  metadata(): Promise<IssuerMetadata | undefined>;
}

interface KeySet {
  get: JWTVerifyGetKey;
  fetchedAtMs: number;
}

export function createIssuerKeys(
  issuer: Pick<IssuerConfig, 'issuer' | 'jwksUrl'>,
  { upstream, clock }: { upstream: Upstream; clock: Clock },
): IssuerKeys {
  let metadata: IssuerMetadata | undefined =
    issuer.jwksUrl === undefined ? undefined : { jwksUrl: issuer.jwksUrl };
  let keys: KeySet | undefined;
  let triedAtMs = Number.NEGATIVE_INFINITY;
  let pending: Promise<void> | undefined;

  async function fetchKeys(): Promise<void> {
    const current = await currentMetadata();
    metadata = current;
    const document = await fetchJson(upstream, new URL(current.jwksUrl));
    keys = { get: createLocalJWKSet(parseKeySet(document)), fetchedAtMs: clock.nowMs() };
  }

  /** Read again with the keys, because an issuer may move them; what was known serves where it cannot be. */
  async function currentMetadata(): Promise<IssuerMetadata> {
    if (issuer.jwksUrl !== undefined) return { jwksUrl: issuer.jwksUrl };
    try {
      return await discoverIssuer(upstream, issuer.issuer);
    } catch (error) {
      if (metadata === undefined) throw error;
      return metadata;
    }
  }

  /** One fetch at a time, shared by all who wait; none within the cool-down. */
  function refresh(): Promise<void> {
    if (pending !== undefined) return pending;
    if (clock.nowMs() - triedAtMs < cooldownMs) return Promise.resolve();
    triedAtMs = clock.nowMs();
    pending = fetchKeys().finally(() => {
      pending = undefined;
    });
    return pending;
  }

  function ageMs(): number {
    return keys === undefined ? Number.POSITIVE_INFINITY : clock.nowMs() - keys.fetchedAtMs;
  }

  async function usableKeys(): Promise<KeySet> {
    if (ageMs() >= usableForMs) await refresh();
    else if (ageMs() >= freshForMs) refresh().catch(() => {}); // The keys at hand serve meanwhile.
    if (keys === undefined || ageMs() >= usableForMs) throw new GatewayError({ code: 'issuer_unavailable' });
    return keys;
  }

  return {
    async key(header, token) {
      const { get } = await usableKeys();
      try {
        return await get(header, token);
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
        // The issuer may have rotated. A failed fetch leaves the verdict of the keys at hand.
        await refresh().catch(() => {});
        return (await usableKeys()).get(header, token);
      }
    },
    async metadata() {
      if (metadata?.tokenUrl === undefined && issuer.jwksUrl === undefined) await refresh().catch(() => {});
      return metadata;
    },
  };
}

function parseKeySet(document: unknown): JSONWebKeySet {
  if (!isRecord(document) || !Array.isArray(document.keys)) {
    throw new GatewayError({ code: 'issuer_unavailable' }, { cause: new Error('not a JWK set') });
  }
  // Symmetric keys have no place in a published set; one there must never verify a token (RFC 8725 §2.1).
  const keys = document.keys.filter(
    (key) => isRecord(key) && typeof key.kty === 'string' && key.kty !== 'oct',
  );
  return { keys } as JSONWebKeySet; // jose validates each key when it is used.
}
