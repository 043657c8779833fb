import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cites } from '../support/cites.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { startIssuer, type TestIssuer, testAudience } from '../support/issuer.ts';
import { errorInfo, exchange, rawRequest } from '../support/raw.ts';
import { segment } from './forge.ts';
import { claimsOf, expectTokenRefused, headerOf, nowSeconds } from './token-refusal.ts';

let gateway: TestGateway;
let issuer: TestIssuer;
/** Trusted too, by client ids in place of audiences. */
let clients: TestIssuer;

beforeAll(async () => {
  clients = await startIssuer();
  gateway = await startGateway({ otherIssuers: [{ issuer: clients.issuer, clientIds: ['machine'] }] });
  issuer = gateway.issuer;
});
afterAll(() => Promise.all([gateway.close(), clients.close()]));

function header(more: Record<string, unknown> = {}): Record<string, unknown> {
  return headerOf(issuer, more);
}

function claims(more: Record<string, unknown> = {}): Record<string, unknown> {
  return claimsOf(issuer, more);
}

function expectRefused(authorization: string | undefined, problem: string | undefined): Promise<void> {
  return expectTokenRefused(gateway, authorization, problem);
}

type Attack = readonly [problem: string, token: () => string | Promise<string>];

/** What the claims may not leave out or stretch. */
const claimed: Readonly<Record<string, Attack>> = {
  'that has expired': ['expired', () => issuer.token({ exp: nowSeconds() - 3600 })],
  'that never expires': ['expired', () => issuer.token({ exp: undefined })],
  'that expires at a text': [
    'expired',
    () => issuer.sign(header(), claims({ exp: `${nowSeconds() + 3600}` })),
  ],
  'that is not valid yet': ['not_yet_valid', () => issuer.token({ nbf: nowSeconds() + 3600 })],
  'that is valid from a text on': ['not_yet_valid', () => issuer.sign(header(), claims({ nbf: '0' }))],
  'for another audience': ['audience', () => issuer.token({ aud: 'https://other.test' })],
  'for a list of other audiences': ['audience', () => issuer.token({ aud: ['a', `${testAudience}/`] })],
  'for an audience that begins like ours': ['audience', () => issuer.token({ aud: `${testAudience}.evil` })],
  'for no audience': ['audience', () => issuer.token({ aud: undefined })],
  'for an audience in a list in a list': [
    'audience',
    () => issuer.sign(header(), claims({ aud: [[testAudience]] })),
  ],
  'of a client that is not listed': ['client', () => clients.token({ client_id: 'removed' })],
  'of a client listed only as azp': ['client', () => clients.token({ client_id: 'removed', azp: 'machine' })],
  'of a client named by a list': [
    'client',
    () =>
      clients.sign(
        { ...header(), kid: clients.publicJwk().kid },
        claims({ iss: clients.issuer, client_id: ['machine'] }),
      ),
  ],
  'of no client': ['client', () => clients.token({ client_id: undefined, aud: 'machine' })],
  'of nobody': ['subject', () => issuer.token({ sub: undefined, client_id: undefined })],
  'of a subject that is no text': ['subject', () => issuer.sign(header(), claims({ sub: { admin: true } }))],
  'of an empty subject': ['subject', () => issuer.token({ sub: '' })],
  'of more scopes than are looked up': [
    'scopes',
    () => issuer.token({ scope: Array.from({ length: 201 }, (_, n) => `s${n}`).join(' ') }),
  ],
  'of a subject that is too long to be revoked': ['subject', () => issuer.token({ sub: 's'.repeat(4_097) })],
  "that is Cognito's id token": ['type', () => issuer.token({ token_use: 'id' })],
  "that is Keycloak's id token": ['type', () => issuer.token({ typ: 'ID' })],
  "that is Keycloak's refresh token": ['type', () => issuer.token({ typ: 'Refresh' })],
  "that is Keycloak's offline token": ['type', () => issuer.token({ typ: 'Offline' })],
  "that is Keycloak's logout token": ['type', () => issuer.token({ typ: 'Logout' })],
  'bound to a key': ['bound', () => issuer.token({ cnf: { jkt: 'thumbprint' } })],
  'bound to a certificate': ['bound', () => issuer.token({ cnf: { 'x5t#S256': 'thumbprint' } })],
  'bound to nothing it says': ['bound', () => issuer.sign(header(), claims({ cnf: null }))],
};

/** What is no JWS in compact form. */
const misshapen: Readonly<Record<string, Attack>> = {
  'of one word': ['malformed', () => 'opaque-access-token'],
  'of two segments': ['malformed', async () => (await issuer.token()).split('.').slice(0, 2).join('.')],
  'of four segments': ['malformed', async () => `${await issuer.token()}.${segment('x')}`],
  'that is encrypted': ['malformed', () => `${segment(header({ alg: 'RSA-OAEP', enc: 'A256GCM' }))}.a.b.c.d`],
  'of empty segments': ['malformed', () => '..'],
  'with a header that is not JSON': [
    'malformed',
    async () => `${segment('alice was here too')}.${segment(claims())}.c2ln`,
  ],
  'with a payload that is not JSON': [
    'malformed',
    () => `${segment(header())}.${segment('alice was here')}.c2ln`,
  ],
  'with a payload that is a list': ['malformed', () => `${segment(header())}.${segment([claims()])}.c2ln`],
  'with a payload that is null': ['malformed', () => `${segment(header())}.${segment('null')}.c2ln`],
  padded: ['malformed', async () => `${await issuer.token()}==`],
  'in the other alphabet': ['malformed', async () => (await issuer.token()).replace(/^e/, 'e+/')],
  'longer than any token': ['malformed', () => issuer.token({ note: 'x'.repeat(8_192) })],
};

