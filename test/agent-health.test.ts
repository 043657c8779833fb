import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openSqliteStore } from '../src/store/sqlite/store.ts';
import { call, success } from './support/bindings.ts';
import { selfSigned } from './support/certificates.ts';
import { permit, register, startGateway, type TestGateway } from './support/gateway.ts';
import { type Caller, callerWith, ownerCaller, refusalOf } from './support/management.ts';
import { resourceServer } from './support/resource-server.ts';
import { answerJson, nextCall, type ScriptedAgent, startScriptedAgent } from './support/scripted-agent.ts';
import { backendAudience, startTokenEndpoint, type TestTokenEndpoint } from './support/token-endpoint.ts';

/** `GET /admin/agents/{agentId}/health`: who sees it, and that each member is what happened. */

let gateway: TestGateway;
let other: ScriptedAgent;
let count = 0;

beforeAll(async () => {
  [gateway, other] = await Promise.all([
    startGateway({ registration: null, settings: { breaker: { consecutiveFailures: 3 } } }),
    startScriptedAgent(),
  ]);
  await permit(gateway, 'demo', { allowedAgents: ['*'], operations: ['send', 'stream', 'read'] });
});
afterAll(() => Promise.all([gateway.close(), other.close()]));
beforeEach(() => {
  for (const agent of [gateway.agent, other]) agent.script(answerJson(success('HTTP+JSON', {})));
});

async function newAgent(members: Record<string, unknown> = {}): Promise<string> {
  const agentId = `agent-${++count}`;
  await register(gateway, { agentId, ...members });
  return agentId;
}

interface Seen {
  id: string;
  queuedCalls: number;
  origins: { calls: number; breaker: { since: string; retryAt?: string } }[];
  credential: Record<string, string>;
}

async function healthOf(agentId: string, as: Caller = gateway.admin): Promise<{ processes: Seen[] }> {
  const response = await as('GET', `/admin/agents/${agentId}/health`);
  expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store']);
  return response.json();
}

/** As the process that answers sees it, which has seen something. */
async function seenOf(agentId: string): Promise<Seen> {
  const [own, ...others] = (await healthOf(agentId)).processes;
  if (own === undefined || others.length > 0) throw new TypeError('not of one process');
  return own;
}

async function send(agentId: string, operation: 'SendMessage' | 'GetTask' = 'SendMessage'): Promise<number> {
  const response = await call(gateway, 'HTTP+JSON', operation, { agentId });
  await response.text();
  return response.status;
}

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

describe('who sees how an agent does', () => {
  it('is an administrator, and its owner; to others it does not exist', async () => {
    const [olga, otto] = await Promise.all([ownerCaller(gateway, 'olga'), ownerCaller(gateway, 'otto')]);
    const agentId = await newAgent({ owner: 'olga' });
    await send(agentId);
    const { id } = await seenOf(agentId);
    expect(await healthOf(agentId, olga)).toMatchObject({ agentId, processes: [{ id }] });
    for (const [who, id] of [
      [otto, agentId],
      [olga, 'nobody'],
      [gateway.admin, 'nobody'],
    ] as const)
      expect(await refusalOf(who('GET', `/admin/agents/${id}/health`))).toMatchObject({
        status: 404,
        reason: 'AGENT_NOT_FOUND',
      });
  });

  it('is nobody who may only call it', async () => {
    const agentId = await newAgent();
    const alice = await callerWith(gateway, { scope: 'demo' });
    expect(await refusalOf(alice('GET', `/admin/agents/${agentId}/health`))).toMatchObject({
      status: 403,
      reason: 'SCOPE_MISSING',
    });
    expect((await fetch(`${gateway.url}/admin/agents/${agentId}/health`)).status).toBe(401);
  });
});

