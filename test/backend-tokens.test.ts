import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bindings, call, expectRefusal } from './support/bindings.ts';
import { permit, register, startGateway, type TestGateway } from './support/gateway.ts';
import { changeAgent } from './support/management.ts';
import { resourceServer } from './support/resource-server.ts';
import { answerJson } from './support/scripted-agent.ts';
import { startTokenEndpoint, type TestTokenEndpoint } from './support/token-endpoint.ts';
import { secretTextsOf, type TokenCredential, tokenCredentials } from './support/token-kinds.ts';

/** Every kind of credential that is a token of a token endpoint: the same holds for each. */

const gateway: TestGateway = await startGateway();
const endpoint: TestTokenEndpoint = await startTokenEndpoint(gateway.issuer);
const credentials = await tokenCredentials(endpoint, gateway.issuer.issuer);
const told: string[] = [];
let agents = 0;

async function newAgent(authConfig: Record<string, unknown>): Promise<string> {
  const agentId = `backend-${++agents}`;
  await register(gateway, { agentId, authConfig });
  return agentId;
}

/** Calls an agent, which answers the claims of the token it was presented with. */
async function claims(agentId: string): Promise<Record<string, unknown>> {
  const response = await call(gateway, 'HTTP+JSON', 'SendMessage', { agentId });
  return response.json();
}

async function refused(agentId: string, reason: string, metadata?: Record<string, string>): Promise<void> {
  for (const binding of bindings) {
    const response = await call(gateway, binding, 'SendMessage', { agentId });
    told.push(await response.clone().text(), JSON.stringify([...response.headers]));
    await expectRefusal(response, binding, reason, metadata);
  }
}

beforeAll(() => permit(gateway, 'demo', { allowedAgents: ['*'] }));
afterAll(() => Promise.all([gateway.close(), endpoint.close()]));
beforeEach(() => {
  endpoint.script();
  endpoint.lifetimeSeconds = 3_600;
  endpoint.forms.splice(0);
  gateway.agent.script(resourceServer(endpoint));
  gateway.agent.seen.splice(0);
});

