import type { UpstreamResponse } from '../ports.ts';
import type { CallIds } from '../protocol/call-ids.ts';
import { pulled } from '../pulled.ts';
import type { Attempt } from './instance.ts';

/** How an answer makes known what it is about; see `ForwardedResponse.learn`. */
export type Learn = (ids: CallIds) => Promise<void>;

/**
 * An answer whose reading is watched: how it ends is told to its attempt, and what the call held is let go, exactly once,
 * when it has been read, fails or is closed.
 */
export class WatchedAnswer implements UpstreamResponse {
  readonly status: number;
  declare readonly learn?: Learn;
  readonly #response: UpstreamResponse;
  readonly #attempt: Attempt;
  readonly #release: () => void;
  #isOver = false;

  /** @param release called once */
  constructor(response: UpstreamResponse, attempt: Attempt, release: () => void, learn?: Learn) {
    this.status = response.status;
    this.#response = response;
    this.#attempt = attempt;
    this.#release = release;
    if (learn !== undefined) this.learn = learn;
  }

  header(name: string): string | undefined {
    return this.#response.header(name);
  }

  trailer(name: string): string | undefined {
    return this.#response.trailer(name);
  }

  async bytes(maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
    try {
      const bytes = await this.#response.bytes(maxBytes);
      this.#attempt.succeeded();
      return bytes;
    } catch (error) {
      this.#attempt.failed(error);
      throw error;
    } finally {
      this.#over();
    }
  }

  chunks(): AsyncIterableIterator<Uint8Array> {
    const chunks = this.#response.chunks()[Symbol.asyncIterator]();
    // Now, because the next event may be an hour away.
    this.#attempt.succeeded();
    const onChunk = (result: IteratorResult<Uint8Array, undefined>) => {
      if (result.done === true) this.#over();
      return result;
    };
    const onBreak = (error: unknown): never => {
      this.#attempt.failed(error);
      this.#over();
      throw error;
    };
    return pulled(
      () => chunks.next().then(onChunk, onBreak),
      () => this.close(),
    );
  }

  close(): void {
    this.#response.close();
    this.#over();
  }

  #over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#attempt.over();
    this.#release();
  }
}
