import { GatewayError } from '../failure.ts';

/** What went wrong with the store, as far as a caller or an operator can act on it. */
export type StoreProblem =
  | 'cannot_open'
  /** Written by a later version of the gateway, or by something else. */
  | 'unknown_schema'
  /** Locked or throttled for longer than the store waits; the same call may succeed later. */
  | 'busy'
  | 'full'
  /** What is to be written is larger than the store takes. */
  | 'too_large'
  | 'read_only'
  | 'corrupt'
  | 'failed';

/**
 * An error of the store. The message is one line for an operator and holds no value that was bound; a caller is
 * told `store_unavailable`.
 */
export class StoreError extends GatewayError {
  readonly problem: StoreProblem;

  constructor(problem: StoreProblem, message: string, options?: { cause?: unknown }) {
    super({ code: 'store_unavailable' }, options);
    this.message = message;
    this.problem = problem;
  }
}
