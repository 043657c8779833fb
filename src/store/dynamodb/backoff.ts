const firstMs = 25;
const longestMs = 1_000;

/** How often a call is made before it is given up. With the pauses between, that is 5 s at most. */
export const maxTries = 10;

/** Any time up to 25 ms, 50 ms, 100 ms, …, 1 s: full jitter, so that those who met once do not meet again. */
export function backoffMs(tries: number): number {
  return Math.random() * Math.min(longestMs, firstMs * 2 ** (tries - 1));
}

/** Waits before the try after `tries`. */
export function backoff(tries: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, backoffMs(tries)));
}
