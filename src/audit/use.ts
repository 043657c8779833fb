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
    const dayNumber = Math.floor(atMs / dayMs);
    const key = JSON.stringify([dayNumber, principal.issuer, principal.subject, agentId]);
    const known = this.#deltas.get(key);
    const delta = known ?? this.#begin(dayNumber * dayMs, principal, agentId);
    if (known === undefined) this.#deltas.set(key, delta);
    count(delta, event);
  }

  deltas(): UsageDelta[] {
    return [...this.#deltas.values()];
  }

  #begin(
    dayAtMs: number,
    { issuer, subject, clientId }: NonNullable<CallEvent['principal']>,
    agentId: string,
  ): UsageDelta {
    const day = new Date(dayAtMs).toISOString().slice(0, 10);
    const expiresAtMs = dayAtMs + dayMs + this.#usageRetentionMs;
    const who = { day, issuer, subject, agentId, ...(clientId !== undefined && { clientId }), expiresAtMs };
    return { ...who, ...nothing };
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

/** Adds in place: this is done for every call. A stream counts as begun and, when it ends, for what came of it. */
function count(to: UsageCounts, event: CallEvent): void {
  const { requestBytes = 0, responseBytes = 0, durationMs } = event;
  if (event.event !== 'stream.ended') {
    to.calls++;
    to.requestBytes += requestBytes;
  }
  if (event.event === 'stream.opened') {
    to.streams++;
    return;
  }
  to.errors += isError(event) ? 1 : 0;
  to.responseBytes += responseBytes;
  if (event.event === 'stream.ended') to.streamMs += durationMs;
}

/** Who leaves a stream has had enough of it. */
function isError({ httpStatus, failure }: CallEvent): boolean {
  return httpStatus >= 400 || (failure !== undefined && failure.code !== 'caller_left');
}
