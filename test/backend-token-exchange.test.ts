import { decodeJwt } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bindings, call, expectRefusal } from './support/bindings.ts';
import { permit, register, startGateway, type TestGateway } from './support/gateway.ts';
import {
  activate,
  type Caller,
  callerWith,
  ownerCaller,
  readAgent,
  refusalOf,
} from './support/management.ts';
import { resourceServer } from './support/resource-server.ts';
import { answerJson, cardAt, nextCall, startScriptedAgent } from './support/scripted-agent.ts';
import { startTokenEndpoint, type TestTokenEndpoint } from './support/token-endpoint.ts';

/** A caller's token is exchanged for one the backend takes, and for nobody else's. */

const tokenType = 'urn:ietf:params:oauth:token-type:';
let gateway: TestGateway;
let endpoint: TestTokenEndpoint;
let agents = 0;

function authConfig(members: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    type: 'oauth2_token_exchange',
    tokenUrl: endpoint.tokenUrl,
    clientId: 'gateway',
    clientSecret: 'exchange-secret',
    ...members,
  };
}

async function newAgent(members: Record<string, unknown> = {}): Promise<string> {
  const agentId = `backend-${++agents}`;
  await register(gateway, { agentId, authConfig: authConfig(members) });
  return agentId;
}

function callAs(token: string, agentId: string): Promise<Response> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return call(gateway, 'HTTP+JSON', 'SendMessage', { agentId, headers });
}

beforeAll(async () => {
  gateway = await startGateway();
  endpoint = await startTokenEndpoint(gateway.issuer);
  endpoint.clients.set('gateway', { secrets: ['exchange-secret'] });
  await permit(gateway, 'demo', { allowedAgents: ['*'] });
});
afterAll(() => Promise.all([gateway.close(), endpoint.close()]));
beforeEach(() => {
  endpoint.script();
  endpoint.forms.splice(0);
  gateway.agent.script(resourceServer(endpoint));
  gateway.agent.seen.splice(0);
});

describe('an exchange', () => {
  it('is asked for by the book', async () => {
    const resource = 'https://backend.test';
    const agentId = await newAgent({
      ...{ audience: resource, resource, scopes: ['invoke', 'more'], requestedTokenType: 'jwt' },
    });
    const token = await gateway.issuer.token();
    expect((await callAs(token, agentId)).status).toBe(200);
    expect(Object.fromEntries(endpoint.forms[0] ?? [])).toEqual({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      ...{ audience: resource, resource, scope: 'invoke more' },
      ...{ subject_token: token, subject_token_type: `${tokenType}access_token` },
      requested_token_type: `${tokenType}jwt`,
    });
  });

  it('is for each caller alone, however their calls interleave', async () => {
    const agentId = await newAgent();
    const names = ['alice', 'bob', 'carol', 'dave', 'eve'];
    const tokens = await Promise.all(names.map((sub) => gateway.issuer.token({ sub })));
    const calls = Array.from({ length: 50 }, async (_, index) => {
      const response = await callAs(tokens[index % names.length] ?? '', agentId);
      return (await response.json()) as { sub: string };
    });
    const subjects = (await Promise.all(calls)).map(({ sub }) => sub);
    expect(subjects).toEqual(subjects.map((_, index) => names[index % names.length]));
    expect(endpoint.forms).toHaveLength(names.length);
    const presented = gateway.agent.seen.map(({ headers }) => headers.authorization);
    expect(new Set(presented).size).toBe(names.length);
  });

  it('that fails for one caller fails for no other', async () => {
    const agentId = await newAgent();
    const [alice, bob] = await Promise.all(['alice', 'bob'].map((sub) => gateway.issuer.token({ sub })));
    expect((await callAs(alice ?? '', agentId)).status).toBe(200);
    endpoint.script(answerJson({ error: 'invalid_grant' }, 400));
    const refused = await callAs(bob ?? '', agentId);
    await expectRefusal(refused, 'HTTP+JSON', 'CREDENTIAL_UNAVAILABLE', { problem: 'token_refused' });
    expect((await callAs(alice ?? '', agentId)).status).toBe(200);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['another audience', { audience: 'https://other.test' }, 'invalid_target'],
    ['more than is allowed', { scopes: ['everything'] }, 'invalid_scope'],
    ['another kind of subject', { subjectTokenType: 'jwt' }, 'invalid_request'],
  ])('for %s is refused', async (_, members, error) => {
    const logged = gateway.logged.length;
    const agentId = await newAgent(members);
    for (const binding of bindings) {
      const refused = await call(gateway, binding, 'SendMessage', { agentId });
      await expectRefusal(refused, binding, 'CREDENTIAL_UNAVAILABLE', { problem: 'token_refused' });
    }
    expect(JSON.stringify(gateway.logged.slice(logged))).toContain(error);
  });

  it.each<[string, Record<string, unknown>]>([
    ['of another type than was asked for', { issued_token_type: `${tokenType}id_token` }],
    ['that is no bearer token', { issued_token_type: `${tokenType}jwt`, token_type: 'DPoP' }],
  ])('that yields a token %s is of no use', async (_, members) => {
    endpoint.script(answerJson({ access_token: 'issued', token_type: 'N_A', ...members }));
    const refused = await call(gateway, 'HTTP+JSON', 'SendMessage', {
      agentId: await newAgent({ requestedTokenType: 'jwt' }),
    });
    await expectRefusal(refused, 'HTTP+JSON', 'CREDENTIAL_UNAVAILABLE', { problem: 'token_answer' });
  });
});

