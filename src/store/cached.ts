import { LRUCache } from 'lru-cache';
import type { Clock } from '../ports.ts';
import type { AffinityStore, AgentStore, PermissionStore, ReadOptions, Store } from './port.ts';

export interface CachedStoreOptions {
  clock: Clock;
  /** How long a row read may be answered again, from the start of the read. Default 2000. */
  maxAgeMs?: number;
  /** Agents kept, and permissions, and places; absent ones count. The least recently used goes first. Default 10 000. */
  maxEntries?: number;
}

/**
 * The store with `agents.get` and `permissions.get` remembered, absence too, and `affinities.get`, of which absence is
 * not: another process may be told of a place by the caller sooner than it would forget. What this store wrote is seen at
 * once; what another process wrote is seen after `maxAgeMs` at most. Concurrent reads of one key share one read. A failed
 * read is not remembered. A fresh read is made, and then remembered. Lists, versions of cards, how agents do, webhooks,
 * whose tasks and contexts are, revocations, what callers have had of their limits, the trail, and what was used, are not cached.
 *
 * What `get` answers is shared between callers and frozen deeply: writing to it throws.
 */
export function cachedStore(store: Store, options: CachedStoreOptions): Store {
  const agents = new ReadCache(store.agents.get.bind(store.agents), options);
  const permissions = new ReadCache(store.permissions.get.bind(store.permissions), options);
  const affinities = new ReadCache(store.affinities.get.bind(store.affinities), options, 'presence');
  return {
    agents: cachedAgents(store.agents, agents),
    cardVersions: store.cardVersions,
    permissions: cachedPermissions(store.permissions, permissions),
    affinities: cachedAffinities(store.affinities, affinities),
    health: store.health,
    push: store.push,
    ownership: store.ownership,
    revocations: store.revocations,
    counters: store.counters,
    audit: store.audit,
    usage: store.usage,
    close() {
      agents.clear();
      permissions.clear();
      affinities.clear();
      return store.close();
    },
  };
}

type Cached<S extends { get(key: string): Promise<unknown> }> = ReadCache<Awaited<ReturnType<S['get']>>>;

function cachedAgents(store: AgentStore, cache: Cached<AgentStore>): AgentStore {
  return {
    get: (agentId, options) => cache.get(agentId, options),
    create: (agent, audited) => cache.around([agent.agentId], () => store.create(agent, audited)),
    replace: (agent, revision, audited) =>
      cache.around([agent.agentId], () => store.replace(agent, revision, audited)),
    delete: (agentId, revision, audited) =>
      cache.around([agentId], () => store.delete(agentId, revision, audited)),
    list: (filter, page) => store.list(filter, page),
    ids: (filter, page) => store.ids(filter, page),
  };
}

function cachedPermissions(store: PermissionStore, cache: Cached<PermissionStore>): PermissionStore {
  return {
    get: (scope, options) => cache.get(scope, options),
    create: (permission, audited) =>
      cache.around([permission.scope], () => store.create(permission, audited)),
    replace: (permission, revision, audited) =>
      cache.around([permission.scope], () => store.replace(permission, revision, audited)),
    delete: (scope, revision, audited) => cache.around([scope], () => store.delete(scope, revision, audited)),
    list: (page) => store.list(page),
  };
}

function cachedAffinities(store: AffinityStore, cache: Cached<AffinityStore>): AffinityStore {
  return {
    get: (key) => cache.get(key),
    put(places, expiresAtMs) {
      const keys = places.map(({ key }) => key);
      return cache.around(keys, () => store.put(places, expiresAtMs));
    },
    sweep: (nowMs) => store.sweep(nowMs),
  };
}

interface Entry<T> {
  value: Promise<T>;
  startedAtMs: number;
}

/**
 * Entries hold the promise of a read and enter when the read begins. So a write has only to remove the entry: a read
 * that was under way when it was removed still answers those who asked before, and never comes back.
 */
class ReadCache<T> {
  readonly #read: (key: string) => Promise<T>;
  readonly #clock: Clock;
  readonly #maxAgeMs: number;
  readonly #remembers: 'everything' | 'presence';
  readonly #entries: LRUCache<string, Entry<T>>;
  #latestMs = Number.NEGATIVE_INFINITY;

  constructor(
    read: (key: string) => Promise<T>,
    options: CachedStoreOptions,
    remembers: 'everything' | 'presence' = 'everything',
  ) {
    this.#read = read;
    this.#remembers = remembers;
    this.#clock = options.clock;
    this.#maxAgeMs = options.maxAgeMs ?? 2_000;
    this.#entries = new LRUCache({ max: options.maxEntries ?? 10_000 });
  }

  get(key: string, { fresh = false }: ReadOptions = {}): Promise<T> {
    const nowMs = this.#clock.nowMs();
    // A clock set back would make old entries look young; none of them can be judged any more.
    if (nowMs < this.#latestMs) this.clear();
    this.#latestMs = nowMs;
    const known = this.#entries.get(key);
    if (!fresh && known !== undefined && nowMs - known.startedAtMs < this.#maxAgeMs) return known.value;
    return this.#begin(key, nowMs);
  }

  /** Removes the keys before the write and after it: a read that begins while the write runs may see either state. */
  async around<R>(keys: readonly string[], write: () => Promise<R>): Promise<R> {
    for (const key of keys) this.#entries.delete(key);
    try {
      return await write();
    } finally {
      for (const key of keys) this.#entries.delete(key);
    }
  }

  clear(): void {
    this.#entries.clear();
  }

  #begin(key: string, startedAtMs: number): Promise<T> {
    const entry: Entry<T> = { value: this.#read(key).then(freezeDeeply), startedAtMs };
    this.#entries.set(key, entry);
    const forget = () => {
      // Unless a later read has taken the place.
      if (this.#entries.peek(key) === entry) this.#entries.delete(key);
    };
    entry.value.then((value) => {
      if (value === undefined && this.#remembers === 'presence') forget();
    }, forget);
    return entry.value;
  }
}

/** Once a read, so that a hit needs no copy: what one caller does to an answer cannot reach another. */
function freezeDeeply<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  Object.freeze(value);
  for (const member of Object.values(value)) freezeDeeply(member);
  return value;
}
