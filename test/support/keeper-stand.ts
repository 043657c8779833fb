import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { GatewayError } from '../../src/failure.ts';
import type { Agent } from '../../src/registry/agent.ts';
import { exactKey } from '../../src/search/analysis.ts';
import { openEmbeddedIndex } from '../../src/search/embedded/embedded-index.ts';
import type { Embedder, EmbedderSource } from '../../src/search/embedder.ts';
import { createKeeper, type Keeper, type KeeperDeps } from '../../src/search/keep/keeper.ts';
import type { KeptIndex } from '../../src/search/kept-index.ts';
import { queryTermsOf } from '../../src/search/query-terms.ts';
import { openSqliteStore, type SqliteStore } from '../../src/store/sqlite/store.ts';
import { anAgent } from '../contract/store.ts';
import { hashingEmbedder } from './hashing-embedder.ts';
import { memoryIndex } from './memory-index.ts';

export type OpenIndex = (folder: string) => KeptIndex;

/** What a keeper is tried with: an index that is as simple as can be, and the real one. */
export const keptIndexes: readonly [name: string, open: OpenIndex][] = [
  ['in memory', () => memoryIndex()],
  ['in a file', (folder) => openEmbeddedIndex({ path: join(folder, 'search.db') })],
];

/** Waits until a check holds; a machine that is busy with other tests takes its time. */
export function eventually(check: () => unknown): Promise<unknown> {
  return vi.waitFor(check, { timeout: 15_000, interval: 10 });
}

export interface Line extends Record<string, unknown> {
  level: string;
  event: string;
}

/** Models of any number of dimensions, named by their source; what they are asked is noted, and each can fail. */
export interface TestEmbedders {
  open(source: EmbedderSource): Promise<Embedder>;
  /** Texts embedded as documents, by model id, those for calibration left out. */
  embedded: Map<string, string[]>;
  /** Called before every batch; throws or waits as a test wants. */
  before: (modelId: string, texts: readonly string[]) => Promise<void> | void;
}

/** The source of a test's model. */
export function modelOf(dimensions: number): EmbedderSource {
  return { kind: 'bedrock', modelId: 'hashing', dimensions };
}

/** How a model fails that cannot be reached. */
export function modelDown(): never {
  throw new GatewayError({ code: 'search_unavailable', problem: 'model' });
}

function testEmbedders(): TestEmbedders {
  const known = new Map<number, Embedder>();
  const embedders: TestEmbedders = {
    embedded: new Map(),
    before: () => {},
    async open(source) {
      const dimensions = 'dimensions' in source ? source.dimensions : 0;
      const embedder = known.get(dimensions) ?? noted(hashingEmbedder(dimensions));
      known.set(dimensions, embedder);
      return embedder;
    },
  };
  function noted(embedder: Embedder): Embedder {
    const { id } = embedder.model;
    return {
      ...embedder,
      async embed(texts, purpose) {
        await embedders.before(id, texts);
        const vectors = await embedder.embed(texts, purpose);
        const isOfAgents = texts.every((text) => text.startsWith('Agent') || text === 'agent');
        if (purpose === 'document' && isOfAgents)
          embedders.embedded.set(id, [...(embedders.embedded.get(id) ?? []), ...texts]);
        return vectors;
      },
    };
  }
  return embedders;
}

/** An index that can be made to fail, and counts what it is asked. */
export interface TestIndex extends KeptIndex {
  fault: Error | undefined;
  calls: number;
}

export function testIndex(index: KeptIndex): TestIndex {
  const state: Pick<TestIndex, 'fault' | 'calls'> = { fault: undefined, calls: 0 };
  return new Proxy(index, {
    get(target, name) {
      if (name === 'fault' || name === 'calls') return state[name];
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      return async (...args: unknown[]) => {
        state.calls += 1;
        if (state.fault !== undefined && name !== 'close') throw state.fault;
        return method.apply(target, args) as unknown;
      };
    },
    set: (_target, name, value) => Reflect.set(state, name, value),
  }) as TestIndex; // A proxy has what its handler answers.
}

