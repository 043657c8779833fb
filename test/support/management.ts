import { join } from 'node:path';
import type { JWTPayload } from 'jose';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import type { TestGateway } from './gateway.ts';

export interface Refusal {
  status: number;
  reason: string;
  metadata: Record<string, string>;
}

/** A refusal of the gateway's own routes, its prose left out; throws where it has not the shape of one. */
export async function refusalOf(answer: Response | Promise<Response>): Promise<Refusal> {
  const response = await answer;
  const { error } = (await response.json()) as { error?: { code: number; details: ErrorInfo[] } };
  const info = error?.details[0];
  if (error?.code !== response.status || info?.domain !== 'a2a-gateway')
    throw new Error(`no refusal of the gateway's own: ${response.status} ${JSON.stringify(error)}`);
  return { status: response.status, reason: info.reason, metadata: info.metadata };
}

interface ErrorInfo {
  domain: string;
  reason: string;
  metadata: Record<string, string>;
}

/** A request as somebody else than an administrator, with a JSON body where one is given. */
export type Caller = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<Response>;

/** Calls the gateway with a token of these claims. */
export async function callerWith(gateway: TestGateway, claims: JWTPayload): Promise<Caller> {
  const authorization = `Bearer ${await gateway.issuer.token(claims)}`;
  return (method, path, body, headers = {}) =>
    gateway.fetch(path, {
      method,
      headers: { authorization, 'content-type': 'application/json', ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
}

/** An agent owner: manages what it registered itself. */
export function ownerCaller(gateway: TestGateway, subject: string): Promise<Caller> {
  return callerWith(gateway, { sub: subject, client_id: subject, scope: 'gateway:register' });
}

/** The names of all secrets kept, read past the gateway. */
export async function secretNames({ dataDir }: TestGateway): Promise<string[]> {
  const store = openSqliteStore({ path: join(dataDir, 'gateway.db') });
  try {
    return store.driver
      .all<{ name: string }>('SELECT name FROM secrets ORDER BY name', [])
      .map(({ name }) => name);
  } finally {
    await store.close();
  }
}

/** Credentials whose secret the gateway keeps. */
export function clientCredentials(
  gateway: TestGateway,
  members: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    type: 'oauth2_client_credentials',
    tokenUrl: `${gateway.issuer.issuer}/token`,
    clientId: 'gateway',
    clientSecret: 'a-secret',
    scopes: ['invoke'],
    ...members,
  };
}

/** An agent as an administrator sees it. */
export async function readAgent(
  gateway: TestGateway,
  agentId: string,
): Promise<{ agent: Record<string, unknown>; etag: string }> {
  const response = await gateway.admin('GET', `/admin/agents/${agentId}`);
  return { agent: await response.json(), etag: response.headers.get('etag') ?? '' };
}

/** Changes an agent as it is now, unless told of which revision. */
export async function changeAgent(
  gateway: TestGateway,
  agentId: string,
  body: unknown,
  ifMatch?: string,
): Promise<Response> {
  const { etag } = await readAgent(gateway, agentId);
  return gateway.admin('PATCH', `/admin/agents/${agentId}`, body, { 'if-match': ifMatch ?? etag });
}

/** Approves an agent as it is now, as an administrator. */
export async function activate(gateway: TestGateway, agentId: string): Promise<Response> {
  const { etag } = await readAgent(gateway, agentId);
  return gateway.admin(
    'PATCH',
    `/admin/agents/${agentId}/status`,
    { status: 'active' },
    { 'if-match': etag },
  );
}

/** Fetches the card again as an administrator, who takes it whatever is risky of it. */
export async function syncCard(gateway: TestGateway, agentId = 'agent'): Promise<void> {
  const path = `/admin/agents/${agentId}`;
  const synced = await gateway.admin('POST', `${path}/sync`);
  if (synced.status === 202) {
    const etag = (await gateway.admin('GET', `${path}/candidate`)).headers.get('etag') ?? '';
    const approved = await gateway.admin('POST', `${path}/candidate/approve`, undefined, {
      'if-match': etag,
    });
    if (!approved.ok) throw new Error(`not approved: ${await approved.text()}`);
  } else if (!synced.ok) throw new Error(`not fetched: ${await synced.text()}`);
}
