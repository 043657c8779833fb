import { type AgentLimits, locationOf, stickinessOf } from '../backends/backend-config.ts';
import type { Stickiness } from '../backends/target.ts';
import type { Clock, Log } from '../ports.ts';
import type { Agent } from '../registry/agent.ts';
import type { BreakerSettings } from './breaker.ts';
import { Gate, type Lane, type LoadLimits } from './gate.ts';
import { type AgentHealth, healthOf } from './health.ts';
import { Instance, type InstanceDeps } from './instance.ts';
import { RetryBudget } from './retry.ts';

/** What this process has under way with agents, and has seen of them. Kept in memory alone. */
export interface Traffic {
  of(agent: Agent): AgentTraffic;
  /**
   * Takes a place of the agent, then one of the process, so that a call which waits for its agent keeps nobody else out.
   *
   * @returns what gives both back; called once
   * @throws GatewayError `agent_overloaded`, `gateway_overloaded`, `caller_left`
   */
  enter(traffic: AgentTraffic, lane: Lane, caller: { readonly signal: AbortSignal }): Promise<() => void>;
  /** Of an agent that was never called, as one of which nothing is known. */
  health(agent: Agent): AgentHealth;
  /** One origin of an agent, as calls have left it; undefined where there were none to it. */
  instance(agentId: string, origin: string): Instance | undefined;
}

/** What there is to tell of an agent that was not so before: a call, one that failed, a breaker in another state. */
export type News = 'call' | 'failure' | 'change';

export interface TrafficDeps {
  /** Of the process; `agent`: of each agent that says nothing else. */
  load: LoadLimits & { agent: LoadLimits };
  breaker: BreakerSettings;
  clock: Clock;
  random: () => number;
  log: Log;
  /** Told of what happens, in the way of the call: it must be quick. Default: nobody is. */
  noticed?(agentId: string, news: News): void;
  /** Agents remembered; the least recently called is forgotten first, but none with a call under way. Default 10 000. */
  maxAgents?: number;
}

export function createTraffic(deps: TrafficDeps): Traffic {
  const { load, maxAgents = 10_000 } = deps;
  const gate = new Gate('gateway_overloaded');
  // In the order of the last call; `newest` stands last and need not be moved there.
  const kept = new Map<string, AgentTraffic>();
  let newest: AgentTraffic | undefined;

  function makeRoom(): void {
    if (kept.size < maxAgents) return;
    for (const [agentId, traffic] of kept) {
      if (!traffic.gate.isIdle) continue;
      kept.delete(agentId);
      return;
    }
  }

  return {
    of(agent) {
      const { agentId } = agent;
      const known = kept.get(agentId);
      const traffic = known ?? new AgentTraffic(agentId, deps);
      if (traffic !== newest) {
        if (known === undefined) makeRoom();
        else kept.delete(agentId);
        kept.set(agentId, traffic);
        newest = traffic;
      }
      traffic.adopt(agent);
      return traffic;
    },

    async enter(traffic, lane, caller) {
      const waiting = traffic.gate.enter(lane, traffic.limits, caller);
      if (waiting !== undefined) await waiting;
      try {
        const waiting = gate.enter(lane, load, caller);
        if (waiting !== undefined) await waiting;
      } catch (error) {
        traffic.gate.leave(lane);
        throw error;
      }
      return () => {
        gate.leave(lane);
        traffic.gate.leave(lane);
      };
    },

    health(agent) {
      const traffic = kept.get(agent.agentId) ?? new AgentTraffic(agent.agentId, deps);
      traffic.adopt(agent);
      return healthOf(traffic, deps.clock.nowMs());
    },

    instance: (agentId, origin) => kept.get(agentId)?.instances.find((one) => one.origin === origin),
  };
}

/** One agent's part of it. */
export class AgentTraffic {
  readonly gate = new Gate('agent_overloaded');
  readonly budget = new RetryBudget();
  retries = 0;
  /** One for each registered origin. */
  instances: readonly Instance[] = [];
  limits: LoadLimits;
  /** What conversations stick to. */
  stickiness: Stickiness = 'none';
  readonly #deps: TrafficDeps;
  readonly #instanceDeps: InstanceDeps;
  /** Weakly: an agent's card is large, and the store's cache says how many are worth keeping. */
  #adopted: WeakRef<Agent> | undefined;

  constructor(agentId: string, deps: TrafficDeps) {
    this.#deps = deps;
    this.#instanceDeps = {
      ...deps,
      changed(instance) {
        logChange(agentId, instance, deps);
        deps.noticed?.(agentId, 'change');
      },
      noticed: (news) => deps.noticed?.(agentId, news),
    };
    this.limits = deps.load.agent;
  }

  /**
   * Takes over what the agent says now. Facts about an origin go with it: what a call is sent to is always what its own
   * agent has registered, since its credential goes there too.
   */
  adopt(agent: Agent): void {
    if (agent === this.#adopted?.deref()) return;
    this.#adopted = new WeakRef(agent);
    this.stickiness = stickinessOf(agent);
    this.limits = limitsOf(agent.limits, this.#deps.load.agent);
    this.instances = locationOf(agent).origins.map((at) => {
      const known = this.instances.find(({ origin }) => origin === at.origin);
      if (known === undefined) return new Instance(at, this.#instanceDeps);
      known.weight = at.weight;
      return known;
    });
  }
}

/** The agent's own limits over the gateway's. */
function limitsOf(own: AgentLimits = {}, gateways: LoadLimits): LoadLimits {
  return {
    maxConcurrentCalls: own.maxConcurrentCalls ?? gateways.maxConcurrentCalls,
    maxOpenStreams: own.maxOpenStreams ?? gateways.maxOpenStreams,
    maxQueuedCalls: own.maxQueuedCalls ?? gateways.maxQueuedCalls,
    queueTimeoutMs: own.queueTimeoutMs ?? gateways.queueTimeoutMs,
  };
}

function logChange(agentId: string, { origin, breaker, lastFailure }: Instance, { log, clock }: TrafficDeps) {
  if (breaker.state !== 'open') return log.write('info', 'agent back', { agentId, origin });
  const failure = lastFailure?.failure;
  log.write('warn', 'agent left alone', { agentId, origin, waitMs: breaker.waitMs(clock.nowMs()), failure });
}