/** A store, an index, models and keepers of the index. */
export interface KeeperStand {
  folder: string;
  store: SqliteStore;
  index: TestIndex;
  embedders: TestEmbedders;
  logged: Line[];
  clock: { nowMs(): number; aheadMs: number };
  /** A keeper, started; it and what it was given are closed with the stand. */
  keep(given?: Partial<KeeperDeps>): Keeper;
  deps(given?: Partial<KeeperDeps>): KeeperDeps;
  /** Another connection to the store, as another process has. */
  openStore(file?: string): SqliteStore;
  add(...agentIds: string[]): Promise<void>;
  /** Writes an agent's next revision. */
  change(agentId: string, members: Partial<Agent>): Promise<void>;
  /** Ids of all documents. */
  ids(): Promise<string[]>;
  /** Ids of what is found by words, and by a model where one serves. */
  find(query: string): Promise<string[]>;
  events(): string[];
  close(): Promise<void>;
}

export async function startKeeperStand(openIndex: OpenIndex): Promise<KeeperStand> {
  const folder = mkdtempSync(join(tmpdir(), 'search-keeper-'));
  const opened: { close(): Promise<void> }[] = [];
  const keepers: Keeper[] = [];
  const logged: Line[] = [];
  const clock = { aheadMs: 0, nowMs: () => Date.now() + clock.aheadMs };
  const openStore = (file = 'gateway.db') => {
    const store = openSqliteStore({ path: join(folder, file) });
    opened.push(store);
    return store;
  };
  const store = openStore();
  const index = testIndex(openIndex(folder));
  const embedders = testEmbedders();
  const deps = (given: Partial<KeeperDeps> = {}): KeeperDeps => ({
    ...{ index, embedders, clock },
    agents: store.agents,
    changes: store.changes,
    source: modelOf(64),
    log: { write: (level, event, fields) => void logged.push({ ...fields, level, event }) },
    retryMs: { first: 5, most: 20 },
    pollMs: 20,
    ...given,
  });

  return {
    ...{ folder, store, index, embedders, logged, clock, openStore, deps },
    keep(given) {
      const keeper = createKeeper(deps(given));
      keepers.push(keeper);
      keeper.start();
      return keeper;
    },
    async add(...agentIds) {
      for (const agentId of agentIds) await store.agents.create(namedAgent(agentId));
    },
    async change(agentId, members) {
      const agent = await store.agents.get(agentId);
      if (agent === undefined) throw new Error('no such agent');
      await store.agents.replace({ ...agent, ...members, revision: agent.revision + 1 }, agent.revision);
    },
    ids: () => index.ids({ limit: 500 }),
    async find(query) {
      const { hits } = await index.query({
        terms: queryTermsOf(query),
        exact: exactKey(query),
        ...{ patterns: ['*'], deniedPatterns: [], tags: [], facets: [], limit: 100 },
      });
      return hits.map(({ agentId }) => agentId);
    },
    events: () => logged.map(({ event }) => event),
    async close() {
      await Promise.all(keepers.map((keeper) => keeper.close()));
      await index.close();
      for (const one of opened) await one.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** An agent that its own id finds. */
export function namedAgent(agentId: string, members: Partial<Agent> = {}): Agent {
  const agent = anAgent(agentId);
  return { ...agent, card: { ...agent.card, name: `Agent ${agentId}` }, ...members };
}

export async function setsOf({
  index,
}: KeeperStand): Promise<[modelId: string, serves: boolean, missing: number][]> {
  const { sets } = await index.status();
  return sets.map(({ modelId, serves, missing }) => [modelId, serves, missing]);
}

/** How often each agent was embedded by a model, in the order of the agents. */
export function timesEmbedded({ embedders }: KeeperStand, modelId: string): number[] {
  const times = new Map<string, number>();
  for (const text of embedders.embedded.get(modelId) ?? []) times.set(text, (times.get(text) ?? 0) + 1);
  return [...times].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, count]) => count);
}