describe("a caller's token", () => {
  it('reaches the token endpoint only: no agent, no log, no answer', async () => {
    const agentId = await newAgent();
    const token = await gateway.issuer.token({ sub: 'secretive' });
    const answer = await (await callAs(token, agentId)).text();
    endpoint.script(answerJson({ error: token, error_description: token }, 400));
    const failed = await gateway.issuer.token({ sub: 'more-secretive' });
    const refusal = await (await callAs(failed, agentId)).text();
    expect(endpoint.forms.map((form) => form.get('subject_token'))).toEqual([token]);
    const known = JSON.stringify([gateway.agent.seen, gateway.logged, answer, refusal]);
    for (const hidden of [token, failed]) expect(known).not.toContain(hidden);
  });

  it('that has ended within the clock skew is not exchanged', async () => {
    const token = await gateway.issuer.token({ exp: Math.floor(Date.now() / 1_000) - 2 });
    const refused = await callAs(token, await newAgent());
    await expectRefusal(refused, 'HTTP+JSON', 'CREDENTIAL_UNAVAILABLE', { problem: 'caller' });
    expect(endpoint.forms).toEqual([]);
  });

  it('goes to no endpoint an administrator has not approved', async () => {
    const olga = await ownerCaller(gateway, 'olga');
    const agentCardUrl = gateway.agent.cardUrl;
    const plain = { agentId: 'olgas', agentCardUrl, authConfig: { type: 'none' } };
    expect((await olga('POST', '/admin/agents', plain)).status).toBe(201);
    const approve = () => activate(gateway, 'olgas');
    expect((await approve()).status).toBe(200);
    const change = { authConfig: authConfig({ tokenUrl: `${gateway.agent.url}/collect` }) };
    expect((await olga('PATCH', '/admin/agents/olgas', change, { 'if-match': '*' })).status).toBe(200);
    expect((await readAgent(gateway, 'olgas')).agent.status).toBe('pending');
    const alice = await callerWith(gateway, { sub: 'alice', scope: 'demo' });
    expect((await alice('GET', '/agents/olgas/tasks/1')).status).not.toBe(200);
    expect(gateway.agent.seen).toEqual([]);
  });

  it('goes to no such endpoint because its owner changes it while a call is under way', async () => {
    const olga = await ownerCaller(gateway, 'olga');
    await register(gateway, { agentId: 'turning', owner: 'olga', authConfig: authConfig() });
    const held = nextCall(gateway.agent);
    const answer = call(gateway, 'HTTP+JSON', 'SendMessage', { agentId: 'turning' });
    const { response } = await held;
    const collector = await startScriptedAgent();
    const change = { authConfig: authConfig({ tokenUrl: `${collector.url}/collect` }) };
    expect((await olga('PATCH', '/admin/agents/turning', change, { 'if-match': '*' })).status).toBe(200);
    gateway.agent.script(answerJson({}, 401));
    response.writeHead(401).end();
    await expectRefusal(await answer, 'HTTP+JSON', 'UPSTREAM_UNAUTHORIZED');
    expect(collector.seen).toEqual([]);
    await collector.close();
  });
});

