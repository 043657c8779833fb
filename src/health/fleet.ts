import type { Clock } from '../ports.ts';
import type { BreakerState } from '../proxy/breaker.ts';
import type { Agent } from '../registry/agent.ts';
import type { HealthStore } from '../store/port.ts';
import type { HealthReports } from './report.ts';
import { fromSharedReport, type ProcessReport } from './shared-report.ts';

/** How an agent does, as far as all processes know that have told it. Times are milliseconds since the epoch. */
export interface FleetHealth {
  /** One for each registered origin. */
  origins: OriginSummary[];
  /** The one that answers first, where it knows anything; then the others, those that told it last first. */
  processes: ProcessReport[];
}

export interface OriginSummary {
  origin: string;
  /** The worst there is: open, half open, closed. */
  worstBreaker: BreakerState;
  /** Attempts of all processes, and those that failed. */
  calls: number;
  failures: number;
  /** The latest of any process. */
  lastSuccessMs?: number;
  lastFailure?: { atMs: number; code: string; phase?: string };
}

export interface FleetHealthReports {
  /** @throws GatewayError `store_unavailable` */
  of(agent: Agent): Promise<FleetHealth>;
}

/** Puts together what this process sees now and what the others have told of late. */
export function createFleetHealthReports({
  reports,
  health,
  clock,
}: {
  reports: HealthReports;
  health: Pick<HealthStore, 'of'>;
  clock: Clock;
}): FleetHealthReports {
  return {
    async of(agent) {
      const [own, rows] = await Promise.all([reports.of(agent), health.of(agent.agentId, clock.nowMs())]);
      const others = rows
        .filter(({ processId }) => processId !== own.process.id)
        .map(({ report }) => fromSharedReport(agent, report))
        .filter((report) => report !== undefined);
      const processes = knowsAnything(own) ? [own, ...others] : others;
      return { origins: own.origins.map(({ origin }) => summaryOf(origin, processes)), processes };
    },
  };
}

function knowsAnything({ openCalls, openStreams, queuedCalls, origins, credential }: ProcessReport): boolean {
  const isBusy = openCalls + openStreams + queuedCalls > 0;
  const isSeen = origins.some(({ calls, probe }) => calls > 0 || probe !== undefined);
  return isBusy || isSeen || credential.expiresAtMs !== undefined;
}

const badness: Readonly<Record<BreakerState, number>> = { closed: 0, half_open: 1, open: 2 };

/** An origin that is no more registered is in no summary, whatever is still told of it. */
export function summaryOf(origin: string, processes: readonly ProcessReport[]): OriginSummary {
  const summary: OriginSummary = { origin, worstBreaker: 'closed', calls: 0, failures: 0 };
  for (const seen of processes.flatMap(({ origins }) => origins)) {
    if (seen.origin !== origin) continue;
    const { breaker, calls, failures, lastSuccessMs, lastFailure } = seen;
    if (badness[breaker.state] > badness[summary.worstBreaker]) summary.worstBreaker = breaker.state;
    summary.calls += calls;
    summary.failures += failures;
    if (lastSuccessMs !== undefined)
      summary.lastSuccessMs = Math.max(lastSuccessMs, summary.lastSuccessMs ?? 0);
    if (lastFailure !== undefined && lastFailure.atMs > (summary.lastFailure?.atMs ?? -1))
      summary.lastFailure = lastFailure;
  }
  return summary;
}
