import type { FleetHealth, OriginSummary } from '../health/fleet.ts';
import type { ProcessReport } from '../health/shared-report.ts';
import type { Agent } from '../registry/agent.ts';

/** How an agent does, as the management routes show it. Times are ISO 8601. */
export function healthView(
  { agentId, status }: Agent,
  { origins, processes }: FleetHealth,
): Record<string, unknown> {
  return { agentId, status, origins: origins.map(summaryView), processes: processes.map(processView) };
}

function summaryView({ lastSuccessMs, lastFailure, ...rest }: OriginSummary): Record<string, unknown> {
  return { ...rest, ...lastView({ lastSuccessMs, lastFailure }) };
}

function processView({
  atMs,
  process,
  origins,
  credential,
  ...counts
}: ProcessReport): Record<string, unknown> {
  const { expiresAtMs, problem } = credential;
  return {
    id: process.id,
    since: timeOf(process.sinceMs),
    seenAt: timeOf(atMs),
    ...counts,
    origins: origins.map((health) => originView(health, atMs)),
    credential: { expiresAt: timeOf(expiresAtMs), problem },
  };
}

function originView(health: ProcessReport['origins'][number], nowMs: number): Record<string, unknown> {
  const { breaker, lastSuccessMs, lastFailure, probe, ...rest } = health;
  const { state, sinceMs, waitMs } = breaker;
  const retryAt = waitMs === undefined ? undefined : timeOf(nowMs + waitMs);
  return {
    ...rest,
    breaker: { state, since: timeOf(sinceMs), retryAt },
    ...lastView({ lastSuccessMs, lastFailure }),
    probe: probe && lastView(probe),
  };
}

function lastView(last: {
  lastSuccessMs?: number | undefined;
  lastFailure?: { atMs: number; code: string; phase?: string } | undefined;
}): Record<string, unknown> {
  return { lastSuccessAt: timeOf(last.lastSuccessMs), lastFailure: failureView(last.lastFailure) };
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
