import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TokenProblem } from '../../src/failure.ts';
import { hmacSigned, publicPem, selfSigned } from '../attacks/forge.ts';
import { claimsOf, headerOf, nowSeconds } from '../attacks/token-refusal.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { grpcSettings } from '../support/grpc.ts';
import { startIssuer, type TestIssuer } from '../support/issuer.ts';
import { ask, askOwn } from './ask.ts';
import { expectTold } from './check.ts';
import { surfaces } from './provocation.ts';

/** Every reason a token is refused for, told alike wherever it is shown: one without a token does not compile. */

let gateway: TestGateway;
let issuer: TestIssuer;
/** Trusted too, for one client, and with groups and a tenant. */
let other: TestIssuer;
/** Known to nobody. */
let stranger: TestIssuer;

beforeAll(async () => {
  [other, stranger] = await Promise.all([startIssuer(), startIssuer()]);
  const trusted = {
    ...{ issuer: other.issuer, clientIds: ['machine'], alias: 'other' },
    ...{ groupsClaim: 'groups', tenantClaim: 'org' },
  };
  gateway = await startGateway({ settings: { grpc: grpcSettings }, otherIssuers: [trusted] });
  issuer = gateway.issuer;
  const revoked = { kind: 'token', issuer: issuer.issuer, tokenId: 'stolen' };
  expect((await gateway.admin('POST', '/admin/revocations', revoked)).status).toBe(201);
});
afterAll(() => Promise.all([gateway.close(), other.close(), stranger.close()]));

const tokens: Readonly<Record<TokenProblem, () => string | Promise<string>>> = {
  malformed: () => 'opaque',
  issuer: () => stranger.token(),
  algorithm: () =>
    hmacSigned(headerOf(issuer, { alg: 'HS256' }), claimsOf(issuer), publicPem(issuer.publicJwk())),
  key: () => issuer.sign(headerOf(issuer, { kid: 'another' }), claimsOf(issuer)),
  signature: () => selfSigned(headerOf(issuer), claimsOf(issuer)),
  expired: () => issuer.token({ exp: nowSeconds() - 3_600 }),
  not_yet_valid: () => issuer.token({ nbf: nowSeconds() + 3_600 }),
  audience: () => issuer.token({ aud: 'https://another.test' }),
  client: () => other.token({ client_id: 'another', groups: [] }),
  type: () => issuer.token({ token_use: 'id' }),
  bound: () => issuer.token({ cnf: { jkt: 'thumbprint' } }),
  groups: () => other.token({ client_id: 'machine', groups: { admin: true } }),
  scopes: () => issuer.token({ scope: Array.from({ length: 201 }, (_, n) => `s${n}`).join(' ') }),
  tenant: () => other.token({ client_id: 'machine', groups: [], org: ['acme'] }),
  subject: () => issuer.token({ sub: '' }),
  revoked: () => issuer.token({ jti: 'stolen' }),
};

describe.each(Object.entries(tokens))('a token refused as %s', (problem, made) => {
  it.each(surfaces)('is told so: %s', async (surface) => {
    const token = await made();
    const told =
      surface === 'own routes'
        ? await askOwn(gateway, 'GET /agents', { token })
        : await ask(gateway, surface, 'SendMessage', { token });
    expectTold({ code: 'token_invalid', evidence: { problem }, isBeforeBody: true }, told);
    expect(told.all).not.toContain(token.slice(-20));
    expect(gateway.agent.seen).toEqual([]);
  });
});
