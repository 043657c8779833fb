import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { permit, register, startGateway, type TestGateway } from '../support/gateway.ts';
import { startIssuer, type TestIssuer, testAudience } from '../support/issuer.ts';
import { activate } from '../support/management.ts';
import { errorInfo } from '../support/raw.ts';

let gateway: TestGateway;
let otherIssuer: TestIssuer;

type Owner = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<Response>;

/** Registers agents, and calls none. */
let olga: Owner;
let oscar: Owner;
/** Another person whom another issuer calls `olga` too. */
let otherOlga: Owner;

function owner(issuer: TestIssuer, sub: string): Owner {
  return async (method, path, body, headers = {}) => {
    const token = await issuer.token({ sub, client_id: 'console', scope: 'gateway:register' });
    return fetch(gateway.url + path, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  };
}

beforeAll(async () => {
  otherIssuer = await startIssuer();
  const otherIssuers = [{ issuer: otherIssuer.issuer, audiences: [testAudience] }];
  gateway = await startGateway({ otherIssuers });
  [olga, oscar, otherOlga] = [
    owner(gateway.issuer, 'olga'),
    owner(gateway.issuer, 'oscar'),
    owner(otherIssuer, 'olga'),
  ];
  await register(gateway, { agentId: 'agent-1' });
  for (const [who, agentId] of [
    [olga, 'agent-2'],
    [oscar, 'agent-3'],
    [otherOlga, 'agent-4'],
  ] as const) {
    const answer = await who('POST', '/admin/agents', { agentId, agentCardUrl: gateway.agent.cardUrl });
    expect([answer.status, await answer.json()]).toMatchObject([201, { status: 'pending' }]);
  }
});
afterAll(() => Promise.all([gateway.close(), otherIssuer.close()]));

/** Of an administrator, of another owner, of the namesake; and one that does not exist. */
const notHers = ['agent-1', 'agent-3', 'agent-4', 'agent-0'];

async function bytesOf(answer: Response, agentId: string): Promise<string> {
  const headers = [...answer.headers].filter(([name]) => name !== 'x-request-id' && name !== 'date');
  return JSON.stringify([answer.status, headers, await answer.text()]).replaceAll(agentId, '{agentId}');
}

describe("another owner's agent looks like one that does not exist", () => {
  it.each<[string, string, unknown?, Record<string, string>?]>([
    ['GET', ''],
    ['HEAD', ''],
    ['PATCH', '', { tags: ['mine'] }, { 'if-match': '*' }],
    ['PATCH', '', { tags: ['mine'] }],
    ['PATCH', '', { owner: 'olga' }, { 'if-match': '"1"' }],
    ['PATCH', '', { owner: 'oscar' }, { 'if-match': '*' }],
    ['PATCH', '', { agentCardUrl: 'http://127.0.0.1:1/' }, { 'if-match': '*' }],
    ['GET', '/health'],
    ['HEAD', '/health'],
    ['DELETE', '', undefined, { 'if-match': '*' }],
    ['DELETE', ''],
    ['POST', '/sync'],
    ['POST', '/sync', undefined, { 'if-match': '"99"' }],
    ['PATCH', '/status', { status: 'inactive' }],
    ['PATCH', '/status', { status: 'active' }],
  ])('to %s {agent}%s %j', async (method, path, body, headers) => {
    const answers = new Set<string>();
    for (const agentId of notHers) {
      answers.add(
        await bytesOf(await olga(method, `/admin/agents/${agentId}${path}`, body, headers), agentId),
      );
    }
    expect(answers.size).toBe(1);
    expect(JSON.parse([...answers][0] ?? '')[0]).toBe(404);
  });

  it('in the list, its total and its filters', async () => {
    for (const query of [
      '',
      '?pageSize=1',
      '?status=pending',
      '?owner=oscar',
      `?pageToken=${btoa('agent-1')}`,
    ]) {
      const answer = await olga('GET', `/admin/agents${query}`);
      expect(await answer.json()).toMatchObject({
        agents: [{ agentId: 'agent-2' }],
        totalSize: 1,
        nextPageToken: '',
      });
    }
    expect(await (await olga('GET', '/admin/agents?status=active')).json()).toMatchObject({ totalSize: 0 });
  });

  it('and is left as it was', async () => {
    for (const agentId of ['agent-1', 'agent-3', 'agent-4']) {
      const kept = await (await gateway.admin('GET', `/admin/agents/${agentId}`)).json();
      // Every write, also one that changes nothing else, has its time.
      expect(kept).toEqual(expect.objectContaining({ updatedAt: (kept as { createdAt: string }).createdAt }));
    }
  });
});

describe('an owner', () => {
  it('is one subject of one issuer', async () => {
    const [hers, namesakes] = await Promise.all([
      olga('GET', '/admin/agents'),
      otherOlga('GET', '/admin/agents'),
    ]);
    expect(await hers.json()).toMatchObject({
      agents: [{ agentId: 'agent-2', ownerIssuer: gateway.issuer.issuer }],
    });
    expect(await namesakes.json()).toMatchObject({
      agents: [{ agentId: 'agent-4', ownerIssuer: otherIssuer.issuer }],
    });
  });

  it.each(['active', 'pending', 'quarantined'])('cannot set an own agent to %s', async (status) => {
    const answer = await olga('PATCH', '/admin/agents/agent-2/status', { status });
    expect(answer.status).toBe(403);
    expect(errorInfo(await answer.text())?.reason).toBe('SCOPE_MISSING');
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['status', { status: 'active' }, 'status'],
    ['issuer of the owner', { ownerIssuer: 'https://other.test' }, 'ownerIssuer'],
    ['revision', { revision: 99 }, 'revision'],
    ['secret of another', { secretName: 'agents/agent-1/x' }, 'secretName'],
    ['card', { agentCard: {} }, 'agentCard'],
  ])('cannot smuggle a %s into a body', async (_, members, parameter) => {
    const body = { agentId: 'agent-9', agentCardUrl: gateway.agent.cardUrl, ...members };
    const answers = [
      await olga('POST', '/admin/agents', body),
      await olga('PATCH', '/admin/agents/agent-2', members, { 'if-match': '*' }),
    ];
    for (const answer of answers) {
      expect(errorInfo(await answer.text())).toEqual({
        reason: 'PARAMETER_INVALID',
        metadata: { parameter, problem: 'unknown member' },
      });
    }
  });

  it('cannot register for another, nor give an agent away', async () => {
    const body = { agentId: 'agent-9', agentCardUrl: gateway.agent.cardUrl, owner: 'oscar' };
    const answers = [
      await olga('POST', '/admin/agents', body),
      await olga('POST', '/admin/agents?validateOnly=true', body),
      await olga('PATCH', '/admin/agents/agent-2', { owner: 'oscar' }, { 'if-match': '*' }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403]);
    expect((await gateway.admin('GET', '/admin/agents/agent-9')).status).toBe(404);
  });

  it('cannot take an id over, which stays as it was', async () => {
    const before = await (await gateway.admin('GET', '/admin/agents/agent-1')).text();
    const authConfig = {
      type: 'oauth2_client_credentials',
      tokenUrl: `${gateway.agent.url}/token`,
      clientId: 'x',
      clientSecret: 'y',
    };
    const body = { agentId: 'agent-1', agentCardUrl: gateway.agent.cardUrl, tags: ['mine'], authConfig };
    expect((await olga('POST', '/admin/agents', body)).status).toBe(409);
    expect(await (await gateway.admin('GET', '/admin/agents/agent-1')).text()).toBe(before);
  });

  it('may take an own agent out of service, and not back', async () => {
    await activate(gateway, 'agent-2');
    expect((await olga('PATCH', '/admin/agents/agent-2/status', { status: 'inactive' })).status).toBe(200);
    expect((await olga('PATCH', '/admin/agents/agent-2/status', { status: 'active' })).status).toBe(403);
  });

  it('cannot lift a quarantine by deactivating', async () => {
    const quarantine = { status: 'quarantined', reason: 'leaks' };
    await gateway.admin('PATCH', '/admin/agents/agent-2/status', quarantine);
    expect((await olga('PATCH', '/admin/agents/agent-2/status', { status: 'inactive' })).status).toBe(403);
    const seen = await gateway.admin('GET', '/admin/agents/agent-2');
    expect(await seen.json()).toMatchObject({ status: 'quarantined', statusReason: 'leaks' });
  });

  it.each<[string, () => Record<string, unknown>]>([
    ['the address', () => ({ agentCardUrl: `${gateway.agent.cardUrl}?moved` })],
    ['the pinned origin', () => ({ backendUrl: gateway.agent.url })],
    ['the tags, which permissions go by', () => ({ tags: ['finance'] })],
    ['who may read the card', () => ({ publicCard: true })],
  ])('waits for approval again after changing %s of an approved agent', async (_, change) => {
    await activate(gateway, 'agent-2');
    const answer = await olga('PATCH', '/admin/agents/agent-2', change(), { 'if-match': '*' });
    expect([answer.status, await answer.json()]).toMatchObject([200, { status: 'pending' }]);
  });

  it('keeps an approved agent in service with a new credential, and under an administrator', async () => {
    await activate(gateway, 'agent-2');
    const ifMatch = { 'if-match': '*' };
    const rotated = await olga('PATCH', '/admin/agents/agent-2', { authConfig: { type: 'none' } }, ifMatch);
    expect(await rotated.json()).toMatchObject({ status: 'active' });
    const retagged = await gateway.admin('PATCH', '/admin/agents/agent-2', { tags: ['finance'] }, ifMatch);
    expect(await retagged.json()).toMatchObject({ status: 'active', tags: ['finance'] });
  });

  it('cannot leave quarantine by deleting and registering again', async () => {
    await gateway.admin('PATCH', '/admin/agents/agent-2/status', { status: 'quarantined' });
    const answer = await olga('DELETE', '/admin/agents/agent-2', undefined, { 'if-match': '*' });
    expect(errorInfo(await answer.text())?.reason).toBe('SCOPE_MISSING');
    expect((await gateway.admin('GET', '/admin/agents/agent-2')).status).toBe(200);
  });

  it('stays out of service by changing or syncing', async () => {
    await gateway.admin('PATCH', '/admin/agents/agent-2/status', { status: 'quarantined' });
    await olga('POST', '/admin/agents/agent-2/sync');
    await olga('PATCH', '/admin/agents/agent-2', { backendUrl: gateway.agent.url }, { 'if-match': '*' });
    const seen = await gateway.admin('GET', '/admin/agents/agent-2');
    expect(await seen.json()).toMatchObject({ status: 'quarantined' });
  });

  it.each([
    ['GET', '/admin/permissions'],
    ['GET', '/admin/permissions/demo'],
    ['PUT', '/admin/permissions/gateway:register'],
    ['PUT', '/admin/permissions/demo'],
    ['DELETE', '/admin/permissions/demo'],
  ])('has no say in permissions: %s %s', async (method, path) => {
    const body = method === 'PUT' ? { allowedAgents: ['*'] } : undefined;
    const answer = await olga(method, path, body);
    expect(errorInfo(await answer.text())).toEqual({
      reason: 'SCOPE_MISSING',
      metadata: { scope: 'gateway:admin' },
    });
  });

  it('may not call the own agent for owning it', async () => {
    await activate(gateway, 'agent-2');
    expect((await olga('GET', '/agents/agent-2/tasks', undefined, { 'a2a-version': '1.0' })).status).toBe(
      403,
    );
    expect(gateway.agent.seen).toEqual([]);
  });
});

describe('a caller who owns and administers nothing', () => {
  it.each([
    ['GET', '/admin/agents'],
    ['POST', '/admin/agents'],
    ['GET', '/admin/agents/agent-1'],
    ['GET', '/admin/agents/agent-0'],
    ['PATCH', '/admin/agents/agent-1'],
    ['DELETE', '/admin/agents/agent-1'],
    ['POST', '/admin/agents/agent-1/sync'],
    ['PATCH', '/admin/agents/agent-1/status'],
    ['GET', '/admin/permissions'],
    ['PUT', '/admin/permissions/demo'],
  ])('is refused before the body or the agent is looked at: %s %s', async (method, path) => {
    const body = method === 'GET' || method === 'DELETE' ? {} : { body: 'not JSON' };
    const answer = await gateway.fetch(path, { method, ...body });
    expect(answer.status).toBe(403);
    expect(errorInfo(await answer.text())?.reason).toBe('SCOPE_MISSING');
  });

  it('gains nothing from a permission named like an administrator’s scope', async () => {
    await permit(gateway, 'gateway:admin', { allowedAgents: ['agent'] });
    expect((await gateway.fetch('/admin/agents')).status).toBe(403);
  });
});
