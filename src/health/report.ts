import type { Credentials } from '../backends/credentials.ts';
import { type CredentialProblem, GatewayError } from '../failure.ts';
import type { Clock, NewId } from '../ports.ts';
import type { AgentHealth, OriginHealth } from '../proxy/health.ts';
import type { Traffic } from '../proxy/traffic.ts';
import type { Agent } from '../registry/agent.ts';
import type { Probe } from './findings.ts';
import type { Prober } from './prober.ts';

/** How an agent does, as far as one process knows. Times are milliseconds since the epoch. */
export interface HealthReport extends AgentHealth {
  /** When it was made. */
  atMs: number;
  /** Which process made it: another has seen other calls. */
  process: { id: string; sinceMs: number };
  origins: (OriginHealth & { probe?: Probe })[];
  credential: {
    /** When the first of what is held for the agent expires; absent where nothing is held or it does not. */
    expiresAtMs?: number;
    /** Why that cannot be told. */
    problem?: CredentialProblem;
  };
}

/** Tells how agents do. Nothing in a report is of a caller or a secret. */
export interface HealthReports {
  of(agent: Agent): Promise<HealthReport>;
}

export interface HealthReportsDeps {
  traffic: Pick<Traffic, 'health'>;
  credentials: Pick<Credentials, 'expiresAtMs'>;
  prober: Pick<Prober, 'found'>;
  clock: Clock;
  newId: NewId;
}

export function createHealthReports(deps: HealthReportsDeps): HealthReports {
  const { traffic, prober, clock } = deps;
  const process = { id: deps.newId(), sinceMs: clock.nowMs() };
  return {
    async of(agent) {
      const credential = await credentialOf(agent, deps.credentials);
      const probes = prober.found(agent.agentId);
      const { origins, ...seen } = traffic.health(agent);
      return {
        ...seen,
        atMs: clock.nowMs(),
        process,
        origins: origins.map((health) => {
          const probe = probes.get(health.origin);
          return { ...health, ...(probe !== undefined && { probe }) };
        }),
        credential,
      };
    },
  };
}

/** A secret that cannot be read is part of how an agent does, and no reason to tell nothing. */
async function credentialOf(
  { authConfig, agentId }: Agent,
  credentials: HealthReportsDeps['credentials'],
): Promise<HealthReport['credential']> {
  try {
    const expiresAtMs = await credentials.expiresAtMs(authConfig, agentId);
    return expiresAtMs === undefined ? {} : { expiresAtMs };
  } catch (error) {
    if (error instanceof GatewayError && error.failure.code === 'credential_unavailable')
      return { problem: error.failure.problem };
    throw error;
  }
}