describe.each<TokenCredential>(credentials)('$name', ({ authConfig, rotated, wrong, error, subject }) => {
  it('is presented in both bindings, and asked for once', async () => {
    const agentId = await newAgent(authConfig);
    for (const binding of bindings) {
      const answer = await (await call(gateway, binding, 'SendMessage', { agentId })).json();
      const found: unknown = binding === 'JSON-RPC' ? answer.result : answer;
      expect(found).toMatchObject({ sub: subject, scope: (authConfig.scopes as string[]).join(' ') });
    }
    expect(endpoint.forms).toHaveLength(1);
    expect(gateway.agent.seen).toHaveLength(2);
  });

  it('of a wrong secret or key is refused, and the log has only the error code', async () => {
    const logged = gateway.logged.length;
    await refused(await newAgent({ ...authConfig, ...wrong }), 'CREDENTIAL_UNAVAILABLE', {
      problem: 'token_refused',
    });
    const lines = JSON.stringify(gateway.logged.slice(logged));
    expect(lines).toContain(error);
    expect(lines).not.toContain('grant_type');
    expect(gateway.agent.seen).toEqual([]);
  });

  it('that is expired is replaced once, and the call sent again whole', async () => {
    endpoint.lifetimeSeconds = -10;
    const agentId = await newAgent(authConfig);
    await refused(agentId, 'UPSTREAM_UNAUTHORIZED');
    endpoint.lifetimeSeconds = 3_600;
    gateway.agent.seen.splice(0);
    expect(await claims(agentId)).toMatchObject({ sub: subject });
    const [first, second] = gateway.agent.seen;
    expect(gateway.agent.seen).toHaveLength(2);
    expect(second?.body).toBe(first?.body);
  });

  it('that is revoked is replaced by exactly one', async () => {
    const agentId = await newAgent(authConfig);
    const before = await claims(agentId);
    endpoint.revoke();
    const after = await Promise.all(Array.from({ length: 20 }, () => claims(agentId)));
    expect(new Set(after.map(({ jti }) => jti)).size).toBe(1);
    expect(after[0]?.jti).not.toBe(before.jti);
    expect(endpoint.forms).toHaveLength(2);
  });

  it('that is refused twice is the end of it', async () => {
    const agentId = await newAgent(authConfig);
    gateway.agent.script((_request, response) => void response.writeHead(401).end());
    await call(gateway, 'HTTP+JSON', 'SendMessage', { agentId });
    expect([endpoint.forms.length, gateway.agent.seen.length]).toEqual([2, 2]);
    await refused(agentId, 'UPSTREAM_UNAUTHORIZED');
  });

  it('that is issued again after it was refused is not presented again', async () => {
    const agentId = await newAgent(authConfig);
    await claims(agentId);
    const body = { access_token: endpoint.issued.at(-1), token_type: 'Bearer', expires_in: 3_600 };
    endpoint.revoke();
    endpoint.script(answerJson(body));
    gateway.agent.seen.splice(0);
    await refused(agentId, 'UPSTREAM_UNAUTHORIZED');
    expect(gateway.agent.seen).toHaveLength(1);
  });

  it('is waited for at a slow endpoint, by all at once', async () => {
    const agentId = await newAgent(authConfig);
    const { waiting, release } = endpoint.hold();
    const calls = Array.from({ length: 50 }, () => claims(agentId));
    await waiting;
    release();
    const subjects = (await Promise.all(calls)).map(({ sub }) => sub);
    expect(subjects).toEqual(subjects.map(() => subject));
    expect(endpoint.forms).toHaveLength(1);
  });

  it.each([
    ['is dead', 'token_endpoint', (_request, response) => void response.destroy()],
    ['fails', 'token_endpoint', answerJson({ error: 'server_error' }, 503)],
    ['answers no JSON', 'token_answer', answerJson('<html>', 200, 'text/html')],
    [
      'redirects',
      'token_refused',
      (_request, response) => void response.writeHead(302, { location: '/' }).end(),
    ],
  ] satisfies [string, string, Parameters<TestTokenEndpoint['script']>[0]][])(
    'is not to be had where the endpoint %s: %s',
    async (_, problem, script) => {
      const agentId = await newAgent(authConfig);
      endpoint.script(script);
      await refused(agentId, 'CREDENTIAL_UNAVAILABLE', { problem });
      expect(gateway.agent.seen).toEqual([]);
      endpoint.script();
      expect(await claims(agentId)).toMatchObject({ sub: subject });
    },
  );

  it('is rotated while calls run, of which none fails', async () => {
    const agentId = await newAgent(authConfig);
    const calls = (count: number) => Array.from({ length: count }, () => claims(agentId));
    const before = calls(20);
    const change = changeAgent(gateway, agentId, { authConfig: { ...authConfig, ...rotated } });
    const during = calls(20);
    expect((await change).status).toBe(200);
    const after = await claims(agentId);
    const all = await Promise.all([...before, ...during]);
    expect(all.map(({ sub }) => sub)).toEqual(all.map(() => subject));
    expect(after.sub).toBe(subject);
    expect(endpoint.forms.length).toBeLessThanOrEqual(2);
  });

  it('tells its secrets to nobody but the endpoint, and its tokens to nobody but the agent', async () => {
    const agentId = await newAgent(authConfig);
    await claims(agentId);
    told.push(await (await gateway.admin('GET', `/admin/agents/${agentId}`)).text());
    const seen = JSON.stringify(gateway.agent.seen);
    const known = told.join() + JSON.stringify(gateway.logged);
    const assertions = endpoint.forms.flatMap((form) => [
      form.get('client_assertion'),
      form.get('assertion'),
    ]);
    const hidden = [...secretTextsOf({ authConfig, rotated, wrong } as TokenCredential), ...assertions];
    for (const secret of hidden) {
      if (secret !== null) expect(known + seen).not.toContain(secret);
    }
    for (const token of endpoint.issued) expect(known).not.toContain(token);
  });
});
