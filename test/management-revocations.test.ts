import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call } from './support/bindings.ts';
import { startGateway, type TestGateway, withHeaders } from './support/gateway.ts';
import { callerWith, ownerCaller, refusalOf } from './support/management.ts';

let gateway: TestGateway;
let issuer: string;

beforeAll(async () => {
  gateway = await startGateway();
  issuer = gateway.issuer.issuer;
});
afterAll(() => gateway.close());

const path = '/admin/revocations';
const revoke = (body: unknown) => gateway.admin('POST', path, body);

interface View {
  revocationId: string;
  [member: string]: unknown;
}

async function revoked(body: unknown): Promise<View> {
  const made = await revoke(body);
  expect(made.status).toBe(201);
  return made.json();
}

async function listed(
  query = '',
): Promise<{ revocations: View[]; totalSize: number; nextPageToken: string }> {
  return (await gateway.admin('GET', path + query)).json();
}

/** The status of a call with a token of these claims. */
async function statusFor(claims: Record<string, unknown>): Promise<number> {
  const token = await gateway.issuer.token(claims);
  const caller = withHeaders(gateway, { authorization: `Bearer ${token}` });
  return (await call(caller, 'HTTP+JSON', 'GetTask')).status;
}

describe('a revocation', () => {
  it('is made with 201, read at its location, listed, and lifted with 204', async () => {
    const given = { kind: 'principal', issuer, subject: 'bob', reason: 'left the company' };
    const made = await revoke(given);
    expect(made.status).toBe(201);
    const view = (await made.json()) as View;
    expect(view).toEqual({
      ...given,
      revocationId: expect.stringMatching(/^[\w-]+$/),
      createdAt: expect.any(String),
      createdBy: { issuer, subject: 'admin', clientId: 'admin' },
    });
    const { pathname } = new URL(made.headers.get('location') ?? '');
    expect(pathname).toBe(`${path}/${view.revocationId}`);
    expect(await (await gateway.admin('GET', pathname)).json()).toEqual(view);
    expect((await listed()).revocations).toContainEqual(view);
    expect((await gateway.admin('DELETE', pathname)).status).toBe(204);
    for (const method of ['GET', 'DELETE'])
      expect((await refusalOf(gateway.admin(method, pathname))).reason).toBe('REVOCATION_NOT_FOUND');
    expect((await listed()).revocations).not.toContainEqual(view);
  });

  it('shows its times, and keeps a token for 400 days unless it is told how long', async () => {
    const issuedBefore = '2026-01-01T00:00:00.400Z';
    const expiresAt = new Date(Date.now() + 60_000).toISOString();
    const client = await revoked({ kind: 'client', issuer, clientId: 'x', issuedBefore, expiresAt });
    // Tokens tell whole seconds.
    expect(client).toMatchObject({ issuedBefore: '2026-01-01T00:00:01.000Z', expiresAt });
    const offset = await revoked({
      ...{ kind: 'principal', issuer, subject: 'x' },
      issuedBefore: '2026-01-01T01:00:00+01:00',
    });
    expect(offset.issuedBefore).toBe('2026-01-01T00:00:00.000Z');
    const token = await revoked({ kind: 'token', issuer, tokenId: 'x' });
    const days = (Date.parse(String(token.expiresAt)) - Date.now()) / 86_400_000;
    expect(Math.round(days)).toBe(400);
  });

  it.each([
    ['kind', {}],
    ['kind', { kind: 'issuer', issuer: 'here' }],
    ['subject', { kind: 'principal', issuer: 'here' }],
    ['subject', { kind: 'principal', issuer: 'here', subject: '' }],
    ['subject', { kind: 'principal', issuer: 'here', subject: 7 }],
    ['subject', { kind: 'principal', issuer: 'here', subject: 'x'.repeat(4_097) }],
    ['clientId', { kind: 'principal', issuer: 'here', subject: 'x', clientId: 'x' }],
    ['issuedBefore', { kind: 'token', issuer: 'here', tokenId: 'x', issuedBefore: '2026-01-01T00:00:00Z' }],
    ['issuer', { kind: 'token', tokenId: 'x' }],
    ['issuer', { kind: 'principal', issuer: 'https://issuer.example', subject: 'x' }],
    ['issuer', { kind: 'principal', issuer: 'here/', subject: 'x' }],
    ['reason', { kind: 'principal', issuer: 'here', subject: 'x', reason: 'x'.repeat(513) }],
    ['expiresAt', { kind: 'principal', issuer: 'here', subject: 'x', expiresAt: '2001-01-01T00:00:00Z' }],
    ['expiresAt', { kind: 'principal', issuer: 'here', subject: 'x', expiresAt: 'tomorrow' }],
    [
      'issuedBefore',
      { kind: 'principal', issuer: 'here', subject: 'x', issuedBefore: '2999-01-01T00:00:00Z' },
    ],
    ['more', { kind: 'principal', issuer: 'here', subject: 'x', more: 1 }],
  ])('is refused by name: %s of %j', async (parameter, body) => {
    const given = 'issuer' in body ? { ...body, issuer: body.issuer.replace('here', issuer) } : body;
    const refusal = await refusalOf(revoke(given));
    expect([refusal.status, refusal.reason, refusal.metadata.parameter]).toEqual([
      400,
      'PARAMETER_INVALID',
      parameter,
    ]);
  });

  it('cannot shut out who makes it', async () => {
    for (const body of [
      { kind: 'principal', issuer, subject: 'admin' },
      { kind: 'client', issuer, clientId: 'admin' },
    ]) {
      const { reason, metadata } = await refusalOf(revoke(body));
      expect([reason, metadata.problem]).toEqual(['PARAMETER_INVALID', 'your own']);
    }
  });

  it('is for administrators alone', async () => {
    const alice = await callerWith(gateway, {});
    const owner = await ownerCaller(gateway, 'olga');
    for (const as of [alice, owner]) {
      for (const [method, at, body] of [
        ['POST', path, { kind: 'principal', issuer, subject: 'bob' }],
        ['GET', path, undefined],
        ['GET', `${path}/x`, undefined],
        ['DELETE', `${path}/x`, undefined],
      ] as const)
        expect((await refusalOf(as(method, at, body))).reason).toBe('SCOPE_MISSING');
    }
  });
});

