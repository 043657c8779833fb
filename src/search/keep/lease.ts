import { pause, unref } from '../../pause.ts';
import type { KeptIndex } from '../kept-index.ts';

const leaseMs = 5_000;
const renewMs = 1_500;
const askAgainMs = 500;

/**
 * Runs `work` while this process alone has the right to fill vectors; waits for the right first, as long as another has
 * it. A process that is killed loses it after 5 s.
 * @param work its signal fires when the right is lost, or when `signal` does
 */
export async function withLease(
  index: KeptIndex,
  holder: string,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  while (!(await index.lease(holder, leaseMs))) {
    await pause(askAgainMs, signal);
    if (signal.aborted) return;
  }
  const lost = new AbortController();
  const renewal = setInterval(() => {
    index.lease(holder, leaseMs).then(
      (isOurs) => isOurs || lost.abort(),
      // An index that fails now fails the work too.
      () => {},
    );
  }, renewMs);
  unref(renewal);
  try {
    await work(AbortSignal.any([signal, lost.signal]));
  } finally {
    clearInterval(renewal);
    await index.lease(holder, 0).catch(() => {});
  }
}
