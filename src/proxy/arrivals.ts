import type { Ending } from './ending.ts';

/** What a relay waits for: the next events or the end, a silence worth a comment, the time it has, the order to end. */
export type Arrival = IteratorResult<Uint8Array, undefined> | 'silence' | 'overdue' | 'ending';

export interface Arrivals {
  /** What comes first. Throws what the source throws. One call at a time. */
  next(): Promise<Arrival>;
  /** Nothing more is waited for; a pending `next` answers `ending`. */
  close(): void;
}

export interface ArrivalsOptions {
  silenceMs: number;
  /** How long there is. 0: for ever. */
  totalTimeoutMs: number;
  ending: Ending;
}

/** Waits on a source, the clock and the gateway's closing at once, with no timer and no listener an event. */
export function createArrivals(
  source: Pick<AsyncIterator<Uint8Array, undefined>, 'next'>,
  { silenceMs, totalTimeoutMs, ending }: ArrivalsOptions,
): Arrivals {
  let isPulling = false;
  let isClosed = false;
  let isSilent = false;
  let arrived: IteratorResult<Uint8Array, undefined> | undefined;
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
    source.next().then(
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
        if (isClosed || ending.isEnding) return 'ending';
        if (isOverdue) return 'overdue';
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
