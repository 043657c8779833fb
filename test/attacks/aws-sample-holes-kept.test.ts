import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evaluatePolicy } from '../../aws-local/policy-evaluation.ts';
import { type Authenticator, createAuthenticator } from '../../src/access/authenticate.ts';
import { maxPolicyBytes } from '../../src/access/invoke-policy.ts';
import { parseSettings } from '../../src/config.ts';
import type { PermissionStore, Store } from '../../src/store/port.ts';
import { openSqliteStore, type SqliteStore } from '../../src/store/sqlite/store.ts';
import { anAgent, aPermission } from '../contract/store-samples.ts';
import { requestEvent, stage, startAuthorizer } from '../support/authorizer.ts';
import { permit, register, startGateway, type TestGateway } from '../support/gateway.ts';
import { type TestIssuer, testAudience } from '../support/issuer.ts';
import { refusalOf } from '../support/management.ts';
import { startStand } from '../support/stand.ts';
import { nodeUpstream, serving } from '../support/upstream-servers.ts';
import { claimsOf, headerOf, nowSeconds } from './token-refusal.ts';

/** The ways in which AWS's sample of an A2A gateway keeps what it should ask again, and lets what it keeps grow. */

let gateway: TestGateway;
let issuer: TestIssuer;
let store: SqliteStore;

beforeAll(async () => {
  gateway = await startGateway({ registration: null });
  issuer = gateway.issuer;
  await register(gateway, { agentId: 'mine' });
  await permit(gateway, 'demo', { allowedAgents: ['mine'], operations: ['send', 'read'] });
  store = openSqliteStore({ path: join(gateway.dataDir, 'gateway.db') });
});
afterAll(async () => {
  await store.close();
  await gateway.close();
});

async function bearer(claims: Record<string, unknown> = {}): Promise<string> {
  return `Bearer ${await issuer.token(claims)}`;
}

/** As a process has it that trusts this issuer alone. */
function trusting(origin: string, nowMs: () => number, members: Record<string, unknown> = {}): Authenticator {
  const trusted = { issuer: origin, audiences: [testAudience], ...members };
  const { issuers } = parseSettings({ publicUrl: 'https://agents.test', issuers: [trusted] }, {});
  return createAuthenticator({ issuers, upstream: nodeUpstream(), clock: { nowMs } });
}

describe('hole 24: keys are fetched for every call, and waited for without end', () => {
  it('many tokens make one fetch, at the gate as behind it', async () => {
    const before = issuer.keyFetches();
    const { authorize } = startAuthorizer(issuer, store);
    for (let n = 0; n < 20; n++) {
      const authorization = await bearer({ jti: `${n}` });
      await authorize(requestEvent(authorization));
      await gateway.fetch('/agents', { headers: { authorization } });
    }
    expect(issuer.keyFetches() - before).toBeLessThanOrEqual(2);
  });

  it('many tokens of unknown keys make no more fetches than a few', async () => {
    const before = issuer.keyFetches();
    for (let n = 0; n < 50; n++) {
      const token = await issuer.sign(headerOf(issuer, { kid: `unknown-${n}` }), claimsOf(issuer));
      await gateway.fetch('/agents', { headers: { authorization: `Bearer ${token}` } });
    }
    expect(issuer.keyFetches() - before).toBeLessThanOrEqual(6);
  });

  it('an issuer that never answers is given up', async () => {
    const { origin } = await serving(() => {});
    const authenticator = trusting(origin, Date.now, { jwksUrl: `${origin}/jwks` });
    const refused = authenticator.authenticate(await bearer({ iss: origin }));
    await expect(refused).rejects.toMatchObject({ failure: { code: 'issuer_unavailable' } });
  });
});

describe('hole 25: what was allowed once stays so while the policy is kept', () => {
  const isAllowed = (policy: Parameters<typeof evaluatePolicy>[0]) =>
    evaluatePolicy(policy, `${stage}/GET/agents/mine/tasks`) === 'allow';

  it('a token that is revoked is refused behind a policy that still allows', async () => {
    const authorization = await bearer({ jti: 'stolen' });
    const { policyDocument } = await startAuthorizer(issuer, store).authorize(requestEvent(authorization));
    const asked = () => gateway.fetch('/agents/mine/tasks', { headers: { authorization } });
    expect((await asked()).status).toBe(200);
    const revocation = { kind: 'token', issuer: issuer.issuer, tokenId: 'stolen' };
    expect((await gateway.admin('POST', '/admin/revocations', revocation)).status).toBe(201);
    expect(isAllowed(policyDocument)).toBe(true);
    expect(await refusalOf(asked())).toEqual({
      ...{ status: 401, reason: 'TOKEN_INVALID' },
      metadata: { problem: 'revoked' },
    });
    const again = startAuthorizer(issuer, store).authorize(requestEvent(authorization));
    await expect(again).rejects.toThrow(/^Unauthorized$/);
  });

  it('a permission that is taken away is missed behind a policy that still allows', async () => {
    await permit(gateway, 'brief', { allowedAgents: ['mine'], operations: ['read'] });
    const authorization = await bearer({ scope: 'brief' });
    const { policyDocument } = await startAuthorizer(issuer, store).authorize(requestEvent(authorization));
    const asked = () => gateway.fetch('/agents/mine/tasks', { headers: { authorization } });
    expect((await asked()).status).toBe(200);
    await permit(gateway, 'brief', { allowedAgents: [], operations: ['read'] });
    expect(isAllowed(policyDocument)).toBe(true);
    expect((await asked()).status).toBe(403);
  });

  it('a token ends when it says, however lately it was looked at', async () => {
    const startSeconds = nowSeconds();
    let nowMs = startSeconds * 1_000;
    const authenticator = trusting(issuer.issuer, () => nowMs, { clockSkewSeconds: 0 });
    const authorization = await bearer({ exp: startSeconds + 10 });
    await authenticator.authenticate(authorization);
    nowMs += 10_000;
    const failure = { code: 'token_invalid', problem: 'expired' };
    await expect(authenticator.authenticate(authorization)).rejects.toMatchObject({ failure });
  });
});

