import type { BreakerState } from './breaker.ts';
import type { Instance } from './instance.ts';
import type { AgentTraffic } from './traffic.ts';

/** What one process has seen of an agent since it began to call it. Times are milliseconds since the epoch. */
export interface AgentHealth {
  /** Under way now. */
  openCalls: number;
  openStreams: number;
  /** Waiting for one of these to end. */
  queuedCalls: number;
  /** Attempts beyond the first, all in all. */
  retries: number;
  /** One for each registered origin. */
  origins: OriginHealth[];
}

export interface OriginHealth {
  origin: string;
  weight: number;
  breaker: {
    state: BreakerState;
    sinceMs: number;
    /** How long it still lets nothing through; absent where it does. */
    waitMs?: number;
  };
  openCalls: number;
  openStreams: number;
  /** Attempts, all in all, and those that failed. */
  calls: number;
  failures: number;
  lastSuccessMs?: number;
  lastFailure?: {
    atMs: number;
    code: string;
    /** Of a timeout. */
    phase?: string;
  };
  /** From sending to the answer's headers, over the last 1 000 answers; absent where there were none. */
  headersMs?: { p50: number; p95: number };
}

export function healthOf(traffic: AgentTraffic, nowMs: number): AgentHealth {
  const { gate, retries, instances } = traffic;
  return {
    openCalls: gate.taken('calls'),
    openStreams: gate.taken('streams'),
    queuedCalls: gate.queued,
    retries,
    origins: instances.map((instance) => originHealth(instance, nowMs)),
  };
}

function originHealth(instance: Instance, nowMs: number): OriginHealth {
  const { origin, weight, breaker, open, calls, failures, lastSuccessMs } = instance;
  const waitMs = breaker.waitMs(nowMs);
  const headersMs = instance.headersMs.percentiles([50, 95]);
  return {
    origin,
    weight,
    breaker: { state: breaker.state, sinceMs: breaker.sinceMs, ...(waitMs > 0 && { waitMs }) },
    openCalls: open.calls,
    openStreams: open.streams,
    calls,
    failures,
    ...(lastSuccessMs !== undefined && { lastSuccessMs }),
    ...lastFailureOf(instance),
    ...(headersMs !== undefined && { headersMs: { p50: headersMs[50], p95: headersMs[95] } }),
  };
}

function lastFailureOf({ lastFailure }: Instance): Pick<OriginHealth, 'lastFailure'> {
  if (lastFailure === undefined) return {};
  const { atMs, failure } = lastFailure;
  return {
    lastFailure: { atMs, code: failure.code, ...('phase' in failure && { phase: failure.phase }) },
  };
}
