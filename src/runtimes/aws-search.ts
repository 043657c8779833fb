import type { Settings } from '../config.ts';
import type { Clock, Log, Upstream } from '../ports.ts';
import type { Indexer } from '../search/s3-vectors/indexer.ts';
import type { Search } from '../search/search.ts';
import type { AgentStore } from '../store/port.ts';
import type { OpenedAwsSearch } from './aws-search-open.ts';

/** What a search in S3 Vectors is made of beside the settings. */
export interface AwsSearchParts {
  /** Not cached. */
  agents: AgentStore;
  upstream: Upstream;
  clock: Clock;
  log: Log;
}

/** A search over agents in S3 Vectors, and what fills it. */
export interface AwsSearch {
  search: Search;
  indexer(): Promise<Indexer>;
  /** Safe to call where nothing was ever opened. */
  close(): Promise<void>;
}

/**
 * The search beside a store in DynamoDB; undefined where it is off or has no vector bucket. Clients and models are loaded
 * with the first search, not with the gateway: a function that starts for another call must not pay for them.
 */
export function openAwsSearch(settings: Settings, parts: AwsSearchParts): AwsSearch | undefined {
  const { enabled, s3Vectors } = settings.search;
  const { vectorBucketName } = s3Vectors;
  if (!enabled || vectorBucketName === undefined) return undefined;
  let opened: Promise<OpenedAwsSearch> | undefined;

  function open(): Promise<OpenedAwsSearch> {
    opened ??= import('./aws-search-open.ts')
      .then(({ openNow }) => openNow(settings, vectorBucketName ?? '', parts))
      .catch((error: unknown) => {
        opened = undefined;
        throw error;
      });
    return opened;
  }

  return {
    search: { find: async (request) => (await open()).search.find(request) },
    indexer: async () => (await open()).indexer(),
    async close() {
      const ended = opened;
      await ended?.then(({ close }) => close());
    },
  };
}
