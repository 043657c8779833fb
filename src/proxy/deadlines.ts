import type { UpstreamRequest } from '../ports.ts';
import type { Agent } from '../registry/agent.ts';

export interface Deadlines {
  /** From sending to the answer's headers; a blocking send waits here while the agent thinks. Default 300 000. */
  headersTimeoutMs: number;
  /** Longest silence inside an answer that is no stream. Default 300 000. */
  idleTimeoutMs: number;
  /** The whole of a call that is no stream. Default 600 000. */
  totalTimeoutMs: number;
}

/** A stream's limits; 0 is none, which is the default of both. */
export interface StreamDeadlines {
  /** Longest silence of the agent. */
  idleTimeoutMs: number;
  /** The whole of it, from its first byte. */
  totalTimeoutMs: number;
}

/** The limits of an agent's streams: its own over the gateway's. */
export function streamDeadlines(
  { deadlines }: Pick<Agent, 'deadlines'>,
  gateways: StreamDeadlines,
): StreamDeadlines {
  return {
    idleTimeoutMs: deadlines?.streamIdleTimeoutMs ?? gateways.idleTimeoutMs,
    totalTimeoutMs: deadlines?.streamTotalTimeoutMs ?? gateways.totalTimeoutMs,
  };
}

/** Those of one attempt, as the way out takes them. */
export type Timeouts = Pick<
  UpstreamRequest,
  'headersTimeoutMs' | 'idleTimeoutMs' | 'bytesTimeoutMs' | 'totalTimeoutMs'
>;

/** The deadlines of one call, all its attempts and the pauses between them together: the agent's own over the gateway's. */
export class CallDeadlines {
  readonly #deadlines: Deadlines;
  /** Undefined for what is no stream. */
  readonly #stream: StreamDeadlines | undefined;
  readonly #beganAtMs: number;

  constructor(
    agent: Pick<Agent, 'deadlines'>,
    { deadlines: gateways, streams }: { deadlines: Deadlines; streams: StreamDeadlines },
    isStream: boolean,
    nowMs: number,
  ) {
    const { deadlines: own } = agent;
    this.#deadlines =
      own === undefined
        ? gateways
        : {
            headersTimeoutMs: own.headersTimeoutMs ?? gateways.headersTimeoutMs,
            idleTimeoutMs: own.idleTimeoutMs ?? gateways.idleTimeoutMs,
            totalTimeoutMs: own.totalTimeoutMs ?? gateways.totalTimeoutMs,
          };
    this.#stream = isStream ? streamDeadlines(agent, streams) : undefined;
    this.#beganAtMs = nowMs;
  }

  /** What is left for the headers; none is left at 0 and below. */
  leftMs(nowMs: number): number {
    const { headersTimeoutMs, totalTimeoutMs } = this.#deadlines;
    const limitMs =
      this.#stream !== undefined ? headersTimeoutMs : Math.min(headersTimeoutMs, totalTimeoutMs);
    return limitMs - this.#passedMs(nowMs);
  }

  /** Those of an attempt that begins now. */
  timeouts(nowMs: number): Timeouts {
    const { headersTimeoutMs, idleTimeoutMs, totalTimeoutMs } = this.#deadlines;
    const passedMs = this.#passedMs(nowMs);
    const headersLeftMs = Math.max(1, headersTimeoutMs - passedMs);
    if (this.#stream === undefined) {
      const totalLeftMs = Math.max(1, totalTimeoutMs - passedMs);
      return { headersTimeoutMs: headersLeftMs, idleTimeoutMs, totalTimeoutMs: totalLeftMs };
    }
    const { idleTimeoutMs: silenceMs } = this.#stream;
    // An agent may refuse a stream with an answer that is none; how long a stream lasts is the relay's to watch.
    return { headersTimeoutMs: headersLeftMs, idleTimeoutMs: silenceMs, bytesTimeoutMs: idleTimeoutMs };
  }

  /** A clock set back has passed nothing. */
  #passedMs(nowMs: number): number {
    return Math.max(0, nowMs - this.#beganAtMs);
  }
}
