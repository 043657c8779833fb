import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Authenticator, createAuthenticator } from '../../src/access/authenticate.ts';
import type { IssuerConfig } from '../../src/access/issuer-config.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { startIssuer, type TestIssuer, testAudience } from '../support/issuer.ts';
import { errorInfo } from '../support/raw.ts';
import { failsWith, upstream } from '../support/upstream-servers.ts';

let ours: TestIssuer;
let partner: TestIssuer;
/** Trusts `partner` too, whose scopes must begin with `gw/`. */
let gateway: TestGateway;

beforeAll(async () => {
  partner = await startIssuer();
  gateway = await startGateway({
    otherIssuers: [{ issuer: partner.issuer, audiences: [testAudience], scopePrefix: 'gw/' }],
  });
  ours = gateway.issuer;
});
afterAll(() => Promise.all([gateway.close(), partner.close()]));
afterEach(() => void gateway.agent.seen.splice(0));

function trusting(members: Partial<IssuerConfig>): Authenticator {
  const config: IssuerConfig = {
    ...{ issuer: ours.issuer, audiences: [testAudience], clientIds: [], scopePrefix: '', allowScopes: [] },
    ...{ algorithms: ['RS256'], scopeClaims: ['scope', 'scp'], allowGroups: [], clockSkewSeconds: 30 },
    ...members,
  };
  return createAuthenticator({ issuers: [config], upstream: upstream(), clock: { nowMs: () => Date.now() } });
}

/** Without what the test issuer puts in by itself. */
const bare = { aud: undefined, sub: undefined, client_id: undefined, scope: undefined };

it('grants no more than its issuer may', async () => {
  const authenticator = trusting({ allowScopes: ['demo', 'search'] });
  const token = await ours.token({ scope: 'demo gateway:admin gateway:register' });
  await expect(authenticator.authenticate(`Bearer ${token}`)).resolves.toMatchObject({ scopes: ['demo'] });
});

describe('a token as its issuer makes it', () => {
  it.each<[string, Partial<IssuerConfig>, Record<string, unknown>, object]>([
    [
      'Cognito, for a machine',
      { audiences: [], clientIds: ['7abc'], scopePrefix: 'gateway-api/' },
      { sub: '7abc', client_id: '7abc', token_use: 'access', scope: 'gateway-api/demo other/demo2' },
      { subject: '7abc', clientId: '7abc', scopes: ['demo'] },
    ],
    [
      'Entra, for a person',
      { audiences: ['api://gateway'] },
      {
        aud: 'api://gateway',
        sub: 'pairwise',
        appid: 'app-1',
        scp: 'demo other',
        roles: ['gateway:admin'],
        ver: '1.0',
      },
      { subject: 'pairwise', clientId: 'app-1', scopes: ['demo', 'other'] },
    ],
    [
      'Entra, for an application',
      { audiences: ['api://gateway'] },
      { aud: 'api://gateway', sub: 'sp-1', azp: 'app-1', roles: ['gateway:admin', 'demo'], ver: '2.0' },
      { subject: 'sp-1', clientId: 'app-1', scopes: [] },
    ],
    [
      'Keycloak',
      {},
      {
        ...{ aud: [testAudience, 'account'], sub: 'u-1', azp: 'web', typ: 'Bearer', scope: 'openid demo' },
        ...{ realm_access: { roles: ['gateway:admin'] }, groups: ['gateway:admin'] },
      },
      { subject: 'u-1', clientId: 'web', scopes: ['openid', 'demo'] },
    ],
    [
      'Okta',
      {},
      { aud: testAudience, sub: 'alice@example.test', cid: 'client-1', uid: 'u-1', scp: ['demo', 'openid'] },
      { subject: 'alice@example.test', scopes: ['demo', 'openid'] },
    ],
    [
      'Auth0',
      {},
      {
        aud: [testAudience, 'https://x/userinfo'],
        sub: 'auth0|1',
        azp: 'spa',
        scope: 'demo',
        permissions: ['gateway:admin'],
      },
      { subject: 'auth0|1', clientId: 'spa', scopes: ['demo'] },
    ],
    [
      'a machine without a subject',
      {},
      { aud: testAudience, client_id: 'm' },
      { subject: 'm', clientId: 'm' },
    ],
  ])('is read: %s', async (_, config, claims, principal) => {
    const token = await ours.token({ ...bare, ...claims }, { typ: 'JWT' });
    await expect(trusting(config).authenticate(`Bearer ${token}`)).resolves.toMatchObject(principal);
  });

  it.each<[string, Partial<IssuerConfig>, Record<string, unknown>, string]>([
    [
      'Cognito, of another client',
      { audiences: [], clientIds: ['7abc'] },
      { sub: 'x', client_id: '8def', token_use: 'access' },
      'client',
    ],
    [
      'Cognito, an id token',
      { audiences: [], clientIds: ['7abc'] },
      { sub: 'x', aud: '7abc', token_use: 'id' },
      'type',
    ],
    [
      'Entra, for Graph',
      { audiences: ['api://gateway'] },
      { sub: 'x', aud: '00000003-0000-0000-c000-000000000000', scp: 'demo' },
      'audience',
    ],
    ['Keycloak, an id token', {}, { sub: 'x', aud: testAudience, typ: 'ID' }, 'type'],
  ])('is refused: %s', async (_, config, claims, problem) => {
    const token = await ours.token({ ...bare, ...claims }, { typ: 'JWT' });
    await expect(trusting(config).authenticate(`Bearer ${token}`)).rejects.toMatchObject(
      failsWith('token_invalid', { problem }),
    );
  });
});

