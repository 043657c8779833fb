import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Explanation } from '../src/http/explain.ts';
import { permissionOperations } from '../src/protocol/permission-operations.ts';
import { openSqliteStore } from '../src/store/sqlite/store.ts';
import { call, leastParams, message } from './support/bindings.ts';
import { permit, register, startGateway, type TestGateway, withHeaders } from './support/gateway.ts';
import { startIssuer, type TestIssuer, testAudience } from './support/issuer.ts';
import { refusalOf } from './support/management.ts';
import { answerJson } from './support/scripted-agent.ts';

let gateway: TestGateway;
/** Its tokens name a tenant. */
let issuer: TestIssuer;
/** Who is of the tenant acme, and who is of none. */
let acme: Pick<TestGateway, 'fetch'>;
let stranger: Pick<TestGateway, 'fetch'>;

beforeAll(async () => {
  issuer = await startIssuer();
  gateway = await startGateway({
    registration: null,
    settings: { permissions: { cedar: true }, search: { embedder: 'use-lite' } },
    otherIssuers: [{ issuer: issuer.issuer, audiences: [testAudience], tenantClaim: 'tid' }],
  });
  for (const [agentId, tags] of [
    ['billing', ['acme', 'money']],
    ['travel', ['globex', 'people']],
    ['open', ['everybody']],
  ] as const)
    await register(gateway, { agentId, tags });
  acme = await caller({ tid: 'acme' });
  stranger = await caller({});
  gateway.agent.script(
    answerJson({ task: { id: 't', contextId: 'c', status: { state: 'TASK_STATE_COMPLETED' } } }),
  );
});
afterAll(() => Promise.all([gateway.close(), issuer.close()]));
afterEach(() => permit(gateway, 'demo', { allowedAgents: [] }));

async function caller(claims: Record<string, unknown>): Promise<Pick<TestGateway, 'fetch'>> {
  const token = await issuer.token({ scope: 'demo', ...claims });
  return withHeaders(gateway, { authorization: `Bearer ${token}` });
}

const sameTenant = 'principal has tenant && resource.tags.contains(principal.tenant)';

async function reasonOf(
  who: Pick<TestGateway, 'fetch'>,
  agentId: string,
  name = 'SendMessage',
): Promise<string> {
  const params = name === 'SendMessage' ? { message } : leastParams(name as 'GetTask');
  const answer = await call(who, 'HTTP+JSON', name as 'GetTask', { agentId, params });
  const { error } = (await answer.json()) as { error?: { details?: { reason?: string }[] } };
  return error?.details?.[0]?.reason ?? 'passed';
}

async function listed(who: Pick<TestGateway, 'fetch'>): Promise<{ ids: string[]; total: number }> {
  const answer = await who.fetch('/agents?pageSize=1');
  const first = (await answer.json()) as Listed;
  const all = (await (await who.fetch('/agents')).json()) as Listed;
  expect(all.totalSize).toBe(first.totalSize);
  return { ids: all.agents.map(({ agentId }) => agentId), total: all.totalSize };
}

interface Listed {
  agents: { agentId: string }[];
  totalSize: number;
}

