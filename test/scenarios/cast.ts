import type { TestIssuer } from '../support/issuer.ts';
import type { ScriptedAgent } from '../support/scripted-agent.ts';

/** A gateway that runs somewhere, empty, with an issuer it trusts and an agent it can reach. */
export interface Scene {
  /** Where callers reach it, as cards name it. */
  publicUrl: string;
  /** Sends what is given and nothing more; `path` begins after the public URL. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  issuer: Pick<TestIssuer, 'issuer' | 'token'>;
  agent: ScriptedAgent;
  /** Setting `limits.maxBodyBytes`. */
  maxBodyBytes: number;
  /** Whether agents can be searched for. Default: this way of running has no search. */
  searches?: boolean;
  /** Waits until calls see what was managed. Default: they do at once. */
  settle?(): Promise<void>;
  differences?: Differences;
  close(): Promise<void>;
}

/** Where a way of running differs for its callers; each with the reason. Absent: it does not. */
export interface Differences {
  /** Who sends 401 and 403 is not the gateway: statuses and challenge are the same, bodies are the edge's. */
  refusalsAtTheEdge?: string;
  /** Who sends 413 for a body over the limit is not the gateway: the status is the same, the body the edge's. */
  bodyLimitAtTheEdge?: string;
  /** Only the routes and methods that are listed get past the edge; all else, HEAD among it, it answers itself. */
  routesAtTheEdge?: string;
}

/** A gateway at an address. */
export function fetchAt(baseUrl: string): Scene['fetch'] {
  return (path, init) => fetch(baseUrl + path, init);
}

/**
 * Who takes part: `alice`, whose scope permits the agent `agent` and not the agent `hidden`, which is the same one, and an
 * administrator.
 */
export interface Cast extends Pick<Scene, 'publicUrl' | 'agent' | 'maxBodyBytes'> {
  searches: boolean;
  differences: Differences;
  /** As alice, unless the headers say otherwise. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** As nobody. */
  anonymous: Scene['fetch'];
  /** With a JSON body; what it changed is seen by every call after it. */
  admin(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
}

export async function castOf(scene: Scene): Promise<Cast> {
  const token = await scene.issuer.token();
  const adminToken = await scene.issuer.token({ sub: 'admin', client_id: 'admin', scope: 'gateway:admin' });
  const cast: Cast = {
    publicUrl: scene.publicUrl,
    agent: scene.agent,
    maxBodyBytes: scene.maxBodyBytes,
    searches: scene.searches ?? false,
    differences: scene.differences ?? {},
    anonymous: scene.fetch,
    fetch(path, init = {}) {
      const headers = new Headers({ authorization: `Bearer ${token}`, 'a2a-version': '1.0' });
      for (const [name, value] of new Headers(init.headers)) headers.set(name, value);
      return scene.fetch(path, { ...init, headers });
    },
    async admin(method, path, body, headers = {}) {
      const response = await scene.fetch(path, {
        method,
        headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json', ...headers },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      if (method !== 'GET') await scene.settle?.();
      return response;
    },
  };
  for (const agentId of ['agent', 'hidden']) await register(cast, agentId);
  await permit(cast, 'demo', {
    allowedAgents: ['agent'],
    operations: ['send', 'stream', 'read', 'cancel', 'push'],
  });
  return cast;
}

/** Registers the scripted agent under an id. */
export async function register({ admin, agent }: Cast, agentId: string, members: object = {}): Promise<void> {
  const answer = await admin('POST', '/admin/agents', { agentId, agentCardUrl: agent.cardUrl, ...members });
  if (answer.status !== 201) throw new Error(`not registered: ${answer.status} ${await answer.text()}`);
}

export async function permit({ admin }: Cast, scope: string, permission: unknown): Promise<void> {
  const answer = await admin('PUT', `/admin/permissions/${scope}`, permission);
  if (!answer.ok) throw new Error(`not permitted: ${answer.status} ${await answer.text()}`);
}