describe('the list', () => {
  it('has the latest first, in pages', async () => {
    const made: string[] = [];
    for (const n of [1, 2, 3])
      made.unshift((await revoked({ kind: 'client', issuer, clientId: `listed-${n}` })).revocationId);
    const ids: string[] = [];
    let token = '';
    do {
      const page = await listed(`?pageSize=2&pageToken=${token}`);
      ids.push(...page.revocations.map(({ revocationId }) => revocationId));
      token = page.nextPageToken;
    } while (token !== '');
    // Those of one millisecond are in any order.
    expect(ids.slice(0, 3).toSorted()).toEqual(made.toSorted());
    expect(ids).toHaveLength((await listed()).totalSize);
  });

  it('is of one target where one is named', async () => {
    const first = await revoked({ kind: 'principal', issuer, subject: 'a b&c=ü' });
    const second = await revoked({
      ...{ kind: 'principal', issuer, subject: 'a b&c=ü' },
      issuedBefore: '2026-01-01T00:00:00Z',
    });
    const query = new URLSearchParams({ issuer, subject: 'a b&c=ü' });
    const { revocations, totalSize } = await listed(`?${query}`);
    expect(totalSize).toBe(2);
    expect(revocations).toEqual(expect.arrayContaining([first, second]));
    expect((await listed(`?${new URLSearchParams({ issuer, clientId: 'a b&c=ü' })}`)).totalSize).toBe(0);
    for (const half of ['?subject=x', `?issuer=${issuer}`, `?issuer=${issuer}&subject=x&tokenId=x`]) {
      const { metadata } = await refusalOf(gateway.admin('GET', path + half));
      expect(metadata.parameter).toBe('issuer');
    }
  });
});

describe('who is revoked', () => {
  it('is refused at once in the process that was told, and let in again when it is lifted', async () => {
    const claims = { sub: 'carol', client_id: 'carols-app', jti: 'carols-token' };
    for (const target of [
      { kind: 'principal', subject: 'carol' },
      { kind: 'client', clientId: 'carols-app' },
      { kind: 'token', tokenId: 'carols-token' },
    ]) {
      expect(await statusFor(claims)).not.toBe(401);
      const { revocationId } = await revoked({ ...target, issuer });
      expect(await statusFor(claims)).toBe(401);
      await gateway.admin('DELETE', `${path}/${revocationId}`);
    }
    expect(await statusFor(claims)).not.toBe(401);
  });

  it('goes on with a later token after a sign-out everywhere', async () => {
    const nowSeconds = Math.floor(Date.now() / 1_000);
    const issuedBefore = new Date(nowSeconds * 1_000).toISOString();
    await revoked({ kind: 'principal', issuer, subject: 'dave', issuedBefore });
    const of = (iat: number | undefined) => statusFor({ sub: 'dave', client_id: 'd', iat });
    expect(await of(nowSeconds - 1)).toBe(401);
    expect(await of(undefined)).toBe(401);
    expect(await of(nowSeconds)).not.toBe(401);
  });

  it('is told so in the challenge of a bearer token, and the log knows who and why', async () => {
    const { revocationId } = await revoked({ kind: 'principal', issuer, subject: 'erin' });
    const token = await gateway.issuer.token({ sub: 'erin' });
    gateway.logged.splice(0);
    const refused = await gateway.fetch('/agents', { headers: { authorization: `Bearer ${token}` } });
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toMatch(
      /error="invalid_token", error_description="revoked"/,
    );
    const line = gateway.logged.find(({ msg }) => msg === 'request');
    expect(line).toMatchObject({ subject: 'erin', cause: `revocation ${revocationId}` });
  });
});
