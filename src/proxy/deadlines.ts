import type { UpstreamRequest } from '../ports.ts';
import type { Agent } from '../registry/agent.ts';

export interface Deadlines {
  /** From sending to the answer's headers; a blocking send waits here while the agent thinks. Default 300 000. */
  headersTimeoutMs: number;
  /** Longest silence inside an answer. Default 300 000. */
  idleTimeoutMs: number;
  /** The whole of a call that is no stream. Default 600 000. */
  totalTimeoutMs: number;
}

/** Those of one attempt, as the way out takes them. */
export type Timeouts = Pick<UpstreamRequest, 'headersTimeoutMs' | 'idleTimeoutMs' | 'totalTimeoutMs'>;

/** The deadlines of one call, all its attempts and the pauses between them together: the agent's own over the gateway's. */
export class CallDeadlines {
  readonly #deadlines: Deadlines;
  readonly #streams: boolean;
  readonly #beganAtMs: number;

  constructor(
    { deadlines: own }: Pick<Agent, 'deadlines'>,
    gateways: Deadlines,
    streams: boolean,
    nowMs: number,
  ) {
    this.#deadlines =
      own === undefined
        ? gateways
        : {
            headersTimeoutMs: own.headersTimeoutMs ?? gateways.headersTimeoutMs,
            idleTimeoutMs: own.idleTimeoutMs ?? gateways.idleTimeoutMs,
            totalTimeoutMs: own.totalTimeoutMs ?? gateways.totalTimeoutMs,
          };
    this.#streams = streams;
    this.#beganAtMs = nowMs;
  }

  /** What is left for the headers; none is left at 0 and below. */
  leftMs(nowMs: number): number {
    const { headersTimeoutMs, totalTimeoutMs } = this.#deadlines;
    const limitMs = this.#streams ? headersTimeoutMs : Math.min(headersTimeoutMs, totalTimeoutMs);
    return limitMs - this.#passedMs(nowMs);
  }

  /** Those of an attempt that begins now. */
  timeouts(nowMs: number): Timeouts {
    const { headersTimeoutMs, idleTimeoutMs, totalTimeoutMs } = this.#deadlines;
    const passedMs = this.#passedMs(nowMs);
    const left = (limitMs: number) => Math.max(1, limitMs - passedMs);
    return {
      headersTimeoutMs: left(headersTimeoutMs),
      idleTimeoutMs,
      ...(!this.#streams && { totalTimeoutMs: left(totalTimeoutMs) }),
    };
  }

  /** A clock set back has passed nothing. */
  #passedMs(nowMs: number): number {
    return Math.max(0, nowMs - this.#beganAtMs);
  }
}
