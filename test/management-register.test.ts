import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, type TestGateway } from './support/gateway.ts';
import { clientCredentials, ownerCaller, refusalOf, secretNames } from './support/management.ts';
import { answerJson } from './support/scripted-agent.ts';

let gateway: TestGateway;
let count = 0;

beforeAll(async () => {
  gateway = await startGateway({ registration: null });
  gateway.agent.script(answerJson({}, 404));
});

afterAll(() => gateway.close());

function newId(): string {
  count += 1;
  return `agent-${count}`;
}

/** Registers as an administrator; the id is a new one unless the members say otherwise. */
function register(members: Record<string, unknown> = {}, query = ''): Promise<Response> {
  const body = { agentId: newId(), agentCardUrl: gateway.agent.cardUrl, ...members };
  return gateway.admin('POST', `/admin/agents${query}`, body);
}

describe('a registration', () => {
  it('answers 201 with the agent, its place and its entity tag', async () => {
    const agentId = newId();
    const response = await register({ agentId, tags: ['finance'] });
    expect(response.status).toBe(201);
    expect(response.headers.get('location')).toBe(`http://127.0.0.1:1/admin/agents/${agentId}`);
    expect(await response.json()).toMatchObject({
      agentId,
      status: 'active',
      agentCardUrl: gateway.agent.cardUrl,
      authConfig: { type: 'none' },
      tags: ['finance'],
      owner: 'admin',
      ownerIssuer: gateway.issuer.issuer,
      publicCard: false,
      agentCard: { name: 'Scripted' },
      cardWarnings: [],
    });
    const read = await gateway.admin('GET', `/admin/agents/${agentId}`);
    expect(read.headers.get('etag')).toBe(response.headers.get('etag'));
    expect(read.headers.get('etag')).toMatch(/^"\d+"$/);
  });

  it('keeps the secret and shows neither it nor its name', async () => {
    const response = await register({ authConfig: clientCredentials(gateway) });
    const { authConfig } = await response.json();
    const { clientSecret: _, ...shown } = clientCredentials(gateway);
    expect(authConfig).toEqual({ ...shown, secrets: ['clientSecret'] });
    expect((await secretNames(gateway)).filter((name) => name.startsWith('agents/'))).toHaveLength(1);
  });

  it('waits for an administrator when an owner makes it', async () => {
    const olga = await ownerCaller(gateway, 'olga');
    const body = { agentId: newId(), agentCardUrl: gateway.agent.cardUrl };
    const response = await olga('POST', '/admin/agents', body);
    expect(response.status).toBe(201);
    expect(await response.json()).toMatchObject({ status: 'pending', owner: 'olga' });
  });

  it('is for somebody else only when an administrator makes it', async () => {
    expect(await (await register({ owner: 'olga' })).json()).toMatchObject({ owner: 'olga' });
    const olga = await ownerCaller(gateway, 'olga');
    const body = { agentId: newId(), agentCardUrl: gateway.agent.cardUrl, owner: 'otto' };
    expect(await refusalOf(olga('POST', '/admin/agents', body))).toMatchObject({
      status: 403,
      reason: 'SCOPE_MISSING',
    });
  });

  it('is refused to who may only call agents', async () => {
    const response = gateway.fetch('/admin/agents', { method: 'POST', body: '{}' });
    expect(await refusalOf(response)).toEqual({
      status: 403,
      reason: 'SCOPE_MISSING',
      metadata: { scope: 'gateway:register' },
    });
  });

  it('is refused where the id is taken, and the secret given with it is not kept', async () => {
    const agentId = newId();
    await register({ agentId });
    const before = await secretNames(gateway);
    const again = register({ agentId, authConfig: clientCredentials(gateway) });
    expect(await refusalOf(again)).toMatchObject({ status: 409, reason: 'AGENT_EXISTS' });
    expect(await secretNames(gateway)).toEqual(before);
  });

  it('of one id happens once, however many try at the same time', async () => {
    const agentId = newId();
    const before = await secretNames(gateway);
    const tries = Array.from({ length: 8 }, () =>
      register({ agentId, authConfig: clientCredentials(gateway) }),
    );
    const statuses = (await Promise.all(tries)).map(({ status }) => status).sort();
    expect(statuses).toEqual([201, ...Array(7).fill(409)]);
    expect(await secretNames(gateway)).toHaveLength(before.length + 1);
  });
});

