import { createBackends } from '../../src/backends/backends.ts';
import { createProber, type Prober } from '../../src/health/prober.ts';
import { createTraffic, type Traffic } from '../../src/proxy/traffic.ts';
import type { Agent } from '../../src/registry/agent.ts';
import { createCardProbe } from '../../src/registry/card-probe.ts';
import { breaker, load } from './forward-stand.ts';
import { upstream } from './upstream-servers.ts';
import { VirtualTime } from './virtual-time.ts';

/** A prober at work over the real way out; its time is the test's. Ends with the test. */
export interface ProberStand {
  time: VirtualTime;
  /** What it finds in the registry. */
  agents: Agent[];
  traffic: Traffic;
  prober: Prober;
  /** What was logged. */
  logged: { event: string; [field: string]: unknown }[];
  /** Lets an interval pass; resolves when all that was asked in it has been answered. */
  round(): Promise<void>;
  close(): Promise<void>;
}

export const intervalMs = 60_000;
export const maxCardBytes = 1_000;

/** @param secrets of all agents, by name */
export function proberStand(agents: Agent[], secrets: Readonly<Record<string, string>> = {}): ProberStand {
  const time = new VirtualTime();
  const logged: ProberStand['logged'] = [];
  const log = {
    write: (_: string, event: string, fields?: object) => void logged.push({ event, ...fields }),
  };
  const way = upstream();
  const { send } = createBackends({
    ...{ upstream: way, clock: time, newId: () => crypto.randomUUID() },
    secrets: {
      put: async () => {},
      create: async () => false,
      get: async (name) => secrets[name],
      delete: async () => {},
      list: async () => [],
    },
    currentAuth: async () => undefined,
  });
  const traffic = createTraffic({ load, breaker, clock: time, random: () => 0, log });
  const limits = { cardTimeoutMs: 10_000, maxCardBytes };
  const ask = createCardProbe({ upstream: way, send, newId: () => crypto.randomUUID(), limits });
  const asking = new Set<Promise<void>>();
  const prober = createProber({
    ...{ traffic, intervalMs, clock: time, log, pause: time.pause, random: () => 0.5 },
    agents: {
      get: async (agentId) => agents.find((agent) => agent.agentId === agentId),
      ids: async () => ({ items: agents.map(({ agentId }) => agentId), totalSize: agents.length }),
    },
    ask(...given) {
      const asked = ask(...given);
      const settled = asked.catch(() => {}).then(() => void asking.delete(settled));
      asking.add(settled);
      return asked;
    },
  });
  const closing = new AbortController();
  const ended = prober.run(closing.signal);
  return {
    ...{ time, agents, traffic, prober, logged },
    async round() {
      // In steps, since an origin is asked when the one before it has answered.
      for (let step = 0; step < 20; step++) {
        await time.advance(intervalMs / 20);
        await Promise.all(asking);
      }
      await time.advance(0);
    },
    async close() {
      closing.abort();
      await ended;
    },
  };
}
