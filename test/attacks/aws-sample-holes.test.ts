import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { evaluatePolicy } from '../../aws-local/policy-evaluation.ts';
import { parseSettings } from '../../src/config.ts';
import type { createAuthorizer } from '../../src/runtimes/lambda/authorizer.ts';
import { openSqliteStore, type SqliteStore } from '../../src/store/sqlite/store.ts';
import { requestEvent, stage, startAuthorizer } from '../support/authorizer.ts';
import { permit, register, startGateway, type TestGateway } from '../support/gateway.ts';
import { startIssuer, type TestIssuer, testAudience } from '../support/issuer.ts';
import { refusalOf } from '../support/management.ts';
import { errorInfo, exchange, rawRequest } from '../support/raw.ts';
import { hmacSigned, publicPem, segment } from './forge.ts';
import { claimsOf, headerOf } from './token-refusal.ts';

/**
 * The ways in which AWS's sample of an A2A gateway takes one caller for another, each tried here: on the Lambda authorizer,
 * which gates, and on the gateway behind it, which decides again, over one store. The others are in the files beside.
 */

let gateway: TestGateway;
let issuer: TestIssuer;
/** Trusted too: its scopes carry the name of the resource server they are of. */
let prefixed: TestIssuer;
/** Trusted too: its machine tokens name no audience. */
let machines: TestIssuer;
let store: SqliteStore;
let authorize: ReturnType<typeof createAuthorizer>;

const prefix = 'https://gateway.test/';

beforeAll(async () => {
  [prefixed, machines] = await Promise.all([startIssuer(), startIssuer()]);
  gateway = await startGateway({
    registration: null,
    otherIssuers: [
      { issuer: prefixed.issuer, audiences: [testAudience], scopePrefix: prefix },
      { issuer: machines.issuer, clientIds: ['machine'] },
    ],
  });
  issuer = gateway.issuer;
  for (const agentId of ['mine', 'other']) await register(gateway, { agentId });
  await permit(gateway, 'demo', {
    allowedAgents: ['mine'],
    operations: ['send', 'stream', 'read', 'cancel'],
  });
  await permit(gateway, 'all', {
    allowedAgents: ['*'],
    operations: ['send', 'stream', 'read', 'cancel', 'push'],
  });
  store = openSqliteStore({ path: join(gateway.dataDir, 'gateway.db') });
  ({ authorize } = startAuthorizer(issuer, store));
});
afterAll(async () => {
  await store.close();
  await Promise.all([gateway.close(), prefixed.close(), machines.close()]);
});
beforeEach(() => gateway.agent.seen.splice(0));

async function bearer(claims: Record<string, unknown> = {}): Promise<string> {
  return `Bearer ${await issuer.token(claims)}`;
}

type Policy = Parameters<typeof evaluatePolicy>[0];

async function policyOf(claims: Record<string, unknown> = {}): Promise<Policy> {
  return (await authorize(requestEvent(await bearer(claims)))).policyDocument;
}

/** Sends a request target as it stands, with alice's token. */
async function answerTo(line: string): Promise<{ status: number; reason: string | undefined }> {
  const headers = [`authorization: ${await bearer()}`, 'a2a-version: 1.0', 'content-length: 0'];
  const { status, body } = await exchange(gateway.url, rawRequest(line, headers));
  return { status, reason: errorInfo(body)?.reason };
}

describe('hole 19: a path that ends like a permitted one satisfies the policy, and nobody checks again', () => {
  const targets = [
    '/agents/other/message:send%3F/agents/mine/x',
    '/agents/other/message:send%3f/agents/mine',
    '/agents/other/message:send?/agents/mine/x',
    '/agents/other/tasks/agents/mine',
    '/agents/other/../mine/message:send',
    '/agents/mine/../other/message:send',
    '/agents/mine/%2e%2e/other/message:send',
    '/agents/mine/..%2fother/message:send',
    '/agents/mine%2f..%2fother/message:send',
    '/agents/other/./message:send',
    '/agents/mine//../other/message:send',
    '/agents/other;/agents/mine/message:send',
    '/agents/mine\\..\\other/message:send',
  ];

  it('the policy names every verb: none of its resources begins like any path', async () => {
    const { Statement } = (await policyOf()) as unknown as { Statement: [{ Resource: string[] }] };
    for (const resource of Statement[0].Resource)
      expect(resource.slice(stage.length)).toMatch(/^\/(?:GET|POST|PUT|PATCH|DELETE)\/[^*]*\*?$/);
  });

  it.each(targets.filter((target) => !target.startsWith('/agents/mine')))(
    'the gate refuses %s',
    async (target) => {
      const policy = await policyOf();
      for (const verb of ['GET', 'POST', 'DELETE'])
        expect(evaluatePolicy(policy, `${stage}/${verb}${target.split('?')[0]}`)).toBe('implicit_deny');
    },
  );

  it.each(targets)('the gateway refuses %s, and no agent hears of it', async (target) => {
    for (const verb of ['GET', 'POST']) {
      const { status, reason } = await answerTo(`${verb} ${target}`);
      expect([400, 403, 404]).toContain(status);
      expect(reason).toMatch(/^(?:PATH_REFUSED|AGENT_FORBIDDEN|ROUTE_NOT_FOUND)$/);
    }
    expect(gateway.agent.seen).toEqual([]);
  });
});

