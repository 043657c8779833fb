import { randomUUID } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { createGateway, type Gateway } from '../../src/gateway.ts';
import { routes } from '../../src/http/routes.ts';
import type { Agent } from '../../src/registry/agent.ts';
import type { SearchIndex } from '../../src/search/search-index.ts';
import { cachedStore } from '../../src/store/cached.ts';
import type { Store } from '../../src/store/port.ts';
import { createUpstream } from '../../src/upstream/undici-upstream.ts';
import { anAgent, aPermission } from '../contract/store.ts';
import { activeAgents, createScanIndex, createScanSearch } from './scan-index.ts';
import { type Stand, startStand } from './stand.ts';

/** Calls a gateway as `alice`, whose scope is `demo`, or with a token of other claims. */
export type Fetch = (path: string, init?: RequestInit, claims?: JWTPayload) => Promise<Response>;

/** A gateway in this process that searches what its store holds. */
export interface SearchStand extends Pick<Stand, 'issuer' | 'agent' | 'logged'> {
  store: Store;
  gateway: Gateway;
  fetch: Fetch;
  /** Another gateway over the same store, with another index, or none. */
  with(index: SearchIndex | undefined): Fetch;
  close(): Promise<void>;
}

/** @param members settings, joined over the defaults, one level deep */
export async function startSearchStand(members: Record<string, unknown> = {}): Promise<SearchStand> {
  const stand = await startStand({ publicUrl: 'https://agents.test', ...members });
  const { issuer, agent, settings, log, logged } = stand;
  const { store, secrets } = await stand.adapters();
  const upstream = createUpstream({ rules: settings.upstream });
  const clock = { nowMs: () => Date.now() };

  function gatewayWith(index: SearchIndex | undefined): Gateway {
    return createGateway({
      ...{ secrets, upstream, webhooks: upstream, clock, log, newId: randomUUID, version: '1.2.3' },
      routes,
      config: settings,
      // Nothing remembered: tests write to the store behind the gateway.
      store: cachedStore(store, { clock, maxAgeMs: 0 }),
      closing: new AbortController().signal,
      ...(index !== undefined && { search: createScanSearch(index, { clock, log }) }),
    });
  }

  function fetchOf(gateway: Gateway): Fetch {
    return async (path, init = {}, claims = {}) => {
      const headers = new Headers({ authorization: `Bearer ${await issuer.token(claims)}` });
      headers.set('a2a-version', '1.0');
      for (const [name, value] of new Headers(init.headers)) headers.set(name, value);
      if (headers.get('authorization') === '') headers.delete('authorization');
      return gateway(new Request(`https://agents.test${path}`, { ...init, headers }));
    };
  }

  const gateway = gatewayWith(await createScanIndex(() => activeAgents(store.agents)));
  return {
    ...{ issuer, agent, logged, store, gateway },
    fetch: fetchOf(gateway),
    with: (index) => fetchOf(gatewayWith(index)),
    async close() {
      await upstream.close();
      await stand.close();
    },
  };
}

/** What of an agent the search reads, and what decides who may find it. */
export interface AgentText extends Partial<Pick<Agent, 'tags' | 'status'>> {
  name?: string;
  description?: string;
  skills?: Agent['card']['skills'];
  streaming?: boolean;
  interfaces?: Agent['card']['supportedInterfaces'];
}

const backend = 'http://backend.internal:9000';

export const jsonRpcInterface = { url: `${backend}/rpc`, protocolBinding: 'JSONRPC', protocolVersion: '1.0' };
export const restInterface = { url: `${backend}/rest`, protocolBinding: 'HTTP+JSON', protocolVersion: '1.0' };

/** An active agent with a card of the given texts. */
export function agentOf(agentId: string, given: AgentText = {}): Agent {
  const { name = agentId, description = '', skills = [], tags = [], status = 'active' } = given;
  const { interfaces = [jsonRpcInterface], streaming = false } = given;
  const base = anAgent(agentId);
  return {
    ...base,
    ...{ tags, status, agentCardUrl: `${backend}/card.json` },
    card: {
      ...base.card,
      ...{ name, description, skills },
      supportedInterfaces: interfaces,
      capabilities: { streaming },
    },
  };
}

/** Writes an agent over whatever there is under its id. */
export async function keep({ agents }: Store, agent: Agent): Promise<void> {
  const before = await agents.get(agent.agentId);
  const isKept =
    before === undefined
      ? await agents.create(agent)
      : await agents.replace({ ...agent, revision: before.revision + 1 }, before.revision);
  if (!isKept) throw new Error(`${agent.agentId} not kept`);
}

/** What a scope grants from the start. */
export async function grant({ permissions }: Store, scope: string, allowedAgents: string[]): Promise<void> {
  await permissions.create({ ...aPermission(scope), allowedAgents });
}