describe('hole 26: a scope that cannot be read makes a smaller permission, which is then kept', () => {
  let isDown = true;

  /** A store in which one scope cannot be read for a while. */
  function worn<Worn extends Pick<Store, 'agents' | 'permissions'>>(whole: Worn): Worn {
    const { permissions } = whole;
    const get: PermissionStore['get'] = (scope, options) =>
      isDown && scope === 'second'
        ? Promise.reject(new RangeError('no answer'))
        : permissions.get(scope, options);
    const list: PermissionStore['list'] = (page) => permissions.list(page);
    return { ...whole, permissions: { ...permissions, get, list } };
  }

  it('gate and gateway refuse for now, and know all again as soon as it can be', async () => {
    const stand = await startStand();
    const { store: shared } = await stand.adapters();
    for (const [scope, agentId] of [
      ['first', 'one'],
      ['second', 'two'],
    ] as const) {
      await shared.agents.create(anAgent(agentId));
      await shared.permissions.create({ ...aPermission(scope), allowedAgents: [agentId] });
    }
    const core = await stand.gateway(worn);
    const { authorize } = startAuthorizer(stand.issuer, worn(shared));
    const authorization = `Bearer ${await stand.issuer.token({ scope: 'first second' })}`;
    const discovered = () => core(new Request('https://agents.test/agents', { headers: { authorization } }));
    expect((await discovered()).status).toBeGreaterThanOrEqual(500);
    await expect(authorize(requestEvent(authorization))).rejects.toThrow(/^Authorizer failed/);
    isDown = false;
    const { agents } = (await (await discovered()).json()) as { agents: { agentId: string }[] };
    expect(agents.map(({ agentId }) => agentId)).toEqual(['one', 'two']);
    const { policyDocument } = await authorize(requestEvent(authorization));
    expect(evaluatePolicy(policyDocument, `${stage}/POST/agents/two`)).toBe('allow');
    await stand.close();
  });
});

describe('hole 27: the policy, and the context beside it, grow with every agent', () => {
  it('of a thousand agents, and as many scopes as a token holds, they are as small as ever', async () => {
    const allowedAgents = Array.from({ length: 200 }, (_, n) => `agent-${'x'.repeat(40)}-${n}`);
    const scopes = Array.from({ length: 5 }, (_, n) => `crowd-${n}`);
    for (const scope of scopes)
      await store.permissions.create({
        ...aPermission(scope),
        allowedAgents: allowedAgents.map((agentId) => `${agentId}-${scope}`),
      });
    const authorization = await bearer({ scope: scopes.join(' ') });
    const answer = await startAuthorizer(issuer, store).authorize(requestEvent(authorization));
    expect(JSON.stringify(answer).length).toBeLessThan(8_192);
    expect(JSON.stringify(answer.policyDocument).length).toBeLessThanOrEqual(maxPolicyBytes);
    expect(Object.keys(answer.context).sort()).toEqual(['clientId', 'issuer', 'subject']);
    for (const scope of scopes)
      for (const agentId of allowedAgents)
        expect(evaluatePolicy(answer.policyDocument, `${stage}/POST/agents/${agentId}-${scope}`)).toBe(
          'allow',
        );
  });
});

describe('hole 28: an agent may have any text for its id', () => {
  it.each([
    ...['*', 'mi*', '?', '', '.', '..', '../admin', 'a/b', 'a%2Fb', '%2e%2e', 'a b', 'a:b', 'mine/', '/mine'],
    ...['Mine', 'MINE', 'mine\n', 'mine\u0000', 'mïne', '-mine', 'mine?x', 'mine#x', 'tag:x', '$' + '{x}'],
    ...['directory', 'a'.repeat(64), 7, null, ['mine'], { toString: 'mine' }],
  ])('%j is none', async (agentId) => {
    const before = await store.agents.ids({}, { size: 100 });
    const body = { agentId, agentCardUrl: gateway.agent.cardUrl };
    const { status, reason } = await refusalOf(gateway.admin('POST', '/admin/agents', body));
    expect([400, 409]).toContain(status);
    expect(['PARAMETER_INVALID', 'AGENT_EXISTS']).toContain(reason);
    expect(await store.agents.ids({}, { size: 100 })).toEqual(before);
  });

  it('one that is named like a route of the management hides none', async () => {
    for (const agentId of ['register', 'admin', 'permissions', 'agents']) {
      await register(gateway, { agentId });
      const found = await gateway.admin('GET', `/admin/agents/${agentId}`);
      expect(await found.json()).toMatchObject({ agentId });
    }
    expect((await gateway.admin('GET', '/admin/permissions')).status).toBe(200);
    expect((await gateway.admin('GET', '/admin/agents')).status).toBe(200);
  });
});
