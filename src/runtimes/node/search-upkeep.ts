import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from '../../config.ts';
import { GatewayError } from '../../failure.ts';
import type { Log } from '../../ports.ts';
import { followsFrom } from '../../search/keep/documents.ts';
import type { IndexPosition } from '../../search/kept-index.ts';
import { createUpstream } from '../../upstream/undici-upstream.ts';
import { systemClock } from '../clock.ts';
import { openUpstream } from '../upstream.ts';
import { openEmbedded } from './search.ts';

/** What is absent the kind of index in use cannot tell. */
export interface SearchStatus {
  /** Active agents in the registry. */
  agents: number;
  documents?: number;
  /** Whether the index follows this registry; if not, the next gateway to start makes it anew. */
  follows?: boolean;
  /** Agents whose last change the index has not taken in yet; at most {@link mostPending} are counted. */
  pending?: number;
  position?: IndexPosition | undefined;
  /** Of the configured model; absent where it cannot be opened. */
  modelId?: string | undefined;
  /** Vectors, by model. */
  sets: { modelId: string; serves: boolean; vectors?: number; missing?: number }[];
}

export const mostPending = 1_000;

/** Hears of how many agents how many are done. */
export type Progress = (phase: 'documents' | 'vectors', done: number, total: number) => void;

/** What an operator asks of a search index and does with it. A gateway may run on the same data meanwhile. */
export interface SearchUpkeep {
  status(): Promise<SearchStatus>;
  /**
   * Makes the index anew; see `rebuild`, and `Indexer.fill`.
   * @throws Error of one line
   */
  rebuild(progress: Progress): Promise<void>;
  close(): Promise<void>;
}

/** @throws Error of one line where there is no search, and whatever keeps the store from being opened */
export async function openSearchUpkeep(settings: Settings, log: Log): Promise<SearchUpkeep> {
  if (!settings.search.enabled) throw new Error('search is off: setting search.enabled');
  return settings.store === 'dynamodb' ? openSharedUpkeep(settings, log) : openEmbeddedUpkeep(settings, log);
}

async function openEmbeddedUpkeep(settings: Settings, log: Log): Promise<SearchUpkeep> {
  const path = join(settings.dataDir, 'gateway.db');
  // A wrong folder is told, not filled with an empty store.
  if (!existsSync(path)) throw new Error(`no gateway.db in ${settings.dataDir}: see setting dataDir`);
  const { openSqliteStore } = await import('../../store/sqlite/store.ts');
  const store = openSqliteStore({ path });
  const upstream = openUpstream(settings, createUpstream);
  const { index, embedders, source, close } = await openEmbedded(settings, {
    ...{ upstream, log },
    clock: systemClock,
  });
  const { agents, changes } = store;

  return {
    async status() {
      const status = await index.status();
      const { totalSize } = await agents.ids({ status: 'active' }, { size: 1 });
      const pending = await changes.after(0, mostPending);
      const embedder = await embedders.open(source).catch(() => undefined);
      return {
        ...status,
        agents: totalSize,
        follows: await followsFrom({ index, changes }),
        pending: pending.length,
        ...(embedder !== undefined && { modelId: embedder.model.id }),
      };
    },
    async rebuild(progress) {
      const { rebuild } = await import('../../search/keep/rebuild.ts');
      const deps = { index, changes, agents, embedders, source, log };
      await rebuild(deps, { progress }).catch(refuseRebuild);
    },
    async close() {
      await close();
      await upstream.close();
      await store.close();
    },
  };
}

async function openSharedUpkeep(settings: Settings, log: Log): Promise<SearchUpkeep> {
  const { createAwsAdapters } = await import('../aws-adapters.ts');
  const { openAwsSearch } = await import('../aws-search.ts');
  const { store } = createAwsAdapters(settings);
  const upstream = openUpstream(settings, createUpstream);
  const opened = openAwsSearch(settings, { ...{ upstream, log }, agents: store.agents, clock: systemClock });
  if (opened === undefined) {
    await Promise.all([upstream.close(), store.close()]);
    throw new Error('search is off: setting search.s3Vectors.vectorBucketName');
  }
  return {
    async status() {
      const { agents, sets } = await (await opened.indexer()).status();
      return {
        agents,
        modelId: sets.find(({ isConfigured }) => isConfigured)?.modelId,
        sets: sets.map(({ modelId, isComplete }) => ({ modelId, serves: isComplete })),
      };
    },
    async rebuild(progress) {
      const indexer = await opened.indexer();
      const tell = ({ done, total }: { done: number; total: number }) => progress('vectors', done, total);
      await indexer.fill({ isAnew: true, progress: tell }).catch(refuseRebuild);
    },
    async close() {
      await opened.close();
      await upstream.close();
      await store.close();
    },
  };
}

function refuseRebuild(error: unknown): never {
  throw new Error(`not rebuilt: ${problemOf(error)}`, { cause: error });
}

const problems = {
  starting: 'the index is not open yet',
  model: 'the model cannot be reached',
  index: 'the index cannot be used',
  busy: 'there is too much to do at the moment',
} as const;

/** What happened, and the innermost reason. */
function problemOf(error: unknown): string {
  if (!(error instanceof GatewayError)) return error instanceof Error ? error.message : String(error);
  const { failure } = error;
  const what = failure.code === 'search_unavailable' ? problems[failure.problem] : error.message;
  let reason: unknown = error.cause;
  while (reason instanceof Error && reason.cause !== undefined) reason = reason.cause;
  const [line = ''] = reason instanceof Error ? reason.message.split('\n') : [];
  return line === '' ? what : `${what}: ${line}`;
}
