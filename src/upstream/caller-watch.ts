/** Most calls are over by then. A caller that leaves sooner is noticed then. */
export const watchAfterMs = 100;

/**
 * Calls `onGone` when the caller's signal fires, and answers how to stop watching.
 *
 * The signal is first read after {@link watchAfterMs}: a Request makes its signal when asked, and making, listening
 * and collecting one costs a third of a small call (measured in `bench/`).
 */
export function watchCaller(
  caller: { readonly signal: AbortSignal } | undefined,
  onGone: (signal: AbortSignal) => void,
): () => void {
  if (caller === undefined) return () => {};
  let signal: AbortSignal | undefined;
  const gone = () => signal && onGone(signal);
  const timer = setTimeout(() => {
    signal = caller.signal;
    if (signal.aborted) gone();
    else signal.addEventListener('abort', gone);
  }, watchAfterMs);
  return () => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', gone);
  };
}
