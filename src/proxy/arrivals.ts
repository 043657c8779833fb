import type { Ending } from './ending.ts';

/** What a relay waits for: the next chunk or the end, a silence worth a comment, or the order to end. */
export type Arrival = IteratorResult<Uint8Array> | 'silence' | 'ending';

export interface Arrivals {
  /** What comes first. Throws what the source throws. One call at a time. */
  next(): Promise<Arrival>;
  /** Nothing more is waited for; a pending `next` answers `ending`. */
  close(): void;
}

/** Waits on a source, the clock and the gateway's closing at once, with one timer and no listener a chunk. */
export function createArrivals(
  source: AsyncIterable<Uint8Array>,
  { silenceMs, ending }: { silenceMs: number; ending: Ending },
): Arrivals {
  const chunks = source[Symbol.asyncIterator]();
  let isPulling = false;
  let isClosed = false;
  let arrived: IteratorResult<Uint8Array> | undefined;
  let failure: { error: unknown } | undefined;
  let wake = () => {};
  const forget = ending.add(() => wake());

  /** A pull outlives the silence it was waited for in: what it brings is kept for the next call. */
  function pull(): void {
    if (isPulling) return;
    isPulling = true;
    chunks.next().then(
      (result) => {
        isPulling = false;
        arrived = result;
        wake();
      },
      (error: unknown) => {
        failure = { error };
        wake();
      },
    );
  }

  /** False when the time passed first. */
  function woken(): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), silenceMs);
      wake = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }

  return {
    async next() {
      for (;;) {
        if (isClosed || ending.isEnding) return 'ending';
        if (failure !== undefined) throw failure.error;
        if (arrived !== undefined) {
          const taken = arrived;
          arrived = undefined;
          return taken;
        }
        pull();
        if (!(await woken())) return 'silence';
      }
    },
    close() {
      isClosed = true;
      forget();
      wake();
    },
  };
}
