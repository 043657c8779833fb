import type { UsageCounts, UsageDelta } from '../store/ports/audit.ts';
import type { CallEvent } from './call-record.ts';

const dayMs = 86_400_000;

/** What events say was used, added up by day, principal and agent. */
export class Use {
  readonly #usageRetentionMs: number;
  readonly #deltas = new Map<string, UsageDelta>();

  /** @param usageRetentionMs how long after its day it is kept */
  constructor(usageRetentionMs: number) {
    this.#usageRetentionMs = usageRetentionMs;
  }

  /** Of how many days, principals and agents together. */
  get size(): number {
    return this.#deltas.size;
  }

  add(event: CallEvent): void {
    const { principal, agentId, isUse, atMs } = event;
    if (isUse !== true || principal === undefined || agentId === undefined) return;
    const { issuer, subject, clientId } = principal;
    const day = new Date(atMs).toISOString().slice(0, 10);
    const key = JSON.stringify([day, issuer, subject, agentId]);
    const before = this.#deltas.get(key);
    const expiresAtMs = Date.parse(day) + dayMs + this.#usageRetentionMs;
    const who = { day, issuer, subject, agentId, ...(clientId !== undefined && { clientId }), expiresAtMs };
    this.#deltas.set(key, { ...who, ...sum(before ?? nothing, countsOf(event)) });
  }

  deltas(): UsageDelta[] {
    return [...this.#deltas.values()];
  }
}

const nothing: UsageCounts = {
  calls: 0,
  errors: 0,
  streams: 0,
  streamMs: 0,
  requestBytes: 0,
  responseBytes: 0,
};

function countsOf({ event, httpStatus, failure, ...more }: CallEvent): UsageCounts {
  const { requestBytes = 0, responseBytes = 0, durationMs } = more;
  const errors = httpStatus >= 400 || isError(failure?.code) ? 1 : 0;
  switch (event) {
    case 'call':
      return { ...nothing, calls: 1, errors, requestBytes, responseBytes };
    case 'stream.opened':
      return { ...nothing, calls: 1, streams: 1, requestBytes };
    case 'stream.ended':
      return { ...nothing, errors, streamMs: durationMs, responseBytes };
  }
}

/** Who leaves a stream has had enough of it. */
function isError(code: string | undefined): boolean {
  return code !== undefined && code !== 'caller_left';
}

function sum(one: UsageCounts, other: UsageCounts): UsageCounts {
  return {
    calls: one.calls + other.calls,
    errors: one.errors + other.errors,
    streams: one.streams + other.streams,
    streamMs: one.streamMs + other.streamMs,
    requestBytes: one.requestBytes + other.requestBytes,
    responseBytes: one.responseBytes + other.responseBytes,
  };
}
