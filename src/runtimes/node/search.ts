import { join } from 'node:path';
import type { Settings } from '../../config.ts';
import type { Clock, Log, Upstream } from '../../ports.ts';
import type { EmbedderSource } from '../../search/embedder.ts';
import type { Embedders } from '../../search/embedders/open.ts';
import type { KeptIndex } from '../../search/kept-index.ts';
import { createSearch, type Search } from '../../search/search.ts';
import type { VectorSet } from '../../search/search-index.ts';
import type { AgentChanges, AgentStore } from '../../store/port.ts';

/** What a search is made of beside the settings. */
export interface SearchParts {
  /** Not cached. */
  agents: AgentStore;
  /** Of a store in a file of this machine. */
  changes?: AgentChanges;
  upstream: Upstream;
  clock: Clock;
  log: Log;
}

/** A search, and what keeps its index in step with the registry. */
export interface OpenSearch {
  search: Search;
  /** An agent was written by this process. */
  wake(agentId: string): void;
  /** Ends what is under way. Call before the store is closed. */
  close(): Promise<void>;
}

/**
 * The search as it is configured; undefined for none. Index, thread and model are opened when first needed, in the
 * background, so this neither takes long nor fails for them.
 */
export async function openSearch(settings: Settings, parts: SearchParts): Promise<OpenSearch | undefined> {
  if (!settings.search.enabled) return undefined;
  const { changes } = parts;
  if (changes === undefined) {
    const { openSharedSearch } = await import('./shared-search.ts');
    return openSharedSearch(settings, parts);
  }
  const { createKeeper } = await import('../../search/keep/keeper.ts');
  const { index, embedders, source, close } = await openEmbedded(settings, parts);
  const { clock, log } = parts;
  const keeper = createKeeper({ ...parts, index, changes, embedders, source });
  keeper.start();
  return {
    search: createSearch({ index, embedderFor: createEmbedderFor(embedders, log), clock, log }),
    wake: () => keeper.wake(),
    async close() {
      const stopped = keeper.close();
      await close(stopped);
    },
  };
}

/** The index in the data folder and the models for it. */
export interface EmbeddedSearch {
  index: KeptIndex;
  embedders: Embedders;
  /** The configured model. */
  source: EmbedderSource;
  /** @param stopped resolves when nobody uses them any more, which a model under way may delay */
  close(stopped?: Promise<void>): Promise<void>;
}

export async function openEmbedded(
  settings: Settings,
  { upstream, clock, log }: Pick<SearchParts, 'upstream' | 'clock' | 'log'>,
): Promise<EmbeddedSearch> {
  const { openEmbeddedIndex } = await import('../../search/embedded/embedded-index.ts');
  const { createEmbedders, sourceOf } = await import('../../search/embedders/open.ts');
  const index = openEmbeddedIndex({ path: join(settings.dataDir, 'search.db'), clock, log });
  const embedders = createEmbedders({ upstream, openai: settings.search.openai });
  return {
    ...{ index, embedders },
    source: sourceOf(settings.search, settings.store),
    async close(stopped) {
      // Models first: what waits for one fails, rather than holding up all that follows.
      await embedders.close();
      await stopped;
      await index.close();
    },
  };
}

/** The model of a set, or undefined, with one line for each that cannot be opened. */
function createEmbedderFor(embedders: Embedders, log: Log) {
  const failed = new Set<string>();
  return async ({ model: { id: modelId }, source }: VectorSet) => {
    try {
      return await embedders.open(source);
    } catch (cause) {
      if (!failed.has(modelId)) log.write('warn', 'search: model cannot be opened', { modelId, cause });
      failed.add(modelId);
      return undefined;
    }
  };
}
