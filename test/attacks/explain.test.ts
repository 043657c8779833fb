import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { startIssuer, type TestIssuer, testAudience } from '../support/issuer.ts';
import { callerWith, ownerCaller, refusalOf } from '../support/management.ts';

/** Who may ask what the gateway would decide, and what the question leaves behind. */

let gateway: TestGateway;
/** Its tokens must name a client, and may name groups and a tenant. */
let partner: TestIssuer;
const path = '/admin/permissions/explain';
const asked = { agentId: 'agent', operation: 'send' };

beforeAll(async () => {
  partner = await startIssuer();
  const claims = { clientClaim: 'azp', groupsClaim: 'groups', tenantClaim: 'tid' };
  gateway = await startGateway({
    otherIssuers: [{ issuer: partner.issuer, alias: 'partner', audiences: [testAudience], ...claims }],
  });
});
afterAll(() => Promise.all([gateway.close(), partner.close()]));

describe('explanations', () => {
  it('are for administrators alone', async () => {
    const token = await gateway.issuer.token();
    const callers = [
      await ownerCaller(gateway, 'olga'),
      await callerWith(gateway, { scope: 'demo' }),
      await callerWith(gateway, { scope: 'group:admins gateway:admins client:admin' }),
    ];
    for (const caller of callers)
      expect(await refusalOf(caller('POST', path, { ...asked, token }))).toMatchObject({
        ...{ status: 403, metadata: { scope: 'gateway:admin' } },
      });
    expect(await refusalOf(fetch(gateway.url + path, { method: 'POST' }))).toMatchObject({
      reason: 'TOKEN_MISSING',
    });
  });

  it('never tell the token, nor is it logged, good or not', async () => {
    const good = await gateway.issuer.token();
    const [head = '', payload = '', signature = ''] = good.split('.');
    const expired = await gateway.issuer.token({ exp: 1 });
    const tokens = [good, expired, `${head}.${payload}.AAAA`, `${head}.${payload}.${signature}=`, 'sekrit'];
    for (const token of tokens) {
      const answer = await gateway.admin('POST', path, { ...asked, token });
      expect(answer.status).toBe(200);
      expect(answer.headers.get('cache-control')).toBe('no-store');
      const seen = (await answer.text()) + JSON.stringify(gateway.logged);
      for (const part of token.split('.').filter((text) => text.length > 4 && text !== head))
        expect(seen).not.toContain(part);
    }
  });

  it('answer with the token of the question, not with that of who asks', async () => {
    const token = await gateway.issuer.token({ sub: 'bob', scope: '' });
    const answer = await (await gateway.admin('POST', path, { ...asked, token })).json();
    expect(answer).toMatchObject({
      decision: 'deny',
      principal: { subject: 'bob', grantees: ['client:alice'] },
    });
  });

  it('give nobody a scope that looks like a group or a client', async () => {
    const { issuer } = gateway.issuer;
    const principal = { issuer, subject: 'eve', scopes: ['group:admins', 'client:admin', 'demo'] };
    const answer = await (await gateway.admin('POST', path, { ...asked, principal })).json();
    expect(answer.principal.grantees).toEqual(['demo']);
  });

  it('take nobody for what no token of the issuer says', async () => {
    const { issuer } = gateway.issuer;
    const told = { subject: 'eve', groups: ['admins'], tenant: 'acme', scopes: ['demo'] };
    const explained = async (principal: object) =>
      (await gateway.admin('POST', path, { ...asked, principal: { ...told, ...principal } })).json();
    const { principal } = await explained({ issuer });
    expect(principal).toEqual({ issuer, subject: 'eve', groups: [], scopes: ['demo'], grantees: ['demo'] });
    expect(await explained({ issuer: partner.issuer })).toMatchObject({
      ...{ decision: 'deny', checks: [{ check: 'token', passed: false, metadata: { problem: 'client' } }] },
    });
    expect((await explained({ issuer: partner.issuer, clientId: 'app' })).principal.grantees).toEqual([
      ...['demo', 'group:partner:admins', 'client:partner:app', 'tenant:partner:acme'],
    ]);
  });

  it.each<[unknown, string]>([
    [{ ...asked }, 'principal'],
    [{ ...asked, token: 'a.b.c', principal: { issuer: 'i', subject: 's' } }, 'principal'],
    [{ ...asked, token: '' }, 'token'],
    [{ ...asked, token: 'x'.repeat(8_193) }, 'token'],
    [{ ...asked, token: ['a.b.c'] }, 'token'],
    [{ ...asked, token: 'a.b.c', operation: 'administer' }, 'operation'],
    [{ ...asked, token: 'a.b.c', operation: 'constructor' }, 'operation'],
    [{ ...asked, token: 'a.b.c', agentId: '' }, 'agentId'],
    [{ ...asked, token: 'a.b.c', skillId: 1 }, 'skillId'],
    [{ ...asked, token: 'a.b.c', more: 1 }, 'more'],
    [{ ...asked, principal: { issuer: 'i' } }, 'principal.subject'],
    [{ ...asked, principal: { issuer: 'i', subject: 's', grantees: ['demo'] } }, 'principal.grantees'],
    [{ ...asked, principal: { issuer: 'i', subject: 's', groups: 'demo' } }, 'principal.groups'],
  ])('of %j are refused by name', async (body, parameter) => {
    expect(await refusalOf(gateway.admin('POST', path, body))).toMatchObject({
      ...{ status: 400, reason: 'PARAMETER_INVALID', metadata: { parameter } },
    });
  });

  it('of an agent of any name are that there is none', async () => {
    const { issuer } = gateway.issuer;
    for (const agentId of ['Agent', 'agent/', '../agent', '__proto__', 'constructor', 'agent\u0000', '*']) {
      const question = { ...asked, agentId, principal: { issuer, subject: 's', scopes: ['demo'] } };
      const answer = await (await gateway.admin('POST', path, question)).json();
      expect(answer).toMatchObject({ decision: 'deny', reason: 'AGENT_FORBIDDEN', agentStatus: 'unknown' });
    }
  });
});
