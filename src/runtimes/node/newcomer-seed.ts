import type { ServedAgent } from '../../../examples/agents/serve.ts';
import type { DevIssuer } from './dev-issuer.ts';

/** Scope that permits the example agents. */
const demoScope = 'demo';

interface Seeding {
  issuer: Pick<DevIssuer, 'tokenUrl'>;
  agents: readonly ServedAgent[];
  gatewayUrl: string;
}

type Gateway = (request: Request) => Promise<Response>;

/**
 * Registers and permits the example agents the way any administrator would: by the gateway's own routes, with a token.
 * The examples listen elsewhere at every start, so an agent that is known from an earlier one is told its new address;
 * what a person changed of it besides, its status for one, stays.
 */
export async function seedExamples(gateway: Gateway, seeding: Seeding): Promise<void> {
  const token = await fetchToken(seeding.issuer.tokenUrl, 'admin');
  const api = createApi(gateway, seeding.gatewayUrl, token);
  for (const agent of seeding.agents) await putAgent(api, agent, seeding.issuer.tokenUrl);
  const known = await api('GET', `/admin/permissions/${demoScope}`);
  if (known.status !== 404) return;
  await api('PUT', `/admin/permissions/${demoScope}`, {
    allowedAgents: seeding.agents.map(({ agentId }) => agentId),
    operations: ['send', 'stream', 'read', 'cancel', 'push'],
    description: 'The example agents',
  });
}

type Api = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<Response>;

function createApi(gateway: Gateway, gatewayUrl: string, token: string): Api {
  return async (method, path, body, headers = {}) => {
    const response = await gateway(
      new Request(gatewayUrl + path, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    );
    if (response.ok || response.status === 404) return response;
    throw new Error(
      `seeding failed: ${method} ${path} answered ${response.status}: ${await response.text()}`,
    );
  };
}

async function putAgent(api: Api, agent: ServedAgent, tokenUrl: string): Promise<void> {
  const { agentId, cardUrl: agentCardUrl, requiresToken } = agent;
  const authConfig = requiresToken
    ? {
        type: 'oauth2_client_credentials',
        tokenUrl,
        clientId: 'gateway',
        clientSecret: 'gateway-secret',
        scopes: ['invoke'],
      }
    : { type: 'none' };
  const known = await api('GET', `/admin/agents/${agentId}`);
  if (known.status === 404) {
    await api('POST', '/admin/agents', { agentId, agentCardUrl, authConfig, tags: ['example'] });
  } else {
    const ifMatch = known.headers.get('etag') ?? '*';
    await api('PATCH', `/admin/agents/${agentId}`, { agentCardUrl, authConfig }, { 'if-match': ifMatch });
  }
}

async function fetchToken(tokenUrl: string, clientId: string): Promise<string> {
  const response = await fetch(tokenUrl, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${clientId}:${clientId}-secret`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  const { access_token: token } = (await response.json()) as { access_token: string }; // Our own issuer.
  return token;
}
