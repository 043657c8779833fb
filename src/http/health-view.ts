import type { Probe } from '../health/findings.ts';
import type { HealthReport } from '../health/report.ts';
import type { Agent } from '../registry/agent.ts';

/** How an agent does, as the management routes show it. Times are ISO 8601. */
export function healthView({ agentId, status }: Agent, report: HealthReport): Record<string, unknown> {
  const { atMs, process, origins, credential, ...counts } = report;
  const { expiresAtMs, problem } = credential;
  return {
    agentId,
    status,
    process: { id: process.id, since: timeOf(process.sinceMs) },
    ...counts,
    origins: origins.map((health) => originView(health, atMs)),
    credential: { expiresAt: timeOf(expiresAtMs), problem },
  };
}

function originView(health: HealthReport['origins'][number], nowMs: number): Record<string, unknown> {
  const { breaker, lastSuccessMs, lastFailure, probe, ...rest } = health;
  const { state, sinceMs, waitMs } = breaker;
  const retryAt = waitMs === undefined ? undefined : timeOf(nowMs + waitMs);
  return {
    ...rest,
    breaker: { state, since: timeOf(sinceMs), retryAt },
    lastSuccessAt: timeOf(lastSuccessMs),
    lastFailure: failureView(lastFailure),
    probe: probe && probeView(probe),
  };
}

function probeView({ lastSuccessMs, lastFailure }: Probe): Record<string, unknown> {
  return { lastSuccessAt: timeOf(lastSuccessMs), lastFailure: failureView(lastFailure) };
}

function failureView(
  failure: { atMs: number; code: string; phase?: string } | undefined,
): Record<string, unknown> | undefined {
  if (failure === undefined) return undefined;
  const { atMs, ...what } = failure;
  return { at: timeOf(atMs), ...what };
}

/** JSON leaves out what is undefined. */
function timeOf(timeMs: number | undefined): string | undefined {
  return timeMs === undefined ? undefined : new Date(timeMs).toISOString();
}
