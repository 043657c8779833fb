import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Permission } from '../src/access/permission.ts';
import type { Explanation } from '../src/http/explain.ts';
import { permissionOperations } from '../src/protocol/permission-operations.ts';
import { call, leastParams, message, operationNames } from './support/bindings.ts';
import { permit, register, startGateway, type TestGateway, withHeaders } from './support/gateway.ts';
import { answerJson, cardAt } from './support/scripted-agent.ts';

let gateway: TestGateway;
let token: string;

const agentIds = ['billing', 'hr-leave', 'idle', 'shown'] as const;

beforeAll(async () => {
  gateway = await startGateway({
    registration: null,
    settings: {
      search: { enabled: false },
    },
  });
  const { issuer, agent } = gateway;
  token = await issuer.token({ scope: 'one two', client_id: 'cli' });
  await register(gateway, { agentId: 'billing', tags: ['money'] });
  agent.card(cardAt(agent.url, { capabilities: {} }));
  await register(gateway, { agentId: 'hr-leave' });
  await register(gateway, { agentId: 'idle' });
  await register(gateway, { agentId: 'shown', publicCard: true });
  await gateway.admin('PATCH', '/admin/agents/idle/status', { status: 'inactive' }, { 'if-match': '*' });
  agent.script(answerJson({ error: {} }, 400));
});
afterAll(() => gateway.close());

async function explained(body: Record<string, unknown>): Promise<Explanation> {
  const answer = await gateway.admin('POST', '/admin/permissions/explain', body);
  const text = await answer.text();
  expect(answer.status, text).toBe(200);
  return JSON.parse(text) as Explanation;
}

/** Sets these alone; the others grant nothing. */
async function settle(given: Readonly<Record<string, Partial<Permission>>>): Promise<void> {
  for (const scope of ['one', 'two', 'client:cli'])
    await permit(gateway, scope, { allowedAgents: [], ...given[scope] });
}

/** How the gateway refuses the call itself; undefined where it does not. */
async function refused(agentId: string, operation: string, skillId?: string): Promise<string | undefined> {
  const name = operationNames.find((one) => one === operation);
  if (name === undefined) throw new TypeError(operation);
  const metadata = skillId === undefined ? {} : { metadata: { skillId } };
  const params = /^Send/.test(name) ? { message: { ...message, ...metadata } } : leastParams(name);
  const answer = await call(withHeaders(gateway, { authorization: `Bearer ${token}` }), 'HTTP+JSON', name, {
    ...{ agentId, params },
  });
  const { error } = await answer.json();
  const reason = error?.details?.[0]?.reason;
  return /FORBIDDEN|INACTIVE|UNSUPPORTED|NOT_SUPPORTED|LIMIT/.test(reason) ? reason : undefined;
}

const pattern = fc.constantFrom('billing', 'hr-*', '*', 'tag:money', 'idle', 'shown');
const permission = fc.record(
  {
    allowedAgents: fc.array(pattern, { maxLength: 3 }),
    operations: fc.subarray([...permissionOperations], { minLength: 1 }),
    deniedAgents: fc.array(pattern, { maxLength: 1 }),
    allowedSkills: fc.dictionary(fc.constantFrom('billing', 'hr-leave'), fc.subarray(['pay', 'p*', 'ask'])),
    requestsPerMinute: fc.constantFrom(0, 1_000_000),
    requestsPerDay: fc.constantFrom(0, 100_000),
    burst: fc.constantFrom(0, 1_000),
    maxOpenStreams: fc.constantFrom(0, 1_000),
  },
  { requiredKeys: ['allowedAgents', 'operations'] },
);