describe('a permission with a condition', () => {
  it('grants where it holds, and elsewhere the agent looks like none', async () => {
    await permit(gateway, 'demo', { allowedAgents: ['*'], condition: sameTenant });
    expect(await reasonOf(acme, 'billing')).toBe('passed');
    expect(await reasonOf(acme, 'travel')).toBe('AGENT_FORBIDDEN');
    expect(await reasonOf(acme, 'nowhere')).toBe('AGENT_FORBIDDEN');
    expect(await reasonOf(stranger, 'billing')).toBe('AGENT_FORBIDDEN');
  });

  it('may tell operations apart', async () => {
    await permit(gateway, 'demo', {
      allowedAgents: ['*'],
      condition: `action == Action::"read" || (${sameTenant})`,
    });
    expect(await reasonOf(stranger, 'billing')).toBe('OPERATION_FORBIDDEN');
    expect(await reasonOf(stranger, 'billing', 'GetTask')).not.toMatch(/FORBIDDEN/);
    expect(await reasonOf(acme, 'billing')).toBe('passed');
  });

  it('shows in the list and counts only agents for which it holds', async () => {
    await permit(gateway, 'demo', { allowedAgents: ['*'], condition: sameTenant });
    expect(await listed(acme)).toEqual({ ids: ['billing'], total: 1 });
    expect(await listed(stranger)).toEqual({ ids: [], total: 0 });
    await permit(gateway, 'demo', { allowedAgents: ['*'], condition: 'principal has tenant' });
    expect(await listed(acme)).toEqual({ ids: ['billing', 'open', 'travel'], total: 3 });
    expect(await listed(stranger)).toEqual({ ids: [], total: 0 });
  });

  it('lets be found only agents for which it holds', async () => {
    await permit(gateway, 'demo', { allowedAgents: ['*'], condition: sameTenant });
    const found = async (who: Pick<TestGateway, 'fetch'>) => {
      const answer = await who.fetch('/search', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: 'money' }),
      });
      const { results, totalMatches } = (await answer.json()) as {
        results: { agentId: string }[];
        totalMatches: number;
      };
      return [results.map(({ agentId }) => agentId), totalMatches];
    };
    await expect.poll(() => found(acme)).toEqual([['billing'], 1]);
    expect(await found(stranger)).toEqual([[], 0]);
  });

  it('denies what it denies whether or not it holds', async () => {
    await permit(gateway, 'other', { allowedAgents: ['*'] });
    await permit(gateway, 'demo', { allowedAgents: [], deniedAgents: ['open'], condition: sameTenant });
    const both = await caller({ scope: 'demo other' });
    expect(await reasonOf(both, 'open')).toBe('AGENT_FORBIDDEN');
    expect(await reasonOf(both, 'travel')).toBe('passed');
    expect((await listed(both)).ids).toEqual(['billing', 'travel']);
  });

  it('takes nothing from what other permissions grant', async () => {
    await permit(gateway, 'other', { allowedAgents: ['travel'] });
    await permit(gateway, 'demo', { allowedAgents: ['*'], condition: sameTenant });
    const both = await caller({ scope: 'demo other', tid: 'acme' });
    expect((await listed(both)).ids).toEqual(['billing', 'travel']);
  });

  it('is explained', async () => {
    await permit(gateway, 'demo', { allowedAgents: ['*'], condition: sameTenant });
    const explained = async (tenant: string, agentId: string) => {
      const principal = { issuer: issuer.issuer, subject: 'alice', tenant, scopes: ['demo'] };
      const answer = await gateway.admin('POST', '/admin/permissions/explain', {
        ...{ principal, agentId, operation: 'send' },
      });
      const { decision, rule, permissions } = (await answer.json()) as Explanation;
      return { decision, rule, says: permissions.map(({ says }) => says) };
    };
    expect(await explained('acme', 'billing')).toEqual({
      ...{ decision: 'allow', rule: { scope: 'demo', effect: 'allow' }, says: ['grants'] },
    });
    expect(await explained('acme', 'travel')).toEqual({ decision: 'deny', says: ['condition_not_met'] });
  });
});

describe('a condition that is set', () => {
  it.each([
    ['principal.tennant == "x"', /did you mean `tenant`/],
    ['true }; permit(principal, action, resource); //', /unexpected token/],
    ['true } when { true', /not one expression/],
    [`${'('.repeat(200)}true${')'.repeat(200)}`, /more than/],
    ['x'.repeat(4_097), /4096/],
    ['', /./],
    [7, /./],
  ])('%j is refused in words that say why', async (condition, words) => {
    const answer = await gateway.admin('PUT', '/admin/permissions/demo', { allowedAgents: ['*'], condition });
    expect(answer.status).toBe(400);
    const { reason, metadata } = await refusalOf(answer);
    expect(reason).toBe('PARAMETER_INVALID');
    expect(metadata.parameter).toBe('condition');
    expect(metadata.problem).toMatch(words);
  });

  it('is shown as it was given', async () => {
    const given = `// Tenants see their own.\n${sameTenant}`;
    await permit(gateway, 'demo', { allowedAgents: ['*'], condition: given });
    const answer = await gateway.admin('GET', '/admin/permissions/demo');
    expect(await answer.json()).toMatchObject({ condition: given });
  });
});

describe('a gateway without conditions', () => {
  it('takes none, and a permission that has one grants nothing, which the log says once', async () => {
    const one = await startGateway();
    try {
      const store = openSqliteStore({ path: join(one.dataDir, 'gateway.db') });
      const kept = { allowedAgents: ['*'], operations: [...permissionOperations], condition: 'true' };
      await store.permissions.create({ scope: 'kept', ...kept, revision: 1, createdAtMs: 1, updatedAtMs: 1 });
      await store.close();
      const token = await one.issuer.token({ scope: 'kept' });
      const who = withHeaders(one, { authorization: `Bearer ${token}` });
      expect(await reasonOf(who, 'agent')).toBe('AGENT_FORBIDDEN');
      expect(await listed(who)).toEqual({ ids: [], total: 0 });
      expect(one.logged.filter(({ msg }) => msg === 'conditions_off')).toHaveLength(1);
      const answer = await one.admin('PUT', '/admin/permissions/demo', kept);
      expect((await refusalOf(answer)).metadata.problem).toMatch(/switched off/);
    } finally {
      await one.close();
    }
  });
});
