import type { Failure } from '../failure.ts';
import type { UpstreamResponse } from '../ports.ts';
import type { Operation } from '../protocol/operations.ts';
import { isDownStatus } from './failure-subject.ts';

/** Attempts after the first. */
export const maxRetries = 2;

/** Longest pause before the first of them; doubled for the next. */
const firstPauseMs = 50;
/** Longest before the last. */
export const longestPauseMs = firstPauseMs * 2 ** (maxRetries - 1);

/**
 * Whether a call that failed may be sent again: where nothing of it was sent, or it changes nothing at the agent (the
 * `reads` column). A message is never sent twice: once a connection was there the agent may have acted on it. Slowness is
 * no reason: who asks a slow agent twice makes it slower.
 */
export function mayRepeat(failure: Failure, operation: Operation): boolean {
  return isUnsent(failure) || (operation.reads && isPassing(failure));
}

/** There was no connection. One that broke may have carried the call. */
function isUnsent(failure: Failure): boolean {
  return (
    failure.code === 'upstream_unreachable' ||
    (failure.code === 'upstream_timeout' && failure.phase === 'connect')
  );
}

function isPassing(failure: Failure): boolean {
  if (failure.code !== 'upstream_unavailable') return failure.code === 'upstream_reset';
  return isDownStatus(failure.status) && failure.retryAfter === undefined;
}

/** Whether an answer says that the agent is down and another attempt may be made. One that says when to come back is obeyed. */
export function mayRepeatAfter(response: UpstreamResponse, operation: Operation): boolean {
  return operation.reads && isDownStatus(response.status) && response.header('retry-after') === undefined;
}

/** Any length up to a limit that doubles, so that calls that failed together do not come back together. */
export function pauseMs(retries: number, random: () => number): number {
  return random() * firstPauseMs * 2 ** retries;
}

const retryCost = 5;
const maxSaved = 10 * retryCost;

/**
 * How many retries an agent may have: a fifth of its calls, and ten in store. So one that is down gets little more than
 * the calls made to it, however many retry.
 */
export class RetryBudget {
  #saved = maxSaved;

  earn(): void {
    if (this.#saved < maxSaved) this.#saved++;
  }

  /** Takes one retry; false where there is none. */
  spend(): boolean {
    if (this.#saved < retryCost) return false;
    this.#saved -= retryCost;
    return true;
  }
}
