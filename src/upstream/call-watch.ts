import type { UpstreamRequest } from '../ports.ts';

/** Most calls are over by then. A caller that leaves sooner is noticed then. */
export const watchAfterMs = 100;

/** What a watch tells the call. */
export interface WatchedCall {
  onGone(signal: AbortSignal): void;
  onHeadersTimeout(): void;
}

/**
 * Watches a call for its caller's leaving and for headers that do not come, with one timer at a time.
 *
 * The caller's signal is first read after {@link watchAfterMs}: a Request makes its signal when asked, and making,
 * listening to and collecting one costs a third of a small call (measured in `bench/`).
 */
export class CallWatch {
  readonly #request: UpstreamRequest;
  readonly #call: WatchedCall;
  readonly #headersLimitMs: number;
  /** By the monotonic clock; not read where a call has no limit as a whole. */
  readonly #endsAtMs: number;
  #timer: NodeJS.Timeout;
  #signal: AbortSignal | undefined;
  #hasHeaders = false;
  #watchesCaller = false;

  constructor(request: UpstreamRequest, call: WatchedCall) {
    this.#request = request;
    this.#call = call;
    const { headersTimeoutMs, totalTimeoutMs } = request;
    this.#headersLimitMs = Math.min(headersTimeoutMs, totalTimeoutMs ?? headersTimeoutMs);
    this.#endsAtMs = totalTimeoutMs === undefined ? Infinity : performance.now() + totalTimeoutMs;
    this.#timer = setTimeout(this.#onFirst, Math.min(watchAfterMs, this.#headersLimitMs));
  }

  /** How long the call as a whole may still take. Not watched here once the headers have come. */
  totalLeftMs(): number {
    return this.#endsAtMs === Infinity ? Infinity : this.#endsAtMs - performance.now();
  }

  /** From now on only the caller is watched. */
  headersCame(): void {
    this.#hasHeaders = true;
    if (this.#watchesCaller) clearTimeout(this.#timer);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener('abort', this.#onAbort);
  }

  readonly #onFirst = (): void => {
    this.#watchesCaller = true;
    this.#signal = this.#request.caller?.signal;
    this.#signal?.addEventListener('abort', this.#onAbort);
    if (this.#signal?.aborted) this.#onAbort();
    else if (!this.#hasHeaders) {
      const leftMs = this.#headersLimitMs - watchAfterMs;
      this.#timer = setTimeout(() => this.#call.onHeadersTimeout(), leftMs);
    }
  };

  readonly #onAbort = (): void => {
    if (this.#signal !== undefined) this.#call.onGone(this.#signal);
  };
}