describe('an explanation', () => {
  it('is what becomes of the call', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({ one: permission, two: permission, 'client:cli': permission }, { requiredKeys: [] }),
        fc.constantFrom(...agentIds, 'nobody'),
        fc.constantFrom(...operationNames),
        fc.constantFrom(undefined, 'pay', 'ask', 'other'),
        async (given, agentId, operation, skillId) => {
          await settle(given);
          const asked = { agentId, operation, ...(skillId !== undefined && { skillId }) };
          const byToken = await explained({ token, ...asked });
          expect(byToken.reason).toBe(await refused(agentId, operation, skillId));
          expect(byToken.decision).toBe(byToken.reason === undefined ? 'allow' : 'deny');
          const { issuer } = gateway.issuer;
          const principal = { issuer, subject: 'alice', clientId: 'cli', scopes: ['one', 'two'] };
          expect(await explained({ principal, ...asked })).toEqual(byToken);
          const says = new Map(byToken.permissions.map((one) => [one.scope, one.says]));
          if (byToken.rule?.effect === 'allow') expect(says.get(byToken.rule.scope)).toBe('grants');
          if (byToken.rule?.effect === 'deny') expect(says.get(byToken.rule.scope)).toBe('agent_denied');
        },
      ),
      { numRuns: 60 },
    );
  }, 60_000);

  it('names the rule, the checks, and what each permission says', async () => {
    await settle({
      one: { allowedAgents: ['tag:money'], operations: ['read'], requestsPerMinute: 5 },
      two: { allowedAgents: ['hr-*'], requestsPerMinute: 50 },
      'client:cli': {
        allowedAgents: ['*'],
        operations: ['send', 'read'],
        requestsPerMinute: 9,
        maxOpenStreams: 1,
      },
    });
    expect(await explained({ token, agentId: 'billing', operation: 'read' })).toEqual({
      decision: 'allow',
      limits: { requestsPerMinute: 9, burst: 9 },
      rule: { scope: 'client:cli', effect: 'allow' },
      agentStatus: 'active',
      principal: {
        issuer: gateway.issuer.issuer,
        subject: 'alice',
        clientId: 'cli',
        scopes: ['one', 'two'],
        groups: [],
        grantees: ['one', 'two', 'client:cli'],
      },
      checks: ['token', 'revocation', 'agent', 'limits', 'operation'].map((check) => ({
        check,
        passed: true,
      })),
      permissions: [
        { scope: 'one', says: 'grants' },
        { scope: 'two', says: 'agent_not_allowed' },
        { scope: 'client:cli', says: 'grants' },
      ],
    });
    expect(await explained({ token, agentId: 'billing', operation: 'push' })).toMatchObject({
      ...{ decision: 'deny', reason: 'OPERATION_FORBIDDEN' },
      checks: [{}, {}, {}, {}, { check: 'operation', passed: false, metadata: { operation: 'push' } }],
      permissions: [{ says: 'operation_not_allowed' }, {}, { says: 'operation_not_allowed' }],
    });
  });

  it('does not name the permission that grants where something else refuses', async () => {
    await settle({ one: { allowedAgents: ['*'], operations: ['push'] } });
    const answer = await explained({ token, agentId: 'hr-leave', operation: 'push' });
    expect(answer).toMatchObject({ decision: 'deny', reason: 'PUSH_NOTIFICATION_NOT_SUPPORTED' });
    expect(answer).not.toHaveProperty('rule');
  });

  it('of one whose limits allow nothing says so, of calls and not of cards', async () => {
    await settle({ one: { allowedAgents: ['billing'], requestsPerMinute: 0 } });
    expect(await explained({ token, agentId: 'billing', operation: 'send' })).toMatchObject({
      ...{ decision: 'deny', reason: 'LIMIT_EXCEEDED' },
      checks: [{}, {}, {}, { check: 'limits', passed: false, metadata: { limit: 'requestsPerMinute' } }],
    });
    expect((await explained({ token, agentId: 'billing', operation: 'card' })).decision).toBe('allow');
    await settle({ one: { allowedAgents: ['billing'], maxOpenStreams: 0 } });
    expect((await explained({ token, agentId: 'billing', operation: 'send' })).decision).toBe('allow');
    for (const operation of ['stream', 'SubscribeToTask'])
      expect((await explained({ token, agentId: 'billing', operation })).checks.at(-1)).toMatchObject({
        ...{ check: 'openStreams', passed: false, metadata: { limit: 'maxOpenStreams', allowed: '0' } },
      });
  });

  it('names the permission that denies', async () => {
    await settle({
      one: { allowedAgents: ['*'] },
      two: { allowedAgents: ['*'], deniedAgents: ['tag:money'] },
    });
    expect(await explained({ token, agentId: 'billing', operation: 'send' })).toMatchObject({
      ...{ decision: 'deny', reason: 'AGENT_FORBIDDEN', rule: { scope: 'two', effect: 'deny' } },
      permissions: [{ says: 'grants' }, { says: 'agent_denied' }, { says: 'agent_not_allowed' }],
    });
  });

  it('tells an administrator what callers are not told: whether there is such an agent', async () => {
    await settle({ one: { allowedAgents: ['idle'] } });
    expect(await explained({ token, agentId: 'nobody', operation: 'send' })).toMatchObject({
      ...{ reason: 'AGENT_FORBIDDEN', agentStatus: 'unknown' },
      permissions: [{ says: 'agent_unknown' }, {}, {}],
    });
    expect(await explained({ token, agentId: 'shown', operation: 'send' })).toMatchObject({
      ...{ reason: 'AGENT_FORBIDDEN', agentStatus: 'active' },
    });
    expect(await explained({ token, agentId: 'idle', operation: 'send' })).toMatchObject({
      ...{ reason: 'AGENT_INACTIVE', agentStatus: 'inactive' },
    });
  });

  it('of a card that is public is that anyone may read it', async () => {
    await settle({ one: { allowedAgents: [], deniedAgents: ['shown'] } });
    const { checks, ...answer } = await explained({ token, agentId: 'shown', operation: 'card' });
    expect(answer.decision).toBe('allow');
    expect(answer).not.toHaveProperty('rule');
    expect(checks.at(-1)).toEqual({ check: 'publicCard', passed: true });
    const none = { token: 'no.to.ken', agentId: 'shown', operation: 'card' };
    expect((await explained(none)).decision).toBe('allow');
    expect((await explained({ ...none, operation: 'GetExtendedAgentCard' })).decision).toBe('deny');
  });

  it('of a token that is not valid says which check it fails', async () => {
    const expired = await gateway.issuer.token({ exp: 1 });
    const answer = await explained({ token: expired, agentId: 'billing', operation: 'send' });
    expect(answer).toEqual({
      ...{ decision: 'deny', reason: 'TOKEN_INVALID', agentStatus: 'active', permissions: [] },
      checks: [{ check: 'token', passed: false, reason: 'TOKEN_INVALID', metadata: { problem: 'expired' } }],
    });
    const principal = { issuer: 'https://elsewhere.test', subject: 'alice', scopes: ['one'] };
    expect(await explained({ principal, agentId: 'billing', operation: 'send' })).toMatchObject({
      ...{ reason: 'TOKEN_INVALID', checks: [{ metadata: { problem: 'issuer' } }] },
    });
  });

  it('of one who is revoked says so', async () => {
    await settle({ one: { allowedAgents: ['*'] } });
    const { issuer } = gateway.issuer;
    const who = { kind: 'principal', issuer, subject: 'rex' };
    expect((await gateway.admin('POST', '/admin/revocations', who)).status).toBe(201);
    const principal = { issuer, subject: 'rex', scopes: ['one'] };
    expect(await explained({ principal, agentId: 'billing', operation: 'send' })).toMatchObject({
      ...{ decision: 'deny', reason: 'TOKEN_INVALID' },
      checks: [{ passed: true }, { check: 'revocation', passed: false, metadata: { problem: 'revoked' } }],
    });
  });

  it('of one whose former tokens are revoked is that a fresh one is good', async () => {
    await settle({ one: { allowedAgents: ['*'] } });
    const { issuer } = gateway.issuer;
    const issuedBefore = new Date(Date.now() - 3_600_000).toISOString();
    const who = { kind: 'principal', issuer, subject: 'mia', issuedBefore };
    expect((await gateway.admin('POST', '/admin/revocations', who)).status).toBe(201);
    const asked = { agentId: 'billing', operation: 'send' };
    const principal = { issuer, subject: 'mia', scopes: ['one'] };
    expect((await explained({ principal, ...asked })).decision).toBe('allow');
    const former = await gateway.issuer.token({ sub: 'mia', scope: 'one', iat: 1 });
    expect((await explained({ token: former, ...asked })).checks.at(-1)).toMatchObject({
      ...{ check: 'revocation', passed: false },
    });
  });

  it('does not stand in the way of a scope of that name', async () => {
    await permit(gateway, 'explain', { allowedAgents: ['billing'] });
    expect((await gateway.admin('GET', '/admin/permissions/explain')).status).toBe(200);
    expect((await gateway.admin('DELETE', '/admin/permissions/explain')).status).toBe(204);
  });
});
