import type { GatewayError } from '../failure.ts';
import type { UpstreamResponse } from '../ports.ts';
import { createEventFramer, type EventFramer } from '../protocol/event-stream.ts';
import type { LookAtEvents } from './learning.ts';

export interface FeedOptions {
  /** Largest event. Default 4 MiB. */
  maxEventBytes: number;
  /** Sees events before the caller does. Absent: nobody wants to. */
  look?: LookAtEvents | undefined;
  /** Absent: nothing is recorded. */
  recorder?: EventRecorder | undefined;
  /** Told when the agent's stream is closed, once or more often. Absent: nobody wants to know. */
  closed?(feed: Feed): void;
}

export interface EventRecorder {
  readonly streamId: string;
  /** Keeps the record for who may come again for the stream. False where nobody can. */
  renew(): boolean;
  /** Records whole events and answers them as the caller is to get them. */
  take(events: Uint8Array): Uint8Array;
}

/**
 * An agent's event stream, whole events at a time. It has one reader; another may follow, who gets what comes next, and
 * with it what the first was still waiting for: what was read before that is for the record alone.
 */
export class Feed {
  /** The agent's answer, for its headers. */
  readonly response: UpstreamResponse;
  readonly #chunks: AsyncIterator<Uint8Array, unknown>;
  readonly #framer: EventFramer;
  readonly #options: FeedOptions;
  #reading: Promise<IteratorResult<Uint8Array, undefined>> | undefined;
  #isOver = false;
  #refusal: GatewayError | undefined;
  #breakOff: ((error: GatewayError) => void) | undefined;

  constructor(response: UpstreamResponse, options: FeedOptions) {
    this.response = response;
    this.#chunks = response.chunks()[Symbol.asyncIterator]();
    this.#framer = createEventFramer(options.maxEventBytes);
    this.#options = options;
  }

  /** Under which it is recorded. */
  get streamId(): string | undefined {
    return this.#options.recorder?.streamId;
  }

  /** Whether more may come of it, and somebody can come again for that, for whom the record is kept. */
  renew(): boolean {
    return !this.#isOver && this.#options.recorder?.renew() === true;
  }

  /** Why there is nothing more for anybody. Undefined: there may be. */
  get refusal(): GatewayError | undefined {
    return this.#refusal;
  }

  /**
   * @throws what reading the agent's answer does, GatewayError `upstream_event_too_large`, what `look` does, and the error
   *   it is refused with
   */
  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.#refusal !== undefined) return Promise.reject(this.#refusal);
    this.#reading ??= new Promise((resolve, reject) => {
      this.#breakOff = reject;
      this.#read().then(resolve, reject);
    });
    return this.#reading;
  }

  /** Nobody gets any more of it, what has been read and not been given included: its reader gets this error. */
  refuse(error: GatewayError): void {
    this.#refusal ??= error;
    this.#breakOff?.(this.#refusal);
    this.close();
  }

  /** Ends the agent's stream. Safe to call twice. */
  close(): void {
    this.#isOver = true;
    this.response.close();
    this.#options.closed?.(this);
  }

  async #read(): Promise<IteratorResult<Uint8Array, undefined>> {
    try {
      for (;;) {
        const events = await this.#whole();
        if (events === undefined) continue;
        const looking = this.#options.look?.(events);
        if (looking !== undefined) await looking;
        if (this.#isOver && events.length === 0) return { done: true, value: undefined };
        return { done: false, value: this.#options.recorder?.take(events) ?? events };
      }
    } finally {
      // In one step with the record: who reads the record now, and then on from here, gets all of it, and nothing twice.
      this.#reading = undefined;
    }
  }

  /** The next whole events; at the end what stands behind the last; undefined where there are none yet. */
  async #whole(): Promise<Uint8Array | undefined> {
    if (this.#isOver) return new Uint8Array();
    const { done, value } = await this.#chunks.next();
    if (done !== true) return this.#framer.push(value);
    this.#isOver = true;
    return this.#framer.rest();
  }
}
