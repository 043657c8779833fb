import { locationOf } from '../backends/backend-config.ts';
import { type Failure, GatewayError } from '../failure.ts';
import type { Pause } from '../pause.ts';
import type { Clock, Log } from '../ports.ts';
import type { Traffic } from '../proxy/traffic.ts';
import type { Agent } from '../registry/agent.ts';
import type { AgentStore } from '../store/port.ts';
import { Findings, type Probe } from './findings.ts';
import { Pace } from './pace.ts';
import { runRounds } from './rounds.ts';

/** Asks one origin of an agent for something small. @throws GatewayError where it does not answer well */
export type Ask = (agent: Agent, origin: string, caller: { readonly signal: AbortSignal }) => Promise<void>;

export interface ProberDeps {
  agents: Pick<AgentStore, 'get' | 'ids'>;
  ask: Ask;
  traffic: Pick<Traffic, 'instance'>;
  /** How often each origin is asked. */
  intervalMs: number;
  clock: Clock;
  log: Log;
  pause: Pause;
  random: () => number;
}

/** Finds out whether agents are up that nobody calls at the moment. */
export interface Prober {
  /** Probes until the signal fires, and resolves when nothing is under way any more. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
  /** What was found of an agent, by origin. Empty where nothing was yet. */
  found(agentId: string): ReadonlyMap<string, Probe>;
}

/** Of a process, however many agents there are. */
export const maxProbesAtOnce = 4;
export const minProbeGapMs = 100;

/**
 * Probes each origin of each active agent, unless a call has just shown it to be up. What is found is shown and logged. A
 * failure keeps no call away, since it is about the card; a success lets a call try an origin that is left alone.
 */
export function createProber(deps: ProberDeps): Prober {
  const { agents, ask, traffic, intervalMs, clock, log, pause } = deps;
  const findings = new Findings(deps);
  const pace = new Pace(minProbeGapMs, pause);

  async function readActive(agentId: string): Promise<Agent | undefined> {
    const agent = await agents.get(agentId);
    return agent?.status === 'active' ? agent : undefined;
  }

  /** One origin after the other, so that an agent which hangs at many takes one place. */
  async function visit(agentId: string, signal: AbortSignal): Promise<void> {
    const origins = originsOf(await readActive(agentId));
    findings.keepOnly(agentId, origins);
    for (const origin of origins) {
      if (isKnownUp(agentId, origin)) continue;
      await pace.turn(signal);
      // Read again, since a turn may be long in coming: a credential goes to what is registered now.
      const agent = await readActive(agentId);
      if (signal.aborted) return;
      if (agent !== undefined && originsOf(agent).includes(origin)) await probe(agent, origin, signal);
    }
  }

  function isKnownUp(agentId: string, origin: string): boolean {
    const instance = traffic.instance(agentId, origin);
    if (instance?.lastSuccessMs === undefined || instance.breaker.state !== 'closed') return false;
    return clock.nowMs() - instance.lastSuccessMs < intervalMs;
  }

  async function probe(agent: Agent, origin: string, signal: AbortSignal): Promise<void> {
    const { agentId } = agent;
    try {
      await ask(agent, origin, { signal });
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof GatewayError)) throw error;
      if (!isForCallers(error.failure)) findings.failed(agentId, origin, error);
      return;
    }
    findings.succeeded(agentId, origin);
    traffic.instance(agentId, origin)?.breaker.tryNow(clock.nowMs());
  }

  const rounds = {
    ...deps,
    maxAtOnce: maxProbesAtOnce,
    visit,
    failed: (cause: unknown) => log.write('error', 'agents not probed', { cause }),
    recovered: () => log.write('info', 'agents probed again'),
  };
  return {
    run: (signal) => runRounds(rounds, signal),
    found: (agentId) => findings.of(agentId),
  };
}

function originsOf(agent: Agent | undefined): string[] {
  return agent === undefined ? [] : locationOf(agent).origins.map(({ origin }) => origin);
}

/** A credential that is made of a caller's token: only callers can find out whether its agent is up. */
function isForCallers(failure: Failure): boolean {
  return failure.code === 'credential_unavailable' && failure.problem === 'caller';
}
