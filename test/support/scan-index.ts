import type { Clock, Log } from '../../src/ports.ts';
import type { Agent } from '../../src/registry/agent.ts';
import { termsOf } from '../../src/search/analysis.ts';
import { calibrate } from '../../src/search/calibrate.ts';
import { toSearchDocument } from '../../src/search/document.ts';
import type { Embedder } from '../../src/search/embedder.ts';
import { scan } from '../../src/search/scan.ts';
import { createSearch, type Search } from '../../src/search/search.ts';
import type { SearchIndex } from '../../src/search/search-index.ts';
import { normalized } from '../../src/search/vector.ts';
import type { AgentStore } from '../../src/store/port.ts';

const dimensions = 64;

/** Vectors of hashed words: texts that share words are near to each other, and nothing is known of meaning. */
export const hashedWords: Embedder = {
  model: { id: 'hashed-words', dimensions },
  embed: async (texts) => texts.map(vectorOf),
  close: async () => {},
};

function vectorOf(text: string): Float32Array {
  const vector = new Float32Array(dimensions);
  for (const term of termsOf(text)) {
    let hash = 7;
    for (const char of term) hash = (Math.imul(hash, 31) + (char.codePointAt(0) ?? 0)) >>> 0;
    vector[hash % dimensions] = (vector[hash % dimensions] ?? 0) + 1;
  }
  return normalized(vector);
}

/** An index of the agents there are at the moment of each query: the definition of the search, without any lag. */
export async function createScanIndex(agents: () => Promise<readonly Agent[]>): Promise<SearchIndex> {
  const { model } = hashedWords;
  const calibration = await calibrate(hashedWords);
  return {
    serving: async () => ({ model, source: { kind: 'use-lite' }, calibration }),
    async query(query) {
      const entries = (await agents()).map((agent) => {
        const document = toSearchDocument(agent);
        return { document, vector: vectorOf(document.text) };
      });
      return scan(entries, query);
    },
    close: async () => {},
  };
}

export function createScanSearch(
  index: SearchIndex,
  deps: { clock: Clock; log: Log },
  embedder: Embedder = hashedWords,
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
