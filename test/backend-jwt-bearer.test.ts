import { decodeJwt, type JWK } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { call, expectRefusal } from './support/bindings.ts';
import { permit, register, startGateway, type TestGateway } from './support/gateway.ts';
import { startIssuer, type TestIssuer, testAudience } from './support/issuer.ts';
import { refusalOf } from './support/management.ts';
import { resourceServer } from './support/resource-server.ts';
import { headerOf, startTokenEndpoint, type TestTokenEndpoint } from './support/token-endpoint.ts';
import { newKeyTexts } from './support/token-kinds.ts';

/** Assertions the gateway signs with a registered key: as grants, and as proof of a client. */

const key = await newKeyTexts('ES256');
let gateway: TestGateway;
let endpoint: TestTokenEndpoint;
/** Trusted for callers, but not for those spoken for. */
let otherIssuer: TestIssuer;
let agents = 0;

function granted(members: Record<string, unknown> = {}): Record<string, unknown> {
  const { tokenUrl } = endpoint;
  const signing = { algorithm: 'ES256', privateKey: key.jwk };
  return { type: 'oauth2_jwt_bearer', tokenUrl, issuer: 'grantor', ...signing, ...members };
}

function forCaller(members: Record<string, unknown> = {}): Record<string, unknown> {
  return granted({ subjectFrom: 'caller', callerIssuer: gateway.issuer.issuer, ...members });
}

async function newAgent(authConfig: Record<string, unknown>): Promise<string> {
  const agentId = `backend-${++agents}`;
  await register(gateway, { agentId, authConfig });
  return agentId;
}

async function callAs(agentId: string, token?: string): Promise<Response> {
  const authorization = `Bearer ${token ?? (await gateway.issuer.token())}`;
  const headers = { authorization, 'content-type': 'application/json' };
  return call(gateway, 'HTTP+JSON', 'SendMessage', { agentId, headers });
}

beforeAll(async () => {
  otherIssuer = await startIssuer();
  gateway = await startGateway({
    otherIssuers: [{ issuer: otherIssuer.issuer, audiences: [testAudience] }],
  });
  endpoint = await startTokenEndpoint(gateway.issuer);
  endpoint.grantors.set('grantor', [key.publicJwk]);
  endpoint.clients.set('client', { keys: [key.publicJwk], secrets: ['secret'] });
  await permit(gateway, 'demo', { allowedAgents: ['*'] });
});
afterAll(() => Promise.all([gateway.close(), endpoint.close(), otherIssuer.close()]));
beforeEach(() => {
  endpoint.forms.splice(0);
  gateway.agent.script(resourceServer(endpoint));
  gateway.agent.seen.splice(0);
});

describe('an assertion as a grant', () => {
  it('is made by the book', async () => {
    await callAs(await newAgent(granted({ scopes: ['invoke'], resource: 'https://backend.test' })));
    const [form] = endpoint.forms;
    const assertion = form?.get('assertion') ?? '';
    expect(Object.fromEntries(form ?? [])).toEqual({
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      ...{ assertion, scope: 'invoke', resource: 'https://backend.test' },
    });
    const { kid } = JSON.parse(key.jwk) as JWK;
    expect(headerOf(assertion)).toEqual({ alg: 'ES256', typ: 'JWT', kid });
    const { iat = 0, exp = 0, jti, ...claims } = decodeJwt(assertion);
    expect(claims).toEqual({ iss: 'grantor', sub: 'grantor', aud: endpoint.tokenUrl });
    expect(exp - iat).toBe(60);
    expect(jti).toMatch(/./);
  });

  it('says the scopes itself where the server wants them there', async () => {
    await callAs(await newAgent(granted({ scopes: ['invoke', 'more'], scopesIn: 'assertion' })));
    const [form] = endpoint.forms;
    expect(form?.has('scope')).toBe(false);
    expect(decodeJwt(form?.get('assertion') ?? '').scope).toBe('invoke more');
  });

  it('is another each time, because an endpoint takes none twice', async () => {
    const agentId = await newAgent(granted());
    await callAs(agentId);
    endpoint.revoke();
    expect((await callAs(agentId)).status).toBe(200);
    const ids = endpoint.forms.map((form) => decodeJwt(form.get('assertion') ?? '').jti);
    expect(new Set(ids).size).toBe(2);
  });

  it.each<[string, Record<string, unknown>]>([
    ['a secret', { clientId: 'client', clientAuthentication: 'client_secret_post', clientSecret: 'secret' }],
    ['the same key', { clientId: 'client', clientAuthentication: 'private_key_jwt' }],
  ])('may come from a client that proves itself by %s', async (_, members) => {
    expect((await callAs(await newAgent(granted(members)))).status).toBe(200);
    expect(endpoint.forms[0]?.get('client_id')).toBe('client');
  });

  it('for another audience is refused', async () => {
    const refused = await callAs(await newAgent(granted({ audience: 'https://other.test' })));
    await expectRefusal(refused, 'HTTP+JSON', 'CREDENTIAL_UNAVAILABLE', { problem: 'token_refused' });
  });

  it('is not made with a key that is none', async () => {
    const privateKey = '-----BEGIN PRIVATE KEY-----\nnot-a-key-but-secret\n-----END PRIVATE KEY-----';
    const refused = await callAs(await newAgent(granted({ privateKey })));
    await expectRefusal(refused, 'HTTP+JSON', 'CREDENTIAL_UNAVAILABLE', { problem: 'key' });
    expect(endpoint.forms).toEqual([]);
    expect(JSON.stringify(gateway.logged)).not.toContain('not-a-key-but-secret');
  });
});

