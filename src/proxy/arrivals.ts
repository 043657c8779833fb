import type { Ending } from './ending.ts';

/** What a relay waits for: the next chunk or the end, a silence worth a comment, or the order to end. */
export type Arrival = IteratorResult<Uint8Array> | 'silence' | 'ending';

export interface Arrivals {
  /** What comes first. Throws what the source throws. One call at a time. */
  next(): Promise<Arrival>;
  /** Nothing more is waited for; a pending `next` answers `ending`. */
  close(): void;
}

export interface ArrivalsOptions {
  silenceMs: number;
  /** After how long the order to end comes by itself. 0: never. */
  totalTimeoutMs: number;
  ending: Ending;
}

/** Waits on a source, the clock and the gateway's closing at once, with no timer and no listener a chunk. */
export function createArrivals(
  source: AsyncIterable<Uint8Array>,
  { silenceMs, totalTimeoutMs, ending }: ArrivalsOptions,
): Arrivals {
  const chunks = source[Symbol.asyncIterator]();
  let isPulling = false;
  let isClosed = false;
  let isSilent = false;
  let arrived: IteratorResult<Uint8Array> | undefined;
  let failure: { error: unknown } | undefined;
  let wake = () => {};
  let quietSinceMs = performance.now();
  const endsAtMs = totalTimeoutMs === 0 ? Infinity : quietSinceMs + totalTimeoutMs;
  let isOverdue = false;
  let timer = setTimeout(listen, Math.min(silenceMs, totalTimeoutMs || silenceMs));
  const forget = ending.add(() => wake());

  /** The one timer asks how long it has been quiet, and comes again when that would be long enough. */
  function listen(): void {
    const nowMs = performance.now();
    isOverdue = nowMs >= endsAtMs;
    isSilent = nowMs - quietSinceMs >= silenceMs;
    if (isSilent) quietSinceMs = nowMs;
    if (!isOverdue) timer = setTimeout(listen, Math.min(quietSinceMs + silenceMs, endsAtMs) - nowMs);
    if (isSilent || isOverdue) wake();
  }

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

  return {
    async next() {
      for (isSilent = false; ; ) {
        if (isClosed || isOverdue || ending.isEnding) return 'ending';
        if (failure !== undefined) throw failure.error;
        if (arrived !== undefined) {
          const taken = arrived;
          arrived = undefined;
          quietSinceMs = performance.now();
          return taken;
        }
        if (isSilent) return 'silence';
        pull();
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
      forget();
      wake();
    },
  };
}
