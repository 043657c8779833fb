import type { EmbeddingPurpose } from '../embedder.ts';
import type { Batch } from './text-queue.ts';

/** How long a text of each purpose may take, in milliseconds. */
export type DeadlinesMs = Readonly<Record<EmbeddingPurpose, number>>;

export interface Deadlines {
  /**
   * Calls with a signal that fires when the batch has run out of time. Someone waits for a query, so its time begins when
   * it is asked; a document's begins now.
   * @throws Error naming the limit, or that all was ended, in place of what an ended call throws
   */
  within<T>(batch: Batch, call: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** Ends every call under way. */
  end(): void;
}

export function createDeadlines(limitsMs: DeadlinesMs): Deadlines {
  const underWay = new Set<AbortController>();
  return {
    async within({ purpose, askedAtMs }, call) {
      const limitMs = limitsMs[purpose];
      const leftMs = purpose === 'query' ? limitMs - (performance.now() - askedAtMs) : limitMs;
      const late = new Error(`no answer within ${limitMs} ms`);
      if (leftMs <= 0) throw late;
      const controller = new AbortController();
      const { signal } = controller;
      // A call may look at the signal late: the upstream does.
      const ended = new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      });
      const timer = setTimeout(() => controller.abort(late), leftMs);
      underWay.add(controller);
      try {
        return await Promise.race([call(signal), ended]);
      } finally {
        clearTimeout(timer);
        underWay.delete(controller);
      }
    },
    end() {
      for (const controller of underWay) controller.abort(new Error('the embedder is closed'));
    },
  };
}