describe('scopes', () => {
  it.each<[string, Record<string, unknown>, readonly string[]]>([
    ['given twice', { scope: 'demo demo' }, ['demo']],
    ['with spaces around', { scope: '  demo   other ' }, ['demo', 'other']],
    ['that are empty', { scope: '' }, []],
    ['that are empty, and a second claim', { scope: '', scp: ['demo'] }, []],
    ['in two claims', { scope: 'demo', scp: ['gateway:admin'] }, ['demo']],
    ['in a list with what is no text', { scp: ['demo', 5, null, ['gateway:admin'], { a: 1 }] }, ['demo']],
    ['in an object', { scope: { 'gateway:admin': true } }, []],
    ['as a number', { scope: 5 }, []],
    ['as true', { scope: true }, []],
    [
      'with other spaces between',
      { scope: 'demo\tgateway:admin\u00a0x\ngateway:admin' },
      ['demo\tgateway:admin\u00a0x\ngateway:admin'],
    ],
    ['in capitals', { scope: 'GATEWAY:ADMIN' }, ['GATEWAY:ADMIN']],
    ['with names of built-ins', { scope: '__proto__ constructor' }, ['__proto__', 'constructor']],
  ])('%s grant what they say and no more', async (_, claims, scopes) => {
    const token = await ours.token({ scope: undefined, ...claims });
    await expect(trusting({}).authenticate(`Bearer ${token}`)).resolves.toMatchObject({ scopes });
  });

  it('that cannot be kept, or are as many as are looked up, do no harm', async () => {
    for (const scope of [
      'demo \ud800 \u0000',
      `demo ${Array.from({ length: 199 }, (_, i) => `s-${i}`).join(' ')}`,
    ]) {
      const authorization = `Bearer ${await ours.token({ scope })}`;
      const answer = await gateway.fetch('/agents', { headers: { authorization } });
      expect(await answer.json()).toMatchObject({ totalSize: 1 });
    }
  });
});

describe('the scope prefix of an issuer', () => {
  async function statusOf(issuer: TestIssuer, scope: unknown, path: string): Promise<number> {
    const authorization = `Bearer ${await issuer.token({ scope })}`;
    return (await gateway.fetch(path, { headers: { authorization } })).status;
  }

  it.each([
    'gateway:admin',
    'other-server/gateway:admin',
    'other-server/gw/gateway:admin',
    'xgw/gateway:admin',
    'GW/gateway:admin',
    'gw/GATEWAY:ADMIN',
    'gw//gateway:admin',
    'gw/gw/gateway:admin',
    'gw/ gateway:admin',
    'gw',
    'gw/',
    ' gw/\tgateway:admin',
    'gw/gateway:admin\t',
    ['gw/gateway:register', ['gw/gateway:admin']],
  ])('is not stripped from anything else: %j', async (scope) => {
    expect(await statusOf(partner, scope, '/admin/permissions')).toBe(403);
  });

  it('is what makes a scope of this issuer count', async () => {
    expect(await statusOf(partner, 'gw/gateway:admin', '/admin/permissions')).toBe(200);
    expect(await statusOf(partner, 'gw/demo', '/agents/agent/tasks')).toBe(200);
    expect(await statusOf(partner, 'demo', '/agents/agent/tasks')).toBe(403);
  });

  it('means nothing to an issuer that has none', async () => {
    expect(await statusOf(ours, 'gw/gateway:admin', '/admin/permissions')).toBe(403);
    expect(await statusOf(ours, 'gw/demo', '/agents/agent/tasks')).toBe(403);
  });

  it('is named nowhere in a refusal but the scope that is missing', async () => {
    const authorization = `Bearer ${await partner.token({ scope: 'gw/demo' })}`;
    const answer = await gateway.fetch('/admin/permissions', { headers: { authorization } });
    expect(errorInfo(await answer.text())).toEqual({
      reason: 'SCOPE_MISSING',
      metadata: { scope: 'gateway:admin' },
    });
    expect(answer.headers.get('www-authenticate')).toMatch(
      /^Bearer error="insufficient_scope", scope="gateway:admin"/,
    );
  });
});

describe('an issuer that cannot be reached, over the wire', () => {
  it('is the gateway’s trouble and not the caller’s, in both bindings', async () => {
    const down = await startIssuer();
    const own = await startGateway({ otherIssuers: [{ issuer: down.issuer, audiences: [testAudience] }] });
    down.fail(true);
    const headers = { authorization: `Bearer ${await down.token()}` };
    for (const [path, init] of [
      ['/agents/agent', { method: 'POST', body: '{}' }],
      ['/agents/agent/tasks', {}],
      ['/agents', {}],
    ] as const) {
      const answer = await own.fetch(path, { ...init, headers });
      expect(answer.status).toBe(503);
      expect(answer.headers.get('retry-after')).toBe('5');
      expect(answer.headers.get('www-authenticate')).toBeNull();
      expect(errorInfo(await answer.text())).toEqual({ reason: 'ISSUER_UNAVAILABLE', metadata: {} });
    }
    expect(own.agent.seen).toEqual([]);
    await Promise.all([own.close(), down.close()]);
  });
});
