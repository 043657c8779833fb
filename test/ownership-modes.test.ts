import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { registerScope } from '../src/access/principal.ts';
import { ownershipModes } from '../src/ownership/ownership.ts';
import { bindings, call, expectRefusal, message } from './support/bindings.ts';
import { permit, register, startGateway, type TestGateway, withHeaders } from './support/gateway.ts';
import { startIssuer, type TestIssuer, testAudience } from './support/issuer.ts';
import { activate } from './support/management.ts';
import { taskAgent } from './support/task-agent.ts';

/** With whom a caller shares what is at an agent, as its registration says. */

let gateway: TestGateway;
/** Whose tokens name a tenant. */
let tenants: TestIssuer;

beforeAll(async () => {
  tenants = await startIssuer();
  gateway = await startGateway({
    otherIssuers: [{ issuer: tenants.issuer, audiences: [testAudience], tenantClaim: 'org' }],
    registration: null,
  });
  for (const ownership of ownershipModes) await register(gateway, { agentId: ownership, ownership });
  await permit(gateway, 'demo', { allowedAgents: ['*'], operations: ['send', 'read'] });
});
afterAll(() => Promise.all([gateway.close(), tenants.close()]));
afterEach(() => void gateway.agent.seen.splice(0));

type Claims = Record<string, unknown>;

async function caller(claims: Claims, issuer = tenants): Promise<Pick<TestGateway, 'fetch'>> {
  return withHeaders(gateway, { authorization: `Bearer ${await issuer.token(claims)}` });
}

let made = 0;

/** Whether the second reads what the first has begun. */
async function shares(agentId: string, one: Claims, other: Claims, issuer = tenants): Promise<boolean> {
  const taskId = `t-${++made}`;
  gateway.agent.script(taskAgent({ taskId, contextId: `x-${made}` }));
  const begun = await call(await caller(one), 'HTTP+JSON', 'SendMessage', { agentId });
  expect(begun.status).toBe(200);
  gateway.agent.seen.splice(0);
  const params = { id: taskId };
  const answer = await call(await caller(other, issuer), 'JSON-RPC', 'GetTask', { agentId, params });
  const isShared = ((await answer.json()) as { error?: unknown }).error === undefined;
  expect(gateway.agent.seen).toHaveLength(isShared ? 1 : 0);
  return isShared;
}

const alice = { sub: 'alice', client_id: 'app', org: 'acme' };
const bob = { sub: 'bob', client_id: 'app', org: 'acme' };
const carol = { sub: 'carol', client_id: 'cli', org: 'acme' };
const dave = { sub: 'dave', client_id: 'app', org: 'other' };

describe('what one caller has begun', () => {
  it.each([
    ['principal', alice, alice, true],
    ['principal', alice, { ...alice, client_id: 'cli', org: 'other' }, true],
    ['principal', alice, bob, false],
    ['client', alice, bob, true],
    ['client', alice, dave, true],
    ['client', alice, carol, false],
    ['client', { ...alice, client_id: undefined }, { ...bob, client_id: undefined }, false],
    ['client', { ...alice, client_id: undefined }, { ...bob, client_id: 'alice' }, false],
    ['tenant', alice, carol, true],
    ['tenant', alice, dave, false],
    ['tenant', { ...alice, org: undefined }, { ...bob, org: undefined }, false],
    ['tenant', { ...alice, org: undefined }, { ...bob, org: 'alice' }, false],
    ['backend', alice, dave, true],
  ])('at an agent of mode %s, begun by %j, is read by %j: %s', async (agentId, one, other, expected) => {
    expect(await shares(agentId, one, other)).toBe(expected);
  });

  it.each([[''], [['acme']], ['x'.repeat(257)]])('is begun by nobody whose tenant is %j', async (org) => {
    const refused = await call(await caller({ ...alice, org }), 'HTTP+JSON', 'SendMessage', {
      agentId: 'tenant',
    });
    expect(refused.status).toBe(401);
    expect(gateway.agent.seen).toEqual([]);
  });

  it.each(['principal', 'client', 'tenant'])(
    'is never shared with a namesake of another issuer: %s',
    async (mode) => {
      expect(await shares(mode, alice, alice, gateway.issuer)).toBe(false);
    },
  );

  it.each(bindings)('is the agent to keep apart where it says so: %s', async (binding) => {
    gateway.agent.script(taskAgent({ taskId: 'never-shown', contextId: 'x' }));
    const params = { message: { ...message, contextId: 'anybodys', referenceTaskIds: ['never-shown'] } };
    const options = { agentId: 'backend', params };
    for (const who of [alice, dave])
      expect((await call(await caller(who), binding, 'SendMessage', options)).status).toBe(200);
  });
});