describe('how an agent does', () => {
  it('is nothing known, where it was never called', async () => {
    const agentId = await newAgent();
    expect(await healthOf(agentId)).toEqual({
      agentId,
      status: 'active',
      origins: [{ origin: gateway.agent.url, worstBreaker: 'closed', calls: 0, failures: 0 }],
      processes: [],
    });
  });

  it('is told by the process that answers, whole', async () => {
    const agentId = await newAgent();
    await send(agentId);
    const origin = { origin: gateway.agent.url, calls: 1, failures: 0, lastSuccessAt: time };
    expect(await healthOf(agentId)).toEqual({
      agentId,
      status: 'active',
      origins: [{ ...origin, worstBreaker: 'closed' }],
      processes: [
        {
          ...{ id: expect.any(String), since: time, seenAt: time },
          ...{ openCalls: 0, openStreams: 0, queuedCalls: 0, retries: 0 },
          origins: [
            {
              ...{ ...origin, weight: 1, breaker: { state: 'closed', since: time } },
              ...{ openCalls: 0, openStreams: 0 },
              headersMs: { p50: expect.any(Number), p95: expect.any(Number) },
            },
          ],
          credential: {},
        },
      ],
    });
  });

  it('is told once more by the process of before a restart', async () => {
    const agentId = await newAgent();
    await send(agentId);
    const { id } = await seenOf(agentId);
    await gateway.restart();
    expect(await healthOf(agentId)).toMatchObject({ origins: [{ calls: 1 }], processes: [{ id }] });
    await send(agentId);
    const health = await healthOf(agentId);
    expect(health).toMatchObject({ origins: [{ calls: 2, failures: 0 }] });
    expect(health.processes.map((seen) => seen.id)).toEqual([expect.not.stringContaining(id), id]);
  });

  it('shows calls that succeed, and how soon they are answered', async () => {
    const agentId = await newAgent();
    expect(await send(agentId)).toBe(200);
    expect(await seenOf(agentId)).toMatchObject({
      origins: [
        {
          ...{ calls: 1, failures: 0, lastSuccessAt: time },
          headersMs: { p50: expect.any(Number), p95: expect.any(Number) },
        },
      ],
    });
  });

  it('shows an origin that failed too often, and when it is tried again', async () => {
    const agentId = await newAgent();
    gateway.agent.script((_, response) => void response.destroy());
    for (let failure = 0; failure < 3; failure++) await send(agentId);
    const health = await seenOf(agentId);
    expect(health).toMatchObject({
      origins: [
        {
          ...{ calls: 3, failures: 3, breaker: { state: 'open', since: time, retryAt: time } },
          lastFailure: { at: time, code: 'upstream_reset' },
        },
      ],
    });
    const { since = '', retryAt = '' } = health.origins[0]?.breaker ?? {};
    expect(Date.parse(retryAt)).toBeGreaterThan(Date.parse(since));
    expect(await send(agentId)).toBe(503);
    expect(await seenOf(agentId)).toMatchObject({ origins: [{ calls: 3 }] });
  });

  it('shows in which phase the last call took too long', async () => {
    const agentId = await newAgent({ deadlines: { headersTimeoutMs: 1_000 } });
    gateway.agent.script(() => {});
    expect(await send(agentId)).toBe(504);
    expect(await seenOf(agentId)).toMatchObject({
      origins: [{ lastFailure: { at: time, code: 'upstream_timeout', phase: 'headers' } }],
    });
  });

  it('shows what is under way, and what waits', async () => {
    const agentId = await newAgent({ limits: { maxConcurrentCalls: 1 } });
    const held = nextCall(gateway.agent);
    const first = send(agentId);
    const { response } = await held;
    const second = send(agentId);
    while ((await seenOf(agentId)).queuedCalls === 0);
    expect(await seenOf(agentId)).toMatchObject({
      ...{ openCalls: 1, openStreams: 0, queuedCalls: 1 },
      origins: [{ openCalls: 1, openStreams: 0 }],
    });
    gateway.agent.script(answerJson(success('HTTP+JSON', {})));
    response.writeHead(200, { 'content-type': 'application/json' }).end(success('HTTP+JSON', {}));
    expect(await Promise.all([first, second])).toEqual([200, 200]);
  });

  it('shows streams that are open', async () => {
    const agentId = await newAgent();
    const held = nextCall(gateway.agent);
    const answer = call(gateway, 'HTTP+JSON', 'SendStreamingMessage', { agentId });
    const { response } = await held;
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: {"message":{}}\n\n');
    await answer;
    expect(await seenOf(agentId)).toMatchObject({ openCalls: 0, openStreams: 1 });
    response.end();
    await (await answer).text();
    expect(await seenOf(agentId)).toMatchObject({ openStreams: 0, origins: [{ lastSuccessAt: time }] });
  });

  it('shows each of several origins, and what was sent again', async () => {
    const urls = [{ url: gateway.agent.url, weight: 3 }, { url: other.url }];
    const agentId = await newAgent({ backend: { type: 'http', urls } });
    for (const agent of [gateway.agent, other]) agent.script(answerJson({}, 503));
    await send(agentId, 'GetTask');
    const health = await seenOf(agentId);
    expect(health).toMatchObject({
      retries: 2,
      origins: [
        { origin: gateway.agent.url, weight: 3, lastFailure: { code: 'upstream_unavailable' } },
        { origin: other.url, weight: 1, lastFailure: { code: 'upstream_unavailable' } },
      ],
    });
    expect(health.origins.reduce((sum, { calls }) => sum + calls, 0)).toBe(3);
  });

  it('is shown of an agent that is not active too', async () => {
    const agentId = await newAgent();
    await gateway.admin('PATCH', `/admin/agents/${agentId}/status`, { status: 'quarantined' });
    expect(await healthOf(agentId)).toMatchObject({ status: 'quarantined' });
  });
});

