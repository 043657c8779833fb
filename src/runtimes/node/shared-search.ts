import type { Settings } from '../../config.ts';
import { createLoop } from '../../search/keep/loop.ts';
import { openAwsSearch } from '../aws-search.ts';
import type { OpenSearch, SearchParts } from './search.ts';

/** Agents brought in step at a time. */
const batchSize = 100;

/**
 * The search beside a store that a fleet shares; undefined where no vector bucket is configured. What this process writes
 * it brings in step itself, in the background, and tries again until it is killed; what others write, and what a killed
 * one left, is theirs and the indexer function's to do.
 */
export function openSharedSearch(settings: Settings, parts: SearchParts): OpenSearch | undefined {
  const { log } = parts;
  const opened = openAwsSearch(settings, parts);
  if (opened === undefined) return undefined;
  const written = new Set<string>();

  async function sync(signal: AbortSignal): Promise<void> {
    const indexer = await opened?.indexer();
    while (indexer !== undefined && written.size > 0 && !signal.aborted) {
      const ids = [...written].slice(0, batchSize);
      // Before it is read: what is written meanwhile is written down again.
      for (const id of ids) written.delete(id);
      const putBack = (failed: readonly string[]) => {
        for (const id of failed) written.add(id);
      };
      const { failed } = await indexer.sync(ids).catch((error: unknown) => {
        putBack(ids);
        throw error;
      });
      putBack(failed);
      if (failed.length > 0) throw new Error(`${failed.length} agents are not in step`);
    }
  }

  const loop = createLoop({
    work: sync,
    failed: (cause) => log.write('warn', 'search: index not kept', { cause }),
    recovered: () => log.write('info', 'search: index kept again'),
  });
  return {
    search: opened.search,
    wake(agentId) {
      written.add(agentId);
      loop.wake();
    },
    async close() {
      const stopped = loop.close();
      await opened.close();
      await stopped;
    },
  };
}