describe('a card that wants the credential', () => {
  /** Serves the card to tokens of the endpoint only, and says for whom each was. */
  let readers: string[];
  const path = '/guarded-card.json';

  function guarded(agentId: string): Record<string, unknown> {
    const backend = { type: 'http', authenticateCard: true };
    return { agentId, agentCardUrl: gateway.agent.url + path, backend, authConfig: authConfig() };
  }

  async function registered(by: Caller, agentId: string): Promise<void> {
    const answer = await by('POST', '/admin/agents', guarded(agentId));
    expect([answer.status, await answer.text()]).toEqual([201, expect.any(String)]);
  }

  const sync = (by: Caller, agentId: string) => by('POST', `/admin/agents/${agentId}/sync`);
  const subjects = () => endpoint.forms.map((form) => decodeJwt(form.get('subject_token') ?? '').sub);
  const unread = { status: 502, reason: 'CARD_UNAVAILABLE', metadata: { problem: 'credential_unavailable' } };

  beforeEach(() => {
    readers = [];
    gateway.agent.script((request, response, incoming) => {
      const token = request.headers.authorization?.slice('Bearer '.length) ?? '';
      if (!endpoint.issued.includes(token)) return void response.writeHead(401).end();
      readers.push(`${request.target} ${decodeJwt(token).sub}`);
      answerJson(cardAt(gateway.agent.url))(request, response, incoming);
    });
  });

  it('is read for who registers the agent, and for who syncs it', async () => {
    await registered(gateway.admin, 'read');
    expect((await sync(gateway.admin, 'read')).status).toBe(200);
    const olga = await ownerCaller(gateway, 'olga');
    await registered(olga, 'read-too');
    expect(readers).toEqual([`${path} admin`, `${path} admin`, `${path} olga`]);
    expect(subjects()).toEqual(['admin', 'olga']);
  });

  it('is read for who changes the agent, with what was approved or is brought', async () => {
    const olga = await ownerCaller(gateway, 'olga');
    await register(gateway, { ...guarded('changing'), owner: 'olga' });
    const moved = { agentCardUrl: `${gateway.agent.url}/moved.json` };
    expect((await olga('PATCH', '/admin/agents/changing', moved, { 'if-match': '*' })).status).toBe(200);
    // It waits for approval now.
    const back = { agentCardUrl: gateway.agent.url + path };
    const change = (members: object) =>
      olga('PATCH', '/admin/agents/changing', { ...back, ...members }, { 'if-match': '*' });
    expect(await refusalOf(change({}))).toEqual(unread);
    expect((await change({ authConfig: authConfig() })).status).toBe(200);
    expect(readers).toEqual([`${path} admin`, '/moved.json olga', `${path} olga`]);
  });

  it('of an agent nobody has approved is read for no administrator, whose token its owner wants', async () => {
    const olga = await ownerCaller(gateway, 'olga');
    await registered(olga, 'baited');
    const collector = await startScriptedAgent();
    const bait = { authConfig: authConfig({ tokenUrl: `${collector.url}/collect` }) };
    expect((await olga('PATCH', '/admin/agents/baited', bait, { 'if-match': '*' })).status).toBe(200);
    expect(await refusalOf(sync(gateway.admin, 'baited'))).toEqual(unread);
    const moved = { agentCardUrl: `${gateway.agent.url}/moved.json` };
    const change = gateway.admin('PATCH', '/admin/agents/baited', moved, { 'if-match': '*' });
    expect(await refusalOf(change)).toEqual(unread);
    for (const status of ['inactive', 'quarantined']) {
      await gateway.admin('PATCH', '/admin/agents/baited/status', { status });
      expect(await refusalOf(sync(gateway.admin, 'baited'))).toEqual(unread);
    }
    expect(collector.seen).toEqual([]);
    await collector.close();
  });
});
