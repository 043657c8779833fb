import { LRUCache } from 'lru-cache';
import type { Clock } from '../../ports.ts';
import type { BackendToken } from './token-answer.ts';

/**
 * Tokens of backends, each fetched once for all who wait and kept while it lives: renewed in the background in the last
 * tenth of its life, so that nobody waits; waited for shortly before its end, so that none expires on its way; used to its
 * very end where no other is to be had.
 */
export interface TokenCache {
  /**
   * @returns undefined where what was refused is all there is to be had
   * @throws what `fetch` throws
   */
  tokenFor(key: string, wanted: WantedToken): Promise<string | undefined>;
  /** When the first of the tokens held under keys that begin with `version` expires. */
  expiresAtMs(version: string): number | undefined;
}

export interface WantedToken {
  fetch(): Promise<BackendToken>;
  /** A token the backend has refused: it is not answered again. */
  refused?: string | undefined;
  /** No token is used at or after it, however long it lives, and none is renewed for it. Default: no such end. */
  endsAtMs?: number | undefined;
}

interface Entry {
  token?: BackendToken | undefined;
  fetching?: Promise<BackendToken> | undefined;
  /** The last few the backend refused: a server may issue one of them again. */
  refused: readonly string[];
  /** No renewal of a token that still lives is tried before it. */
  retryAtMs: number;
}

const maxEntries = 10_000;
const maxRefused = 8;
/** A server that fails is not asked by every call. */
const retryAfterMs = 10_000;
/** Longest time before its end in which a token may expire on its way. */
const maxStaleMs = 30_000;

export function createTokenCache(clock: Clock): TokenCache {
  const entries = new LRUCache<string, Entry>({ max: maxEntries });

  function entryOf(key: string): Entry {
    const known = entries.get(key);
    if (known !== undefined) return known;
    const entry: Entry = { refused: [], retryAtMs: 0 };
    entries.set(key, entry);
    return entry;
  }

  /** One fetch at a time, shared by all who wait. */
  function renewed(
    entry: Entry,
    { fetch, endsAtMs = Number.POSITIVE_INFINITY }: WantedToken,
  ): Promise<BackendToken> {
    entry.fetching ??= fetch()
      .then(
        (token) => {
          entry.token = { ...token, expiresAtMs: Math.min(token.expiresAtMs, endsAtMs) };
          return entry.token;
        },
        (error: unknown) => {
          entry.retryAtMs = clock.nowMs() + retryAfterMs;
          throw error;
        },
      )
      .finally(() => {
        entry.fetching = undefined;
      });
    return entry.fetching;
  }

  async function best(entry: Entry, wanted: WantedToken): Promise<BackendToken> {
    const { token } = entry;
    const nowMs = clock.nowMs();
    if (token === undefined || nowMs >= token.expiresAtMs) return renewed(entry, wanted);
    const isRenewable = token.expiresAtMs !== wanted.endsAtMs && nowMs >= entry.retryAtMs;
    if (nowMs < renewAtMs(token) || !isRenewable) return token;
    const renewal = renewed(entry, wanted).catch((error: unknown) => {
      if (clock.nowMs() < token.expiresAtMs) return token;
      throw error;
    });
    if (nowMs >= staleAtMs(token)) return renewal;
    renewal.catch(() => {}); // Nobody waits; who needs another token asks again.
    return token;
  }

  return {
    async tokenFor(key, wanted) {
      const entry = entryOf(key);
      if (wanted.refused !== undefined) refuse(entry, wanted.refused);
      const { accessToken } = await best(entry, wanted);
      if (!entry.refused.includes(accessToken)) return accessToken;
      if (entry.token?.accessToken === accessToken) entry.token = undefined;
      return undefined;
    },

    expiresAtMs(version) {
      const nowMs = clock.nowMs();
      const times = [...entries.entries()]
        .filter(([key]) => key.startsWith(version))
        .flatMap(([, { token }]) => token?.expiresAtMs ?? [])
        .filter((expiresAtMs) => expiresAtMs > nowMs);
      return times.length === 0 ? undefined : Math.min(...times);
    },
  };
}

function refuse(entry: Entry, refused: string): void {
  if (entry.token?.accessToken === refused) entry.token = undefined;
  if (!entry.refused.includes(refused)) entry.refused = [...entry.refused, refused].slice(-maxRefused);
}

function renewAtMs({ askedAtMs, expiresAtMs }: BackendToken): number {
  return expiresAtMs - (expiresAtMs - askedAtMs) / 10;
}

function staleAtMs({ askedAtMs, expiresAtMs }: BackendToken): number {
  return expiresAtMs - Math.min(maxStaleMs, (expiresAtMs - askedAtMs) / 20);
}
