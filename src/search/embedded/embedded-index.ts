import { GatewayError } from '../../failure.ts';
import type { Clock, Log } from '../../ports.ts';
import type { KeptIndex } from '../kept-index.ts';
import type { VectorSet } from '../search-index.ts';
import { createThread } from '../thread/thread.ts';
import type { ThreadNews } from './index-news.ts';

export interface EmbeddedIndexOptions {
  /** The file, made when there is none, with its folder. Nothing in it is worth a backup. */
  path: string;
  /** For leases. Default: the system's. */
  clock?: Clock;
  log?: Log;
}

export interface EmbeddedIndex extends KeptIndex {
  /** What the thread holds in memory: `rows` of agents, those of changed ones twice for a while, and their vectors. */
  memory(): Promise<{ rows: number; vectorBytes: number }>;
}

const systemClock: Clock = { nowMs: () => Date.now() };
const noLog: Log = { write() {} };

/**
 * An index in one SQLite file and in the memory of a thread, which begins with the first call. Answers exactly what `scan`
 * would of the same documents, and of the vectors as they are kept: 8 bits a component. At the start all is read into memory,
 * some seconds for 100 000 agents; queries wait for it, everything else does not.
 *
 * Any number of processes may open one file. What was acknowledged to one of them is found by the next query of each; only
 * `serving` may be behind another process, by a quarter of a second, and then a query for the set of before fails once. A
 * file that is damaged, deleted or of another version is begun anew, empty; `status` then has no position.
 */
export function openEmbeddedIndex({
  path,
  clock = systemClock,
  log = noLog,
}: EmbeddedIndexOptions): EmbeddedIndex {
  let serving: { set: VectorSet | undefined } | undefined;
  let isStarted = false;
  let closing: Promise<void> | undefined;
  const thread = createThread(new URL('./index-thread', import.meta.url), { data: { path }, heard });

  function heard(event: unknown): void {
    // Only our own thread tells.
    const news = event as ThreadNews;
    if ('serving' in news) serving = { set: news.serving };
    else log.write(news.log.level, news.log.event, news.log.fields);
  }

  async function call<T>(method: string, argument?: unknown): Promise<T> {
    if (closing !== undefined) throw unavailable(new Error('the index is closed'));
    isStarted = true;
    try {
      return await thread.call<T>(method, argument);
    } catch (error) {
      throw isUnavailable(error) ? error : unavailable(error);
    }
  }

  async function close(): Promise<void> {
    // A file that is closed in good order needs no recovery; a thread that is gone has none open.
    if (isStarted) await thread.call('close').catch(() => {});
    await thread.close();
  }

  return {
    query: (query) => call('query', query),
    serving: async () => (serving === undefined ? call('serving') : serving.set),
    status: () => call('status'),
    apply: (changes) => call('apply', changes),
    ids: (page) => call('ids', page),
    begin: (set) => call('begin', set),
    missing: (modelId, limit) => call('missing', { modelId, limit }),
    putVectors: (modelId, vectors) => call('putVectors', { modelId, vectors }),
    outdate: (modelId) => call('outdate', modelId),
    serve: (modelId) => call('serve', modelId),
    lease: (holder, forMs) => call('lease', { holder, forMs, nowMs: clock.nowMs() }),
    memory: () => call('memory'),
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

function isUnavailable(error: unknown): boolean {
  return error instanceof GatewayError && error.failure.code === 'search_unavailable';
}

function unavailable(cause: unknown): GatewayError {
  return new GatewayError({ code: 'search_unavailable', problem: 'index' }, { cause });
}