describe('an assertion for the caller', () => {
  it('speaks for each alone, however their calls interleave', async () => {
    const agentId = await newAgent(forCaller());
    const names = ['alice', 'bob', 'carol'];
    const tokens = await Promise.all(names.map((sub) => gateway.issuer.token({ sub })));
    const calls = Array.from({ length: 30 }, async (_, index) => {
      const response = await callAs(agentId, tokens[index % names.length]);
      return (await response.json()) as { sub: string };
    });
    const subjects = (await Promise.all(calls)).map(({ sub }) => sub);
    expect(subjects).toEqual(subjects.map((_, index) => names[index % names.length]));
    expect(endpoint.forms).toHaveLength(names.length);
  });

  it('does not speak for a namesake whom another issuer vouches for', async () => {
    const agentId = await newAgent(forCaller());
    expect((await callAs(agentId)).status).toBe(200);
    const refused = await callAs(agentId, await otherIssuer.token());
    await expectRefusal(refused, 'HTTP+JSON', 'CREDENTIAL_UNAVAILABLE', { problem: 'caller' });
    expect(endpoint.forms).toHaveLength(1);
  });
});

describe('a registration', () => {
  it.each<[string, () => Record<string, unknown>]>([
    ['callerIssuer', () => granted({ subjectFrom: 'caller' })],
    ['callerIssuer', () => granted({ callerIssuer: 'https://idp.test' })],
    ['subject', () => forCaller({ subject: 'alice' })],
    ['clientId', () => granted({ clientAuthentication: 'private_key_jwt' })],
    ['clientSecret', () => granted({ clientAuthentication: 'client_secret_basic', clientId: 'client' })],
    ['clientSecret', () => granted({ clientSecret: 'for nothing' })],
    ['privateKey', () => granted({ privateKey: undefined })],
    ['privateKey', () => granted({ privateKey: '-----BEGIN RSA PRIVATE KEY-----' })],
    ['algorithm', () => granted({ algorithm: undefined })],
    ['algorithm', () => granted({ algorithm: 'HS256' })],
    ['algorithm', () => granted({ algorithm: 'none' })],
    ['resource', () => granted({ resource: 'https://backend.test/#fragment' })],
    ['tokenUrl', () => granted({ tokenUrl: 'http://169.254.169.254/token' })],
  ])('names %s where it is missing or wrong', async (member, authConfig) => {
    const body = { agentId: 'wrong', agentCardUrl: gateway.agent.cardUrl, authConfig: authConfig() };
    expect(await refusalOf(gateway.admin('POST', '/admin/agents', body))).toMatchObject({
      reason: 'PARAMETER_INVALID',
      metadata: { parameter: `authConfig.${member}` },
    });
  });
});