describe('the registration member `ownership`', () => {
  const card = () => gateway.agent.cardUrl;
  const viewOf = async (answer: Response) => (await answer.json()) as Record<string, unknown>;

  it('is `principal` where nothing is said', async () => {
    const answer = await gateway.admin('POST', '/admin/agents', { agentId: 'silent', agentCardUrl: card() });
    expect([answer.status, (await viewOf(answer)).ownership]).toEqual([201, 'principal']);
  });

  it.each(['everybody', '', null, 1])('is no other word: %j', async (ownership) => {
    const body = { agentId: 'odd', agentCardUrl: card(), ownership };
    expect((await gateway.admin('POST', '/admin/agents', body)).status).toBe(400);
  });

  it('is changed, and what was begun before is then found by nobody', async () => {
    await register(gateway, { agentId: 'changing', ownership: 'client' });
    gateway.agent.script(taskAgent({ taskId: 'before', contextId: 'x-before' }));
    await call(await caller(alice), 'HTTP+JSON', 'SendMessage', { agentId: 'changing' });
    const read = await gateway.admin('GET', '/admin/agents/changing');
    const ifMatch = { 'if-match': read.headers.get('etag') ?? '' };
    const answer = await gateway.admin('PATCH', '/admin/agents/changing', { ownership: 'tenant' }, ifMatch);
    expect([answer.status, (await viewOf(answer)).ownership]).toEqual([200, 'tenant']);
    const options = { agentId: 'changing', params: { id: 'before' } };
    for (const who of [alice, bob])
      await expectRefusal(
        await call(await caller(who), 'JSON-RPC', 'GetTask', options),
        'JSON-RPC',
        'TASK_NOT_FOUND',
      );
  });

  it('is nobody’s at an agent that was deleted and registered again', async () => {
    await register(gateway, { agentId: 'again', ownership: 'principal' });
    gateway.agent.script(taskAgent({ taskId: 'of-the-first', contextId: 'c' }));
    const begun = await call(await caller(alice), 'HTTP+JSON', 'SendMessage', { agentId: 'again' });
    expect(begun.status).toBe(200);
    const read = await gateway.admin('GET', '/admin/agents/again');
    const ifMatch = { 'if-match': read.headers.get('etag') ?? '' };
    expect((await gateway.admin('DELETE', '/admin/agents/again', undefined, ifMatch)).status).toBe(204);
    await register(gateway, { agentId: 'again', ownership: 'principal' });
    gateway.agent.seen.splice(0);
    const options = { agentId: 'again', params: { id: 'of-the-first' } };
    const answer = await call(await caller(alice), 'JSON-RPC', 'GetTask', options);
    await expectRefusal(answer, 'JSON-RPC', 'TASK_NOT_FOUND');
    expect(gateway.agent.seen).toEqual([]);
  });

  it('waits for an administrator where the owner of the agent changes it', async () => {
    const olga = {
      authorization: `Bearer ${await gateway.issuer.token({ sub: 'olga', scope: registerScope })}`,
    };
    const body = { agentId: 'hers', agentCardUrl: card() };
    await gateway.admin('POST', '/admin/agents', body, olga);
    const active = await activate(gateway, 'hers');
    expect((await viewOf(active)).status).toBe('active');
    const ifMatch = { 'if-match': active.headers.get('etag') ?? '' };
    const changed = await gateway.admin(
      'PATCH',
      '/admin/agents/hers',
      { ownership: 'backend' },
      { ...olga, ...ifMatch },
    );
    expect(await viewOf(changed)).toMatchObject({ status: 'pending', ownership: 'backend' });
  });
});