describe('when the credential expires', () => {
  let endpoint: TestTokenEndpoint;

  beforeAll(async () => {
    endpoint = await startTokenEndpoint(gateway.issuer);
    endpoint.clients.set('gateway', { secrets: ['the-secret'] });
  });
  afterAll(() => endpoint.close());

  const credentials = () => ({
    ...{ type: 'oauth2_client_credentials', tokenUrl: endpoint.tokenUrl, clientId: 'gateway' },
    ...{ clientSecret: 'the-secret', scopes: ['invoke'], audience: backendAudience },
  });

  it('is known of a token once there is one, and the token is not told', async () => {
    const agentId = await newAgent({ authConfig: credentials() });
    gateway.agent.script(resourceServer(endpoint));
    expect((await healthOf(agentId)).processes).toEqual([]);
    const beforeMs = Date.now();
    expect(await send(agentId)).toBe(200);
    const health = await seenOf(agentId);
    expect(health.credential).toEqual({ expiresAt: time });
    // An hour, as the answer of the endpoint said.
    const lifetimeMs = Date.parse(health.credential.expiresAt ?? '') - beforeMs;
    expect(lifetimeMs).toBeGreaterThanOrEqual(3_600_000);
    for (const hidden of [...endpoint.issued, 'the-secret', 'alice', 'secretName'])
      expect(JSON.stringify(health)).not.toContain(hidden);
  });

  it('is that of a certificate', async () => {
    const mutualTls = await selfSigned('gateway', new Date('2031-02-03T04:05:06Z'));
    const agentId = await newAgent({ authConfig: { type: 'none', mutualTls } });
    expect((await seenOf(agentId)).credential).toEqual({ expiresAt: '2031-02-03T04:05:06.000Z' });
  });

  it('cannot be told where the secret cannot be read, which is told instead', async () => {
    const agentId = await newAgent({ authConfig: credentials() });
    const store = openSqliteStore({ path: join(gateway.dataDir, 'gateway.db') });
    store.driver.run("UPDATE secrets SET sealed = x'00' WHERE name LIKE ?", [`agents/${agentId}/%`]);
    await store.close();
    expect(await send(agentId)).toBe(502);
    expect(await seenOf(agentId)).toMatchObject({ credential: { problem: 'secret' } });
  });
});

interface Probed {
  origins: { probe?: Record<string, unknown> }[];
}

describe('an agent that nobody calls', () => {
  it('is probed by the process, which shows what it found', async () => {
    const probing = await startGateway({ settings: { health: { probeIntervalMs: 1_000 } } });
    try {
      const found = async (member: string): Promise<void> => {
        for (;;) {
          const response = await probing.admin('GET', '/admin/agents/agent/health');
          const { processes } = (await response.json()) as { processes: Probed[] };
          if (processes[0]?.origins[0]?.probe?.[member] !== undefined) return;
        }
      };
      await found('lastSuccessAt');
      probing.agent.card('x'.repeat(2_000_000));
      await found('lastFailure');
      const health = await (await probing.admin('GET', '/admin/agents/agent/health')).json();
      expect(health).toMatchObject({
        processes: [
          {
            origins: [
              {
                ...{ calls: 0, failures: 0, breaker: { state: 'closed' } },
                probe: {
                  lastSuccessAt: time,
                  lastFailure: { at: time, code: 'upstream_response_too_large' },
                },
              },
            ],
          },
        ],
      });
    } finally {
      await probing.close();
    }
  });
});
