import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startIssuer, type TestIssuer, testAudience } from './support/issuer.ts';
import { type GatewayProcess, newFolder, runGateway } from './support/process.ts';
import { type ScriptedAgent, startScriptedAgent } from './support/scripted-agent.ts';

const agentCount = 1_000;
const killAfter = 500;
const concurrency = 16;

let issuer: TestIssuer;
let agent: ScriptedAgent;
let tokens: Server;
let tokenUrl: string;

beforeAll(async () => {
  [issuer, agent] = await Promise.all([startIssuer(), startScriptedAgent()]);
  tokens = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const basic = /^Basic (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const [clientId = '', secret] = Buffer.from(basic, 'base64').toString().split(':');
    const isGood = body.includes('client_credentials') && secret === secretOf(clientId);
    response.writeHead(isGood ? 200 : 401, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ access_token: tokenOf(clientId), token_type: 'Bearer', expires_in: 600 }));
  });
  await new Promise<void>((resolve) => tokens.listen(0, '127.0.0.1', resolve));
  tokenUrl = `http://127.0.0.1:${(tokens.address() as AddressInfo).port}/token`; // TCP has a port.
  // The agent answers with the token it was called with.
  agent.script(({ headers }, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ id: headers.authorization }));
  });
});

afterAll(async () => {
  await Promise.all([issuer.close(), agent.close()]);
  tokens.closeAllConnections();
  tokens.close();
});

function secretOf(agentId: string): string {
  return `secret-of-${agentId}`;
}

function tokenOf(agentId: string): string {
  return `token-of-${agentId}`;
}

describe('a gateway that is killed while a thousand agents register', () => {
  let acknowledged: { agents: string[]; permissions: string[] };
  let gateway: GatewayProcess;
  let url: string;
  let token: string;

  const call = (method: string, path: string, body?: unknown) =>
    fetch(url + path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'a2a-version': '1.0',
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });

  beforeAll(async () => {
    const file = join(newFolder(), 'gateway.yaml');
    const settings = {
      publicUrl: 'http://127.0.0.1:1',
      issuers: [{ issuer: issuer.issuer, audiences: [testAudience] }],
      upstream: { allowHttp: true, allowAddresses: ['127.0.0.0/8'] },
      listen: { port: 0 },
      dataDir: newFolder(),
      log: { level: 'error' },
    };
    writeFileSync(file, JSON.stringify(settings));
    token = await issuer.token({ scope: 'gateway:admin everything' });
    gateway = runGateway(['serve', '--config', file]);
    url = await gateway.ready;
    await call('PUT', '/admin/permissions/everything', { allowedAgents: ['*'] });
    acknowledged = await registerUntilKilled();
    gateway = runGateway(['serve', '--config', file]);
    url = await gateway.ready;
  }, 60_000);

  /** Registers agents, and a permission for each, until half are acknowledged; then kills the gateway. */
  async function registerUntilKilled(): Promise<typeof acknowledged> {
    const agents: string[] = [];
    const permissions: string[] = [];
    await inParallel(agentIds(), async (agentId) => {
      try {
        if (await register(agentId)) agents.push(agentId);
        if (agents.length === killAfter) gateway.kill('SIGKILL');
        if (await permitOne(agentId)) permissions.push(agentId);
      } catch {
        // The gateway is gone, and with it whatever was under way.
      }
    });
    expect(await gateway.ended).toMatchObject({ code: null, signal: 'SIGKILL' });
    return { agents, permissions };
  }

  async function register(agentId: string): Promise<boolean> {
    const response = await call('POST', '/admin/agents', {
      agentId,
      agentCardUrl: agent.cardUrl,
      // What it says of its tasks is the credential it got.
      ownership: 'backend',
      authConfig: {
        type: 'oauth2_client_credentials',
        tokenUrl,
        clientId: agentId,
        clientSecret: secretOf(agentId),
      },
    });
    return response.status === 201;
  }

  async function permitOne(agentId: string): Promise<boolean> {
    const response = await call('PUT', `/admin/permissions/for-${agentId}`, { allowedAgents: [agentId] });
    return response.status === 201;
  }

  it('was in the middle of it', () => {
    expect(acknowledged.agents.length).toBeGreaterThanOrEqual(killAfter);
    expect(acknowledged.agents.length).toBeLessThan(killAfter + concurrency);
    expect(acknowledged.permissions.length).toBeGreaterThan(killAfter - concurrency);
  });

  it('has every agent it acknowledged when it starts again', async () => {
    const missing: string[] = [];
    await inParallel(acknowledged.agents, async (agentId) => {
      const response = await call('GET', `/admin/agents/${agentId}`);
      const { status } = await response.json();
      if (status !== 'active') missing.push(agentId);
    });
    expect(missing).toEqual([]);
  });

  it('has every permission it acknowledged', async () => {
    const missing: string[] = [];
    await inParallel(acknowledged.permissions, async (agentId) => {
      const { allowedAgents } = await (await call('GET', `/admin/permissions/for-${agentId}`)).json();
      if (allowedAgents?.[0] !== agentId) missing.push(agentId);
    });
    expect(missing).toEqual([]);
  });

  it('has no agent without its secret, acknowledged or not', async () => {
    const kept = await allAgents();
    expect(kept).toEqual(expect.arrayContaining(acknowledged.agents));
    const useless: string[] = [];
    await inParallel(kept, async (agentId) => {
      const task = await (await call('GET', `/agents/${agentId}/tasks/t-1`)).json();
      if (task.id !== `Bearer ${tokenOf(agentId)}`) useless.push(agentId);
    });
    expect(useless).toEqual([]);
  });

  it('registers the others now', async () => {
    const kept = new Set(await allAgents());
    const left = agentIds().filter((agentId) => !kept.has(agentId));
    expect(await register(left[0] ?? '')).toBe(true);
  });

  async function allAgents(): Promise<string[]> {
    const found: string[] = [];
    let pageToken = '';
    do {
      const path = `/admin/agents?pageSize=100&pageToken=${pageToken}`;
      const { agents, nextPageToken } = await (await call('GET', path)).json();
      found.push(...agents.map(({ agentId }: { agentId: string }) => agentId));
      pageToken = nextPageToken;
    } while (pageToken !== '');
    return found;
  }
});

function agentIds(): string[] {
  return Array.from({ length: agentCount }, (_, index) => `a${index + 1}`);
}

/** Works through a list, a few at a time. */
async function inParallel(items: readonly string[], work: (item: string) => Promise<void>): Promise<void> {
  const left = [...items];
  const worker = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}
