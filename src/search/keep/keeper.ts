import { unref } from '../../pause.ts';
import type { Clock, Log } from '../../ports.ts';
import type { AgentChanges, AgentStore } from '../../store/port.ts';
import type { Embedder, EmbedderSource } from '../embedder.ts';
import type { KeptIndex } from '../kept-index.ts';
import { type DocumentDeps, followChanges, followsFrom, passOverAll } from './documents.ts';
import { createLoop, type RetryMs } from './loop.ts';
import { createVectorKeeper } from './vector-keeper.ts';

export interface KeeperDeps {
  index: KeptIndex;
  changes: AgentChanges;
  /** Not cached: what is read after a change must be what the change made. */
  agents: AgentStore;
  /** Opens a model once and remembers it. */
  embedders: { open(source: EmbedderSource): Promise<Embedder> };
  /** The configured model. */
  source: EmbedderSource;
  clock: Clock;
  log: Log;
  /** How often changes by other processes are looked for. Default 250. */
  pollMs?: number;
  /** How often the index is asked whether it still follows this store. Default 30 000. */
  checkMs?: number;
  retryMs?: RetryMs;
}

/** Keeps an index in step with the registry, in the background. */
export interface Keeper {
  start(): void;
  /** An agent was written by this process. */
  wake(): void;
  /** Resolves when what was written before is in the index, with vectors; or cannot be put there at the moment. */
  caughtUp(): Promise<void>;
  /** Stops, and resolves when what was under way has ended. The index and the models are the caller's to close. */
  close(): Promise<void>;
}

/**
 * Two loops: one puts the documents of changed agents into the index and never waits for a model, the other embeds them.
 * Each logs once when it begins to fail and tries again, after 1 s at first and 60 s at most; nothing is thrown. Any
 * number of processes may keep one index: each follows all changes, one at a time embeds.
 *
 * Where no agent has ever been written, the index is not touched; where no agent is active, no model is.
 */
export function createKeeper(deps: KeeperDeps): Keeper {
  const { changes, clock, log, retryMs, pollMs = 250, checkMs = 30_000 } = deps;
  const vectorKeeper = createVectorKeeper({ ...deps, holder: crypto.randomUUID() });
  let followed: { storeId: string; checkedAtMs: number } | undefined;
  let poll: ReturnType<typeof setInterval> | undefined;

  async function keepDocuments(signal: AbortSignal): Promise<void> {
    const isFollowed = followed?.storeId === (await changes.storeId());
    if (!isFollowed || clock.nowMs() - (followed?.checkedAtMs ?? 0) >= checkMs) {
      if ((await changes.last()) === 0) return;
      await check(deps, signal);
      if (signal.aborted) return;
      followed = { storeId: await changes.storeId(), checkedAtMs: clock.nowMs() };
      vectors.wake();
    }
    if (followed !== undefined && (await followChanges(deps, followed.storeId, signal))) vectors.wake();
  }

  const documents = createLoop({
    work: keepDocuments,
    failed: (cause) => log.write('error', 'search: index not kept', { cause }),
    recovered: () => log.write('info', 'search: index kept again'),
    ...(retryMs !== undefined && { retryMs }),
  });
  const vectors = createLoop({
    work: (signal) => vectorKeeper.work(signal),
    failed: (cause) => log.write('warn', 'search: agents not embedded', { cause }),
    recovered: () => log.write('info', 'search: agents embedded again'),
    ...(retryMs !== undefined && { retryMs }),
  });

  return {
    start() {
      poll ??= setInterval(() => documents.wake(), pollMs);
      unref(poll);
      documents.wake();
    },
    wake: () => documents.wake(),
    async caughtUp() {
      documents.wake();
      await documents.idle();
      vectors.wake();
      await vectors.idle();
    },
    async close() {
      clearInterval(poll);
      await Promise.all([documents.close(), vectors.close()]);
    },
  };
}

/** An index that is new, was deleted, or is of another store is made anew from all agents. */
async function check(deps: DocumentDeps, signal: AbortSignal): Promise<void> {
  if (await followsFrom(deps)) return;
  let agents = 0;
  await passOverAll(deps, {
    signal,
    progress: (done) => {
      agents = done;
    },
  });
  if (!signal.aborted) deps.log.write('info', 'search: index made anew', { agents });
}
