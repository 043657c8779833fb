import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { LRUCache } from 'lru-cache';
import { GatewayError } from '../failure.ts';
import type { Clock, Upstream } from '../ports.ts';
import { isRecord } from '../protocol/json.ts';
import { createFetchBudget } from './fetch-budget.ts';
import type { IssuerConfig } from './issuer-config.ts';
import { discoverIssuer, fetchJson, type IssuerMetadata } from './issuer-metadata.ts';

/** Keys older than this are fetched again, in the background. */
export const freshForMs = 10 * 60_000;
/** Keys older than this are waited for, so that withdrawn ones end also where nobody calls for long. */
export const staleAfterMs = 15 * 60_000;
/** Keys older than this are not used: an issuer that cannot be reached keeps its trust this long at most. */
export const usableForMs = 60 * 60_000;
/** Fetches that are kept for tokens by keys never seen before: withdrawn keys that are still in use cannot spend them. */
export const reservedFetches = 3;
const maxSeenKeyIds = 1_000;

/** One issuer's keys and metadata, fetched when first needed and kept in step with rotation. */
export interface IssuerKeys {
  /**
   * For `jwtVerify`. A key that is not at hand is absent only by a set that was asked for after the token came: until then
   * nobody knows. The sets that are fetched for such keys are counted (`fetch-budget.ts`). Where none may be fetched, a key
   * id that an earlier set lacked, or had and the latest lacks, is taken for absent; of any other there is no saying.
   *
   * @throws GatewayError `issuer_unavailable`, also where there is no saying; jose's own errors for a key that is absent
   */
  key: JWTVerifyGetKey;
  /** Undefined while the issuer cannot be reached. */
  metadata(): Promise<IssuerMetadata | undefined>;
}

interface KeySet {
  get: JWTVerifyGetKey;
  keyIds: readonly string[];
  /** Which of the fetches it is of, from 1. */
  fetch: number;
  fetchedAtMs: number;
}

export function createIssuerKeys(
  issuer: Pick<IssuerConfig, 'issuer' | 'jwksUrl'>,
  { upstream, clock }: { upstream: Upstream; clock: Clock },
): IssuerKeys {
  let metadata: IssuerMetadata | undefined =
    issuer.jwksUrl === undefined ? undefined : { jwksUrl: issuer.jwksUrl };
  let keys: KeySet | undefined;
  let fetches = 0;
  let pending: Promise<void> | undefined;
  const budget = createFetchBudget(clock);
  /** By key id: the latest set that had it, or the fetches that had begun when it was first wanted. */
  const seen = new LRUCache<string, number>({ max: maxSeenKeyIds });

  async function fetchKeys(fetch: number): Promise<void> {
    const current = await currentMetadata();
    metadata = current;
    const set = parseKeySet(await fetchJson(upstream, new URL(current.jwksUrl)));
    const keyIds = set.keys.flatMap(({ kid }) => kid ?? []);
    for (const keyId of keyIds) seen.set(keyId, fetch);
    keys = { get: createLocalJWKSet(set), keyIds, fetch, fetchedAtMs: clock.nowMs() };
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

  /** The fetch that is under way, or another as far as the budget goes; one at a time, shared by all who wait. */
  function refresh(reserved = 0): Promise<void> | undefined {
    if (pending !== undefined || budget.left() <= reserved) return pending;
    budget.take();
    pending = fetchKeys(++fetches).finally(() => {
      pending = undefined;
    });
    return pending;
  }

  /** A clock that is set back counts from there: it would make old keys look young. */
  function ageMs(): number {
    if (keys === undefined) return Number.POSITIVE_INFINITY;
    const nowMs = clock.nowMs();
    keys.fetchedAtMs = Math.min(keys.fetchedAtMs, nowMs);
    return nowMs - keys.fetchedAtMs;
  }

  async function usableKeys(): Promise<KeySet> {
    if (ageMs() >= usableForMs) await refresh();
    else if (ageMs() >= staleAfterMs) await refresh()?.catch(() => {});
    else if (ageMs() >= freshForMs) refresh()?.catch(() => {}); // The keys at hand serve meanwhile.
    if (keys === undefined || ageMs() >= usableForMs) throw new GatewayError({ code: 'issuer_unavailable' });
    return keys;
  }

  /** A set that was asked for after `begun` fetches, or what comes nearest and may be judged by; else it throws. */
  async function newerKeys(keyId: string, begun: number): Promise<KeySet> {
    const seenAt = seen.get(keyId);
    if (seenAt === undefined) seen.set(keyId, fetches);
    const isSeen = seenAt !== undefined && keys !== undefined && seenAt < keys.fetch;
    for (;;) {
      const current = await usableKeys();
      if (current.fetch > begun || current.keyIds.includes(keyId)) return current;
      const refreshed = refresh(isSeen ? reservedFetches : 0);
      if (refreshed !== undefined) await refreshed;
      else if (isSeen) return current;
      else throw new GatewayError({ code: 'issuer_unavailable' }, { cause: new Error('asked too often') });
    }
  }

  return {
    async key(header, token) {
      const begun = fetches;
      const { get } = await usableKeys();
      try {
        return await get(header, token);
      } catch (error) {
        const keyId: unknown = header.kid ?? '';
        // What is no text is no key's id (RFC 7515 §4.1.4), and no set is asked for it.
        if (!(error instanceof errors.JWKSNoMatchingKey) || typeof keyId !== 'string') throw error;
        // The issuer may have rotated.
        return (await newerKeys(keyId, begun)).get(header, token);
      }
    },
    async metadata() {
      if (metadata === undefined) await refresh(reservedFetches)?.catch(() => {});
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