describe.each(Object.entries({ claimed, misshapen }))('a token (%s)', (_, attacks) => {
  beforeEach(() => cites('RFC-7519-4-claims'));

  it.each(Object.entries(attacks))('%s is refused', async (__, [problem, token]) => {
    await expectRefused(`Bearer ${await token()}`, problem);
  });
});

describe('a token in the wrong place', () => {
  type Place = readonly [string, () => string | undefined | Promise<string>, string | undefined];

  it.each<Place>([
    ['no header', () => undefined, undefined],
    ['an empty header', () => '', undefined],
    ['basic credentials', () => `Basic ${btoa('alice:alice-secret')}`, undefined],
    ['a DPoP scheme', async () => `DPoP ${await issuer.token()}`, undefined],
    ['a scheme that begins like ours', async () => `BearerX ${await issuer.token()}`, undefined],
    ['a scheme alone', () => 'Bearer', 'malformed'],
    ['two tokens', async () => `Bearer ${await issuer.token()} ${await issuer.token()}`, 'malformed'],
    ['two tokens in a list', async () => `Bearer ${await issuer.token()}, Bearer x`, 'malformed'],
    ['a quoted token', async () => `Bearer "${await issuer.token()}"`, 'malformed'],
    ['a tab between', async () => `Bearer\t${await issuer.token()}`, 'malformed'],
    ['no space between', async () => `Bearer${await issuer.token()}`, undefined],
    ['a parameter', async () => `Bearer token=${await issuer.token()}`, 'malformed'],
  ])('is refused: %s', async (_, authorization, problem) => {
    await expectRefused(await authorization(), problem);
  });

  it('is not looked for in a query, a cookie, a body or other headers', async () => {
    const token = await issuer.token({ scope: 'demo gateway:admin' });
    const elsewhere = { cookie: `access_token=${token}`, 'x-authorization': `Bearer ${token}` };
    for (const path of ['/agents', '/agents/agent/tasks', '/admin/agents']) {
      const answer = await fetch(`${gateway.url}${path}?access_token=${token}`, {
        headers: { ...elsewhere, 'proxy-authorization': `Bearer ${token}`, 'x-forwarded-user': 'admin' },
      });
      expect(errorInfo(await answer.text())?.reason).toBe('TOKEN_MISSING');
    }
    const form = await fetch(`${gateway.url}/agents/agent`, {
      method: 'POST',
      body: new URLSearchParams({ access_token: token }),
    });
    expect(errorInfo(await form.text())?.reason).toBe('TOKEN_MISSING');
    expect(gateway.agent.seen.splice(0)).toEqual([]);
    expect(JSON.stringify(gateway.logged)).not.toContain(token.slice(-40));
  });

  it.each([0, 1])('is refused in two headers, whichever is good', async (good) => {
    const given = ['Bearer bad', 'Bearer bad'].with(good, `Bearer ${await issuer.token()}`);
    const headers = ['a2a-version: 1.0', ...given.map((value) => `authorization: ${value}`)];
    const answer = await exchange(gateway.url, rawRequest('GET /agents/agent/tasks', headers));
    expect(errorInfo(answer.body)).toEqual({ reason: 'TOKEN_INVALID', metadata: { problem: 'malformed' } });
    expect(gateway.agent.seen.splice(0)).toEqual([]);
  });

  it('is refused by the parser when it fills the headers', async () => {
    const answer = await fetch(`${gateway.url}/agents`, {
      headers: { authorization: `Bearer ${'x'.repeat(20_000)}` },
    });
    expect(answer.status).toBe(431);
  });
});

describe('a good token', () => {
  it.each([
    ['in lower case', async () => `bearer ${await issuer.token()}`],
    ['after several spaces', async () => `BEARER   ${await issuer.token()}`],
    ['of type JWT', async () => `Bearer ${await issuer.token({}, { typ: 'JWT' })}`],
    ['of no type', async () => `Bearer ${await issuer.token({}, { typ: undefined })}`],
    ['of the full media type', async () => `Bearer ${await issuer.token({}, { typ: 'application/at+jwt' })}`],
    ['that expired within the skew', async () => `Bearer ${await issuer.token({ exp: nowSeconds() - 10 })}`],
    ['that begins within the skew', async () => `Bearer ${await issuer.token({ nbf: nowSeconds() + 20 })}`],
    ['for several audiences', async () => `Bearer ${await issuer.token({ aud: ['x', testAudience] })}`],
    ['without key id where one key fits', async () => `Bearer ${await issuer.token({}, { kid: undefined })}`],
    ['of a listed client', async () => `Bearer ${await clients.token({ client_id: 'machine' })}`],
  ] as const)('passes %s', async (_, authorization) => {
    const answer = await gateway.fetch('/agents/agent/tasks', {
      headers: { authorization: await authorization() },
    });
    expect(answer.status).toBe(200);
    expect(gateway.agent.seen.splice(0).map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });
});
