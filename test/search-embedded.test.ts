import { afterAll, beforeAll } from 'vitest';
import { GatewayError } from '../src/failure.ts';
import { scan } from '../src/search/scan.ts';
import { searchIndexContract } from './contract/search-index.ts';
import { beginAndServe, put, startEmbeddedStand } from './support/embedded-stand.ts';
import { hashingSet, type SearchEntry } from './support/hashing-embedder.ts';

searchIndexContract('a scan, which defines the answer', {
  async open() {
    const entries = new Map<string, SearchEntry>();
    const set = hashingSet();
    return {
      isExact: true,
      async load(loaded) {
        for (const entry of loaded) entries.set(entry.document.agentId, entry);
      },
      async remove(agentIds) {
        for (const agentId of agentIds) entries.delete(agentId);
      },
      index: {
        serving: async () => set,
        async query(query) {
          if (query.vector !== undefined && query.vector.modelId !== set.model.id)
            throw new GatewayError({ code: 'search_unavailable', problem: 'index' });
          return scan(entries.values(), query);
        },
        close: async () => {},
      },
      close: async () => {},
    };
  },
});

// One thread for all tests: each begins with what is left when all agents are removed.
const stand = startEmbeddedStand();
const index = stand.open();
beforeAll(() => beginAndServe(index));
afterAll(() => stand.close());

searchIndexContract('embedded', {
  async open() {
    return {
      ...{ index, isExact: true },
      load: (entries) => put(index, entries),
      remove: (agentIds) => index.apply({ put: [], remove: agentIds }),
      close: async () => index.apply({ put: [], remove: await index.ids({ limit: 10_000 }) }),
    };
  },
});