describe('hole 20: who may call an agent passes the gate of its management', () => {
  const lines = ['GET /admin/agents/mine', 'DELETE /admin/agents/mine', 'POST /admin/agents/mine/sync'];

  it.each(lines)('%s is refused at the gate, of one agent and of all', async (line) => {
    const [verb = '', path = ''] = line.split(' ');
    for (const scope of ['demo', 'all'])
      expect(evaluatePolicy(await policyOf({ scope }), `${stage}/${verb}${path}`)).toBe('implicit_deny');
  });

  it.each(lines)('%s is refused by the gateway', async (line) => {
    const [method = '', path = ''] = line.split(' ');
    for (const scope of ['demo', 'all']) {
      const answer = gateway.fetch(path, { method, headers: { authorization: await bearer({ scope }) } });
      expect(await refusalOf(answer)).toMatchObject({ status: 403, reason: 'SCOPE_MISSING' });
    }
    expect((await gateway.admin('GET', '/admin/agents/mine')).status).toBe(200);
  });
});

describe("hole 21: any resource server's admin scope makes an administrator", () => {
  const asked = async (scope: unknown) => {
    const token = await prefixed.token({ scope });
    return gateway.fetch('/admin/permissions', { headers: { authorization: `Bearer ${token}` } });
  };

  it("the gateway's own does", async () => {
    expect((await asked(`${prefix}gateway:admin`)).status).toBe(200);
  });

  it.each([
    'gateway:admin',
    'billing/gateway:admin',
    `evil/${prefix}gateway:admin`,
    `${prefix}x/gateway:admin`,
    `${prefix}${prefix}gateway:admin`,
    `${prefix.toUpperCase()}gateway:admin`,
    `${prefix}/gateway:admin`,
    [[`${prefix}gateway:admin`]],
  ])('%j does not', async (scope) => {
    expect(await refusalOf(asked(scope))).toMatchObject({ status: 403, reason: 'SCOPE_MISSING' });
  });
});

describe('hole 22: a token without an audience, or of another type, passes', () => {
  it.each<[string, string, () => Promise<string>]>([
    ['names no audience where one is asked for', 'audience', () => issuer.token({ aud: undefined })],
    ['is of another client where clients are listed', 'client', () => machines.token({ aud: undefined })],
    [
      'names the client for its audience',
      'client',
      () => machines.token({ aud: 'machine', client_id: undefined }),
    ],
    ['is an id token', 'type', () => issuer.token({ token_use: 'id' })],
    [
      'is an id token of a listed client',
      'type',
      () => machines.token({ aud: 'machine', client_id: 'machine', token_use: 'id' }),
    ],
    ['is of one issuer in the name of the other', 'key', () => machines.token({ iss: issuer.issuer })],
  ])('one that %s is refused', async (_, problem, token) => {
    const headers = { authorization: `Bearer ${await token()}` };
    expect(await refusalOf(gateway.fetch('/agents', { headers }))).toEqual({
      ...{ status: 401, reason: 'TOKEN_INVALID' },
      metadata: { problem },
    });
  });

  it('a machine token of a listed client is taken, of an issuer beside the others', async () => {
    const token = await machines.token({ aud: undefined, client_id: 'machine', token_use: 'access' });
    expect((await gateway.fetch('/agents', { headers: { authorization: `Bearer ${token}` } })).status).toBe(
      200,
    );
  });

  it('an issuer of which neither is asked is no setting', () => {
    const settings = { publicUrl: 'https://agents.test', issuers: [{ issuer: issuer.issuer }] };
    expect(() => parseSettings(settings, {})).toThrow(/audiences|clientIds/);
  });
});

describe('hole 23: the token library has known holes', () => {
  it.each<[string, string, () => string]>([
    [
      'CVE-2024-33663: the public key for a shared secret',
      'algorithm',
      () => hmacSigned(headerOf(issuer, { alg: 'HS256' }), claimsOf(issuer), publicPem(issuer.publicJwk())),
    ],
    [
      'CVE-2024-33664: an encrypted token that unfolds without end',
      'malformed',
      () =>
        `${segment({ alg: 'dir', enc: 'A256GCM', zip: 'DEF' })}..${'A'.repeat(16)}.${'A'.repeat(4_000)}.A`,
    ],
  ])('%s is refused', async (_, problem, token) => {
    const headers = { authorization: `Bearer ${token()}` };
    expect(await refusalOf(gateway.fetch('/agents', { headers }))).toMatchObject({
      reason: 'TOKEN_INVALID',
      metadata: { problem },
    });
  });
});
