import { createBackends } from '../../src/backends/backends.ts';
import type { Log } from '../../src/ports.ts';
import type { AgentCard } from '../../src/protocol/card.ts';
import { type OperationName, operations } from '../../src/protocol/operations.ts';
import type { Affinity } from '../../src/proxy/affinity.ts';
import { createForward, type ForwardedCall, type ForwardedResponse } from '../../src/proxy/forward.ts';
import { createTraffic, type Traffic, type TrafficDeps } from '../../src/proxy/traffic.ts';
import type { Agent } from '../../src/registry/agent.ts';
import { createUpstream } from '../../src/upstream/undici-upstream.ts';

/** Calls to agents by themselves, over the real way out, with a clock and chance that are given. */
export interface ForwardStand {
  traffic: Traffic;
  clock: { nowMs: number };
  /** What was logged. */
  logged: { event: string; [field: string]: unknown }[];
  /** Sends an operation to an agent, by default with a caller who stays. */
  call(agent: Agent, operation: OperationName, more?: Partial<ForwardedCall>): Promise<ForwardedResponse>;
  close(): Promise<void>;
}

export interface ForwardStandOptions extends Partial<Pick<TrafficDeps, 'load' | 'breaker' | 'maxAgents'>> {
  affinity?: Affinity;
  random?: () => number;
}

export const load = {
  ...{ maxConcurrentCalls: 2_000, maxOpenStreams: 2_000, maxQueuedCalls: 1_000, queueTimeoutMs: 5_000 },
  agent: { maxConcurrentCalls: 500, maxOpenStreams: 500, maxQueuedCalls: 500, queueTimeoutMs: 5_000 },
};

export const breaker = {
  ...{ consecutiveFailures: 5, failureRatio: 0.5, minimumCalls: 20 },
  ...{ windowMs: 30_000, openMs: 5_000, maxOpenMs: 60_000 },
};

/** One that never opens. */
export const patientBreaker = { ...breaker, consecutiveFailures: 1_000_000, minimumCalls: 1_000_000 };

export function forwardStand(options: ForwardStandOptions = {}): ForwardStand {
  const time = { nowMs: 1_000_000 };
  const clock = { nowMs: () => time.nowMs };
  const random = options.random ?? (() => 0);
  const logged: ForwardStand['logged'] = [];
  const log: Log = { write: (_, event, fields) => logged.push({ event, ...fields }) };
  const upstream = createUpstream({ rules: { allowHttp: true, allowAddresses: ['127.0.0.0/8'] } });
  const secrets = {
    put: async () => {},
    create: async () => false,
    get: async () => undefined,
    delete: async () => {},
    list: async () => [],
  };
  const { send } = createBackends({
    ...{ upstream, secrets, clock, newId: () => 'id' },
    currentAuth: async () => undefined,
  });
  const traffic = createTraffic({ load, breaker, ...options, clock, random, log });
  const forward = createForward({
    ...{ send, traffic, clock, random, pause: async () => {} },
    noteHop: async (_, headers) => headers,
    ...(options.affinity !== undefined && { affinity: options.affinity }),
    deadlines: { headersTimeoutMs: 10_000, idleTimeoutMs: 10_000, totalTimeoutMs: 20_000 },
    streams: { idleTimeoutMs: 10_000, totalTimeoutMs: 0 },
  });
  return {
    traffic,
    clock: time,
    logged,
    call: (agent, operation, more = {}) => forward({ ...callOf(agent, operation), ...more }),
    close: () => upstream.close(),
  };
}

function callOf(agent: Agent, name: OperationName): ForwardedCall {
  const operation = operations.find((row) => row.name === name);
  if (operation === undefined) throw new TypeError(`no operation is called ${name}`);
  return {
    agent,
    operation,
    ids: {},
    method: 'POST',
    url: new URL(agent.card.supportedInterfaces[0]?.url ?? ''),
    headers: {},
    body: name,
    facts: { agentId: agent.agentId, requestId: 'r-1' },
    caller: new AbortController(),
  };
}

/** An agent at one URL or several, whose card names the first. */
export function agentAt(
  urls: readonly (string | { url: string; weight: number })[],
  members: Partial<Agent> = {},
): Agent {
  const instances = urls.map((at) => (typeof at === 'string' ? { url: at, weight: 1 } : at));
  const url = `${instances[0]?.url}/rpc`;
  const supportedInterfaces = [{ url, protocolBinding: 'JSONRPC', protocolVersion: '1.0' }];
  return {
    agentId: 'agent',
    revision: 1,
    status: 'active',
    agentCardUrl: url,
    backend: { type: 'http', urls: instances },
    authConfig: { type: 'none' },
    tags: [],
    owner: { issuer: 'https://issuer.example', subject: 'owner' },
    publicCard: false,
    card: { supportedInterfaces } as unknown as AgentCard, // All of a card that forwarding looks at.
    cardWarnings: [],
    ...{ cardVersion: 1, cardFetchedAtMs: 0, cardAcceptedAtMs: 0, createdAtMs: 0, updatedAtMs: 0 },
    ...members,
  };
}
