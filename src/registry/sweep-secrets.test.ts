import { expect, it } from 'vitest';
import type { Secrets } from '../ports.ts';
import type { AgentStore } from '../store/port.ts';
import type { Agent } from './agent.ts';
import { sweepSecrets } from './sweep-secrets.ts';

const hourMs = 60 * 60_000;
const nowMs = 100 * hourMs;

function secretsOf(kept: Map<string, number>): Secrets {
  return {
    put: async (name) => void kept.set(name, nowMs),
    create: async (name) => !kept.has(name) && kept.set(name, nowMs) === kept,
    get: async (name) => (kept.has(name) ? 'secret' : undefined),
    delete: async (name) => void kept.delete(name),
    list: async (prefix) =>
      [...kept]
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, createdAtMs]) => ({ name, createdAtMs })),
  };
}

/** A store of one agent, `billing`, whose secret is `agents/billing/current`. */
const agents: Pick<AgentStore, 'get'> = {
  async get(agentId) {
    const authConfig = {
      ...{ type: 'oauth2_client_credentials', tokenUrl: 'https://idp.example/token', clientId: 'gw' },
      ...{ scopes: [], secretName: 'agents/billing/current' },
    };
    return agentId === 'billing' ? ({ agentId, authConfig } as unknown as Agent) : undefined; // Only these are read.
  },
};

it('sweeps secrets no agent refers to, and neither those in use, nor young ones, nor what is not an agent’s', async () => {
  const kept = new Map([
    ['agents/billing/current', 0],
    ['agents/billing/replaced', 0],
    ['agents/deleted/last', 0],
    ['agents/arriving/first', nowMs - hourMs + 1],
    ['identity/x.y', 0],
    ['sealing/1', 0],
  ]);
  const deps = { agents: agents as AgentStore, secrets: secretsOf(kept), clock: { nowMs: () => nowMs } };
  expect(await sweepSecrets(deps)).toBe(2);
  expect([...kept.keys()]).toEqual([
    'agents/billing/current',
    'agents/arriving/first',
    'identity/x.y',
    'sealing/1',
  ]);
  expect(await sweepSecrets(deps)).toBe(0);
});
