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
    const dayNumber = Math.floor(atMs / dayMs);
    const key = JSON.stringify([dayNumber, issuer, subject, agentId]);
    let delta = this.#deltas.get(key);
    if (delta === undefined) {
      const day = new Date(atMs).toISOString().slice(0, 'YYYY-MM-DD'.length);
      const expiresAtMs = (dayNumber + 1) * dayMs + this.#usageRetentionMs;
      delta = { day, issuer, subject, agentId, expiresAtMs, ...nothing };
      this.#deltas.set(key, delta);
    }
    if (clientId !== undefined) delta.clientId = clientId;
    count(event, delta);
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

/** Adds what an event tells of. */
function count(
  { event, httpStatus, failure, requestBytes = 0, responseBytes = 0, durationMs }: CallEvent,
  counts: UsageCounts,
): void {
  const isEnd = event === 'stream.ended';
  if (!isEnd) counts.calls++;
  if (event === 'stream.opened') counts.streams++;
  else if (isError(httpStatus, failure?.code)) counts.errors++;
  if (isEnd) counts.streamMs += durationMs;
  counts.requestBytes += requestBytes;
  counts.responseBytes += responseBytes;
}

/** Who leaves has had enough of it, whatever status stands for that. */
function isError(httpStatus: number, code: string | undefined): boolean {
  return code === undefined ? httpStatus >= 400 : code !== 'caller_left';
}
