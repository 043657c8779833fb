import type { FailedAttempt } from './attempt.ts';

/** See `push` in `docs/settings.md`. */
export interface RetryPolicy {
  maxAttempts: number;
  minBackoffMs: number;
  maxBackoffMs: number;
  maxAgeMs: number;
}

/** How often a receiver may refuse a notification for what it is. */
const fewAttempts = 3;

/**
 * When to try again; undefined: it is given up. Waits twice as long after each attempt, and by chance less (full jitter), so
 * that the many who wait for one receiver do not come back at once; at least as long as the receiver wishes, but never
 * longer than `maxBackoffMs`, for its wish holds up a whole lane.
 *
 * @param tried attempts so far, the failed one included
 */
export function retryAtMs(
  failed: FailedAttempt,
  { tried, acceptedAtMs, nowMs }: { tried: number; acceptedAtMs: number; nowMs: number },
  policy: RetryPolicy,
  random: () => number,
): number | undefined {
  if (tried >= attemptsOf(failed, policy)) return undefined;
  const backoffMs = random() * Math.min(policy.maxBackoffMs, policy.minBackoffMs * 2 ** (tried - 1));
  const atMs = nowMs + Math.min(policy.maxBackoffMs, Math.max(backoffMs, failed.retryAfterMs ?? 0));
  return atMs - acceptedAtMs > policy.maxAgeMs ? undefined : Math.ceil(atMs);
}

function attemptsOf({ patience }: FailedAttempt, { maxAttempts }: RetryPolicy): number {
  if (patience === 'none') return 0;
  return patience === 'little' ? Math.min(fewAttempts, maxAttempts) : maxAttempts;
}
