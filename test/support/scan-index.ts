import type { Clock, Log } from '../../src/ports.ts';
import type { Agent } from '../../src/registry/agent.ts';
import { calibrate } from '../../src/search/calibrate.ts';
import { toSearchDocument } from '../../src/search/document.ts';
import type { Embedder } from '../../src/search/embedder.ts';
import { scan } from '../../src/search/scan.ts';
import { createSearch, type Search } from '../../src/search/search.ts';
import type { SearchIndex } from '../../src/search/search-index.ts';
import type { AgentStore } from '../../src/store/port.ts';
import { hashedVector, hashingEmbedder } from './hashing-embedder.ts';

/** An index of the agents there are at the moment of each query: the definition of the search, without any lag. */
export async function createScanIndex(agents: () => Promise<readonly Agent[]>): Promise<SearchIndex> {
  const embedder = hashingEmbedder();
  const { model } = embedder;
  const calibration = await calibrate(embedder);
  return {
    serving: async () => ({ model, source: { kind: 'use-lite' }, calibration }),
    async query(query) {
      const entries = (await agents()).map((agent) => {
        const document = toSearchDocument(agent);
        return { document, vector: hashedVector(document.text, model.dimensions) };
      });
      return scan(entries, query);
    },
    close: async () => {},
  };
}

export function createScanSearch(
  index: SearchIndex,
  deps: { clock: Clock; log: Log },
  embedder: Embedder = hashingEmbedder(),
): Search {
  return createSearch({ ...deps, index, embedderFor: async () => embedder });
}

/** Every active agent of a store. */
export async function activeAgents(agents: AgentStore): Promise<Agent[]> {
  const found: Agent[] = [];
  let after: string | undefined;
  do {
    const page = await agents.list(
      { status: 'active' },
      { size: 100, ...(after !== undefined && { after }) },
    );
    found.push(...page.items);
    after = page.next;
  } while (after !== undefined);
  return found;
}