describe('a registration that is only to be checked', () => {
  it('answers what would be registered and writes nothing', async () => {
    const agentId = newId();
    const before = await secretNames(gateway);
    const response = await register(
      { agentId, authConfig: clientCredentials(gateway) },
      '?validateOnly=true',
    );
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ agentId, status: 'active' });
    expect((await gateway.admin('GET', `/admin/agents/${agentId}`)).status).toBe(404);
    expect(await secretNames(gateway)).toEqual(before);
  });

  it('is refused like the registration itself', async () => {
    const agentId = newId();
    await register({ agentId });
    const taken = register({ agentId }, '?validateOnly=true');
    expect(await refusalOf(taken)).toMatchObject({ status: 409, reason: 'AGENT_EXISTS' });
    const missing = register({ agentCardUrl: `${gateway.agent.url}/none` }, '?validateOnly=true');
    expect(await refusalOf(missing)).toMatchObject({ reason: 'CARD_UNAVAILABLE' });
  });

  it('registers when told false, and is refused when told neither true nor false', async () => {
    expect((await register({}, '?validateOnly=false')).status).toBe(201);
    expect(await refusalOf(register({}, '?validateOnly=yes'))).toMatchObject({
      status: 400,
      metadata: { parameter: 'validateOnly' },
    });
  });
});

describe('a registration body', () => {
  const validAuth = {
    type: 'oauth2_client_credentials',
    tokenUrl: 'https://issuer.example/token',
    clientId: 'gateway',
    clientSecret: 'a-secret',
  };

  it.each<[parameter: string, members: Record<string, unknown>]>([
    ['agentId', { agentId: undefined }],
    ['agentId', { agentId: 'Agent' }],
    ['agentId', { agentId: '-agent' }],
    ['agentId', { agentId: 'agent-' }],
    ['agentId', { agentId: 'a.b' }],
    ['agentId', { agentId: '' }],
    ['agentId', { agentId: 'a'.repeat(64) }],
    ['agentId', { agentId: 7 }],
    ['agentCardUrl', { agentCardUrl: undefined }],
    ['agentCardUrl', { agentCardUrl: 'agent.example/card.json' }],
    ['agentCardUrl', { agentCardUrl: 'file:///etc/passwd' }],
    ['agentCardUrl', { agentCardUrl: `https://agent.example/${'a'.repeat(2_048)}` }],
    ['agentCardUrl', { agentCardUrl: 'https://user:pass@agent.example/card.json' }],
    ['agentCardUrl', { agentCardUrl: 'https://agent.example/card.json#part' }],
    ['agentCardUrl', { agentCardUrl: 'http://10.0.0.1/card.json' }],
    ['backendUrl', { backendUrl: 'agent.example' }],
    ['backendUrl', { backendUrl: 'http://169.254.169.254/' }],
    ['backendUrl', { backendUrl: null }],
    ['authConfig', { authConfig: 'none' }],
    ['authConfig.type', { authConfig: { type: 'kerberos' } }],
    // Everyone who may see the agent would see a key among its authorities.
    ['caCertificates', { caCertificates: '-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n' }],
    ['caCertificates', { caCertificates: 'any text' }],
    ['authConfig.key', { authConfig: { type: 'none', key: 'k' } }],
    ['authConfig.clientSecret', { authConfig: { ...validAuth, clientSecret: undefined } }],
    ['authConfig.clientSecret', { authConfig: { ...validAuth, clientSecret: '' } }],
    ['authConfig.tokenUrl', { authConfig: { ...validAuth, tokenUrl: 'issuer.example' } }],
    ['authConfig.tokenUrl', { authConfig: { ...validAuth, tokenUrl: 'http://10.0.0.1/token' } }],
    ['authConfig.scopes.0', { authConfig: { ...validAuth, scopes: [''] } }],
    ['authConfig.audiences', { authConfig: { ...validAuth, audiences: 'a' } }],
    ['tags', { tags: 'finance' }],
    ['tags.1', { tags: ['finance', 'has space'] }],
    ['tags.0', { tags: ['*'] }],
    ['tags', { tags: Array(65).fill('t') }],
    ['owner', { owner: '' }],
    ['publicCard', { publicCard: 'yes' }],
    ['status', { status: 'active' }],
    ['agent_id', { agent_id: 'agent' }],
  ])('names %s in %j', async (parameter, members) => {
    expect(await refusalOf(register(members))).toMatchObject({
      status: 400,
      reason: 'PARAMETER_INVALID',
      metadata: { parameter },
    });
  });

  it.each([
    ['no JSON', '{"agentId":', 'BODY_MALFORMED'],
    ['a list', '[]', 'PARAMETER_INVALID'],
    ['a member twice', '{"agentId":"a","agentId":"b"}', 'MEMBER_REFUSED'],
  ])('is refused as %s', async (_, body, reason) => {
    expect(await refusalOf(gateway.admin('POST', '/admin/agents', body))).toMatchObject({ reason });
  });

  it('is refused in another media type', async () => {
    const headers = { 'content-type': 'application/yaml' };
    expect(await refusalOf(gateway.admin('POST', '/admin/agents', {}, headers))).toMatchObject({
      status: 415,
      reason: 'MEDIA_TYPE_UNSUPPORTED',
    });
  });
});
