import { locationOf } from '../backends/backend-config.ts';
import { GatewayError } from '../failure.ts';
import { inParallel } from '../in-parallel.ts';
import type { Pause } from '../pause.ts';
import type { Clock, Log } from '../ports.ts';
import type { Agent } from '../registry/agent.ts';
import type { AgentStore, HealthStore } from '../store/port.ts';
import type { Probe } from './findings.ts';
import { Pace } from './pace.ts';
import { type Ask, maxProbesAtOnce, minProbeGapMs } from './prober.ts';
import type { HealthReport } from './report.ts';
import { fromSharedReport, type ProcessReport, toSharedReport } from './shared-report.ts';

export interface SingleRoundDeps {
  agents: Pick<AgentStore, 'get' | 'ids'>;
  health: HealthStore;
  ask: Ask;
  /** Those of an agent that may be asked. */
  originsOf(agent: Agent): readonly string[];
  clock: Clock;
  log: Log;
  pause: Pause;
  random: () => number;
}

/** One round, whatever the number of agents. */
export const maxAgentsPerRound = 50;
/** How long a call that went well stands for a probe. */
export const knownUpForMs = 5 * 60_000;
/** Chance before a round, so that the gateways of a platform that all begin on the minute do not come together. */
export const maxDelayMs = 10_000;

/** Under which what probes have found is told: they are of no process that lasts. */
const probesId = 'probes';
/** The row of no agent: whose was the last place of the round before. */
const noAgent = '';
const keptForMs = 24 * 3_600_000;

/**
 * Probes some agents where no process lasts to do it again and again: {@link maxAgentsPerRound} at most, those that follow
 * the ones of the round before, and from the first again after the last. What is found is told by the store, with what
 * processes tell of their calls.
 *
 * Where the round goes on is written before it begins: one that breaks off is not begun again at what broke it.
 *
 * @returns how many agents were looked at
 * @throws GatewayError of the store
 */
export async function probeOnce(deps: SingleRoundDeps, signal: AbortSignal): Promise<number> {
  const { health, clock, pause } = deps;
  await pause(deps.random() * maxDelayMs, signal);
  const [last] = await health.of(noAgent, clock.nowMs());
  const agentIds = await idsAfter(last?.report, deps.agents);
  const end = agentIds.at(-1);
  if (end !== undefined) await tell(noAgent, end, deps);
  const pace = new Pace(minProbeGapMs, pause);
  await inParallel(agentIds, maxProbesAtOnce, async (agentId) => {
    await pace.turn(signal);
    if (!signal.aborted) await visit(agentId, deps, signal);
  });
  return agentIds.length;
}

async function idsAfter(
  after: string | undefined,
  agents: Pick<AgentStore, 'ids'>,
): Promise<readonly string[]> {
  const filter = { status: 'active' } as const;
  const size = maxAgentsPerRound;
  const { items } = await agents.ids(filter, { size, ...(after !== undefined && { after }) });
  if (after === undefined || items.length === size) return items;
  const fromFirst = (await agents.ids(filter, { size: size - items.length })).items;
  return [...new Set([...items, ...fromFirst])];
}

async function visit(agentId: string, deps: SingleRoundDeps, signal: AbortSignal): Promise<void> {
  const agent = await deps.agents.get(agentId);
  if (agent?.status !== 'active') return;
  const rows = await deps.health.of(agentId, deps.clock.nowMs());
  const told = rows.map(({ report }) => fromSharedReport(agent, report)).filter((one) => one !== undefined);
  const before = told.find(({ process }) => process.id === probesId);
  const found = new Map(before?.origins.map(({ origin, probe }) => [origin, probe]));
  const asked = deps.originsOf(agent).filter((origin) => !isKnownUp(origin, told, deps.clock.nowMs()));
  for (const origin of asked) {
    const probe = await probed(agent, origin, found.get(origin), deps, signal);
    if (signal.aborted) return;
    found.set(origin, probe);
  }
  if (asked.length === 0) return;
  const report = toSharedReport(agent, reportOf(agent, found, before, deps.clock.nowMs()));
  if (report !== undefined) await tell(agentId, report, deps);
}

function isKnownUp(origin: string, told: readonly ProcessReport[], nowMs: number): boolean {
  const successes = told
    .flatMap(({ origins }) => origins)
    .map((seen) =>
      seen.origin === origin && seen.breaker.state === 'closed' ? seen.lastSuccessMs : undefined,
    );
  return successes.some((lastMs) => lastMs !== undefined && nowMs - lastMs < knownUpForMs);
}

/** What is known after one probe; logs what changes, not what stays. */
async function probed(
  agent: Agent,
  origin: string,
  before: Probe = {},
  { ask, clock, log }: SingleRoundDeps,
  signal: AbortSignal,
): Promise<Probe> {
  const { agentId } = agent;
  const wasFailing = (before.lastFailure?.atMs ?? -1) > (before.lastSuccessMs ?? -1);
  try {
    await ask(agent, origin, { signal });
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    const { failure, cause } = error;
    if (!wasFailing && !signal.aborted)
      log.write('warn', 'probe failed', { agentId, origin, failure, cause });
    return { ...before, lastFailure: { atMs: clock.nowMs(), code: failure.code } };
  }
  if (wasFailing) log.write('info', 'probe answered again', { agentId, origin });
  return { ...before, lastSuccessMs: clock.nowMs() };
}

/** A report of no calls, since none are made here. */
function reportOf(
  agent: Agent,
  found: ReadonlyMap<string, Probe | undefined>,
  before: ProcessReport | undefined,
  atMs: number,
): HealthReport {
  const sinceMs = before?.process.sinceMs ?? atMs;
  return {
    ...{ atMs, process: { id: probesId, sinceMs }, credential: {} },
    ...{ openCalls: 0, openStreams: 0, queuedCalls: 0, retries: 0 },
    origins: locationOf(agent).origins.map(({ origin, weight }) => {
      const probe = found.get(origin);
      return {
        ...{ origin, weight, breaker: { state: 'closed' as const, sinceMs } },
        ...{ openCalls: 0, openStreams: 0, calls: 0, failures: 0 },
        ...(probe !== undefined && { probe }),
      };
    }),
  };
}

async function tell(agentId: string, report: string, { health, clock }: SingleRoundDeps): Promise<void> {
  const seenAtMs = clock.nowMs();
  const expiresAtMs = seenAtMs + keptForMs;
  await health.put({ agentId, processId: probesId, report, seenAtMs, expiresAtMs });
}
