import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type LocalGateway, startLocalGateway } from '../aws-local/local-gateway.ts';
import { startIssuer, type TestIssuer } from '../support/issuer.ts';
import { errorInfo } from '../support/raw.ts';
import { answerJson } from '../support/scripted-agent.ts';
import { describeWith } from './tools.ts';

/** Who may do what, how much of it and what is on record, by the authorizer, the core and the table together. */

const [portal, machine] = ['4f8lq2example', '7k1mbexample'];
/** The gate keeps policies for a minute, so that what is permitted is permitted before a token is first shown. */
const permissions = {
  'group:pool:Billing Team': { allowedAgents: ['billing'], deniedAgents: ['payroll'] },
  'group:pool:on-leave': { allowedAgents: [], deniedAgents: ['*'] },
  [`client:pool:${machine}`]: { allowedAgents: ['billing', 'payroll'], operations: ['read'] },
  everyone: { allowedAgents: ['payroll'] },
  few: { allowedAgents: ['limited'], requestsPerMinute: 2, agentLimits: { billing: 1 } },
};

let issuer: TestIssuer;
let gateway: LocalGateway;

/** As Cognito makes them: without audience, a resource server's name before each scope. */
async function tokenOf(claims: Record<string, unknown>): Promise<string> {
  const cognito = { aud: undefined, token_use: 'access', client_id: portal, scope: 'openid' };
  return issuer.token({ ...cognito, ...claims });
}

function call(agentId: string, token: string): Promise<Response> {
  return gateway.fetch(`/agents/${agentId}/message:send`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ message: { messageId: 'm-1', role: 'ROLE_USER', parts: [{ text: 'hello' }] } }),
  });
}

async function statusesOf(token: string, agentIds: readonly string[]): Promise<number[]> {
  const statuses: number[] = [];
  for (const agentId of agentIds) statuses.push((await call(agentId, token)).status);
  return statuses;
}

/** What functions have logged of the table's own words. */
const linesWith = (text: string) => gateway.printed.filter((line) => line.includes(text));

describeWith(['java', 'moto'], 'control on aws:local', () => {
  beforeAll(async () => {
    issuer = await startIssuer({ path: '/pool' });
    gateway = await startLocalGateway({
      issuers: [
        {
          issuer: issuer.issuer,
          alias: 'pool',
          clientIds: [portal, machine],
          scopePrefix: 'a2a-gateway/',
          groupsClaim: 'cognito:groups',
        },
      ],
    });
    for (const agentId of ['billing', 'payroll', 'limited']) {
      const made = await gateway.admin('POST', '/admin/agents', {
        agentId,
        agentCardUrl: gateway.agent.cardUrl,
      });
      expect(made.status).toBe(201);
    }
    for (const [key, permission] of Object.entries(permissions)) {
      const put = await gateway.admin('PUT', `/admin/permissions/${encodeURI(key)}`, permission);
      expect([key, put.status]).toEqual([key, 201]);
    }
  }, 240_000);
  afterAll(async () => {
    await gateway?.close();
    await issuer?.close();
  });
  beforeEach(() => {
    const message = { messageId: 'm-2', role: 'ROLE_AGENT', parts: [{ text: 'hello' }] };
    gateway.agent.script(answerJson({ message }));
  });

  it('groups of a pool count at the gate and in the core, and what they take away is taken away', async () => {
    const member = await tokenOf({ sub: 'alice', 'cognito:groups': ['Billing Team'] });
    expect(await statusesOf(member, ['billing', 'payroll', 'agent'])).toEqual([200, 403, 403]);
    const withScope = await tokenOf({
      sub: 'carol',
      'cognito:groups': ['Billing Team'],
      scope: 'a2a-gateway/everyone',
    });
    expect(await statusesOf(withScope, ['billing', 'payroll'])).toEqual([200, 403]);
    const onLeave = await tokenOf({ sub: 'dave', 'cognito:groups': ['Billing Team', 'on-leave'] });
    expect(await statusesOf(onLeave, ['billing', 'payroll'])).toEqual([403, 403]);
  });

  it('a machine client has what its id is given, and its operations alone', async () => {
    const token = await tokenOf({ sub: machine, client_id: machine });
    const read = (agentId: string) =>
      gateway.fetch(`/agents/${agentId}/tasks`, { headers: { authorization: `Bearer ${token}` } });
    expect((await read('billing')).status).toBe(200);
    expect(await statusesOf(token, ['billing'])).toEqual([403]);
    expect((await read('limited')).status).toBe(403);
  });

  it.each([
    ['names a group as a scope', { scope: 'a2a-gateway/group:pool:Billing' }],
    ['names the group of another issuer', { 'cognito:groups': ['demo', 'group:pool:Billing Team'] }],
    ['has its groups in another claim', { groups: ['Billing Team'] }],
  ])('a token that %s reaches nothing', async (_, claims) => {
    const token = await tokenOf({ sub: 'mallory', ...claims });
    expect(await statusesOf(token, ['billing', 'payroll', 'agent'])).toEqual([403, 403, 403]);
  });

  it('limits are counted in the table, and told with the answer and in the log', async () => {
    const token = await tokenOf({ sub: 'erin', scope: 'a2a-gateway/few' });
    // Processes of the function that meet the calls at once are several, and share one budget.
    const answers = await Promise.all(Array.from({ length: 6 }, () => call('limited', token)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 429, 429, 429, 429]);
    const refused = answers.find(({ status }) => status === 429);
    expect(refused?.headers.get('ratelimit-policy')).toContain('"minute";q=2;w=60');
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(errorInfo((await refused?.text()) ?? '')).toMatchObject({
      reason: 'LIMIT_EXCEEDED',
      metadata: { limit: 'requestsPerMinute', allowed: '2' },
    });
    // By these words the stack counts them.
    const [line = ''] = linesWith('"code":"limit_exceeded"');
    expect(line).toContain('"msg":"request"');
  });

  it('what was decided is on record, by which permission, and what was used is added up', async () => {
    const subject = 'frank';
    const token = await tokenOf({ sub: subject, 'cognito:groups': ['Billing Team'] });
    expect(await statusesOf(token, ['billing', 'billing'])).toEqual([200, 200]);
    const read = async (path: string) =>
      (await (await gateway.admin('GET', `${path}?principal=${subject}`)).json()) as Record<string, unknown>;
    await expect
      .poll(async () => (await read('/admin/audit')).records, { timeout: 10_000 })
      .toEqual(
        Array(2).fill(
          expect.objectContaining({
            ...{ event: 'call', issuer: issuer.issuer, subject, clientId: portal, agentId: 'billing' },
            ...{ operation: 'SendMessage', decision: 'allow', rule: 'group:pool:Billing Team' },
          }),
        ),
      );
    expect((await read('/admin/usage')).usage).toEqual([
      expect.objectContaining({ subject, agentId: 'billing', calls: 2, errors: 0 }),
    ]);
    const permitted = await gateway.admin('GET', '/admin/audit?event=change&pageSize=100');
    const { records } = (await permitted.json()) as { records: { action: string; target: string }[] };
    expect(records.length).toBeGreaterThanOrEqual(Object.keys(permissions).length);
    expect(linesWith('audit not written')).toEqual([]);
  });
});
