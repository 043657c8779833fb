import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { register, rpc, startGateway, type TestGateway } from './support/gateway.ts';
import { type Caller, callerWith, ownerCaller, refusalOf } from './support/management.ts';
import { recordsOf } from './support/trail.ts';

let gateway: TestGateway;
let count = 0;

beforeAll(async () => {
  gateway = await startGateway({ registration: null });
  await register(gateway, { agentId: 'billing', tags: ['finance'] });
  await register(gateway, { agentId: 'hr-leave' });
});

afterAll(() => gateway.close());

function newScope(): string {
  count += 1;
  return `scope-${count}`;
}

function put(scope: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return gateway.admin('PUT', `/admin/permissions/${scope}`, body, headers);
}

function get(scope: string): Promise<Response> {
  return gateway.admin('GET', `/admin/permissions/${scope}`);
}

function remove(scope: string, headers: Record<string, string> = {}): Promise<Response> {
  return gateway.admin('DELETE', `/admin/permissions/${scope}`, undefined, headers);
}

describe('a permission', () => {
  it('is made with 201, read back, and set again with 200', async () => {
    const scope = newScope();
    const given = {
      allowedAgents: ['billing', 'hr-*', 'tag:finance'],
      operations: ['send'],
      description: 'D',
    };
    const made = await put(scope, given);
    expect(made.status).toBe(201);
    const read = await get(scope);
    expect(read.headers.get('etag')).toBe(made.headers.get('etag'));
    expect(await read.json()).toEqual({
      scope,
      ...given,
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
    });
    const again = await put(scope, { allowedAgents: [] });
    expect(again.status).toBe(200);
    expect(again.headers.get('etag')).not.toBe(made.headers.get('etag'));
    expect(await again.json()).not.toHaveProperty('description');
  });

  it('grants everything but push unless it says otherwise', async () => {
    const made = await put(newScope(), { allowedAgents: ['billing'] });
    expect(await made.json()).toMatchObject({ operations: ['send', 'stream', 'read', 'cancel'] });
  });

  it('is guarded by If-Match where one is sent', async () => {
    const scope = newScope();
    const any = { 'if-match': '*' };
    expect(await refusalOf(put(scope, { allowedAgents: [] }, any))).toMatchObject({ status: 412 });
    const first = (await put(scope, { allowedAgents: [] })).headers.get('etag') ?? '';
    expect((await put(scope, { allowedAgents: ['a'] }, { 'if-match': first })).status).toBe(200);
    const stale = { 'if-match': first };
    expect(await refusalOf(put(scope, { allowedAgents: ['b'] }, stale))).toMatchObject({ status: 412 });
    expect(await refusalOf(remove(scope, stale))).toMatchObject({ reason: 'PRECONDITION_FAILED' });
    expect(await (await get(scope)).json()).toMatchObject({ allowedAgents: ['a'] });
    expect((await put(scope, { allowedAgents: [] }, any)).status).toBe(200);
  });

  it('is made only where there is none when If-None-Match says so', async () => {
    const scope = newScope();
    const isNew = { 'if-none-match': '*' };
    expect((await put(scope, { allowedAgents: ['a'] }, isNew)).status).toBe(201);
    expect(await refusalOf(put(scope, { allowedAgents: [] }, isNew))).toMatchObject({ status: 412 });
    expect(await (await get(scope)).json()).toMatchObject({ allowedAgents: ['a'] });
  });

  it('of many made at once under one scope is made once', async () => {
    const scope = newScope();
    const isNew = { 'if-none-match': '*' };
    const writes = Array.from({ length: 8 }, () => put(scope, { allowedAgents: [] }, isNew));
    const statuses = (await Promise.all(writes)).map(({ status }) => status).sort();
    expect(statuses).toEqual([201, ...Array(7).fill(412)]);
  });

  it('that is gone is not found, and its scope goes on counting', async () => {
    const scope = newScope();
    const etag = (await put(scope, { allowedAgents: [] })).headers.get('etag') ?? '';
    expect((await remove(scope, { 'if-match': etag })).status).toBe(204);
    const missing = { status: 404, reason: 'PERMISSION_NOT_FOUND' };
    expect(await refusalOf(get(scope))).toMatchObject(missing);
    expect(await refusalOf(remove(scope))).toMatchObject(missing);
    await put(scope, { allowedAgents: [] });
    expect(await refusalOf(remove(scope, { 'if-match': etag }))).toMatchObject({ status: 412 });
  });

  it('leaves a trail on which each change begins where the last one ended, however many come at once', async () => {
    const scope = newScope();
    for (let round = 0; round < 20; round++) {
      await put(scope, { allowedAgents: ['a'] });
      await Promise.all([
        put(scope, { allowedAgents: ['b'] }),
        remove(scope),
        put(scope, { allowedAgents: ['c'] }),
      ]);
    }
    const changes = await recordsOf(gateway, { event: 'change', target: scope });
    expect(changes.map(({ before }) => before)).toEqual(
      [undefined, ...changes.map(({ after }) => after)].slice(0, -1),
    );
    expect(changes.filter(({ action }) => action === 'permission.delete')).toHaveLength(20);
  });

  it.each<[parameter: string, body: unknown]>([
    ['allowedAgents', {}],
    ['allowedAgents', { allowedAgents: 'billing' }],
    ['allowedAgents.1', { allowedAgents: ['billing', 'Billing'] }],
    ['allowedAgents.0', { allowedAgents: [''] }],
    ['allowedAgents.0', { allowedAgents: ['tag:'] }],
    ['allowedAgents.0', { allowedAgents: ['tag:a b'] }],
    ['allowedAgents.0', { allowedAgents: ['billing?'] }],
    ['allowedAgents.0', { allowedAgents: ['../billing'] }],
    ['allowedAgents.0', { allowedAgents: ['a'.repeat(64)] }],
    ['allowedAgents', { allowedAgents: Array(501).fill('billing') }],
    ['allowedAgents', { allowedAgents: Array.from({ length: 21 }, (_, index) => `a${index}*`) }],
    ['deniedAgents.0', { allowedAgents: [], deniedAgents: ['Billing'] }],
    ['deniedAgents', { allowedAgents: [], deniedAgents: 'billing' }],
    ['deniedAgents', { allowedAgents: [], deniedAgents: Array(501).fill('billing') }],
    [
      'deniedAgents',
      { allowedAgents: [], deniedAgents: Array.from({ length: 21 }, (_, index) => `a${index}*`) },
    ],
    ['deniedAgents', { allowedAgents: [], deniedAgents: null }],
    ['allowedSkills', { allowedAgents: [], allowedSkills: ['pay'] }],
    ['allowedSkills.hr-*', { allowedAgents: [], allowedSkills: { 'hr-*': ['pay'] } }],
    ['allowedSkills.tag:x', { allowedAgents: [], allowedSkills: { 'tag:x': ['pay'] } }],
    ['allowedSkills.billing', { allowedAgents: [], allowedSkills: { billing: 'pay' } }],
    ['allowedSkills.billing.0', { allowedAgents: [], allowedSkills: { billing: [''] } }],
    ['allowedSkills.billing.0', { allowedAgents: [], allowedSkills: { billing: ['a\u0000'] } }],
    ['allowedSkills.billing.0', { allowedAgents: [], allowedSkills: { billing: ['x'.repeat(129)] } }],
    ['allowedSkills.billing', { allowedAgents: [], allowedSkills: { billing: Array(1_001).fill('x') } }],
    [
      'allowedSkills',
      {
        allowedAgents: [],
        allowedSkills: Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`a${index}`, ['x']])),
      },
    ],
    ['operations.0', { allowedAgents: [], operations: ['admin'] }],
    ['operations', { allowedAgents: [], operations: 'send' }],
    ['operations', { allowedAgents: [], operations: Array(7).fill('send') }],
    ['description', { allowedAgents: [], description: 'x'.repeat(1_025) }],
    ['scope', { allowedAgents: [], scope: 'another' }],
    ['allowed_agents', { allowedAgents: [], allowed_agents: ['*'] }],
  ])('names %s where it is wrong', async (parameter, body) => {
    expect(await refusalOf(put(newScope(), body))).toMatchObject({
      status: 400,
      reason: 'PARAMETER_INVALID',
      metadata: { parameter },
    });
  });

  it.each([
    'group:staff',
    'group:alias:Finance%20Team',
    'group:caf%C3%A9',
    'group:~2Fadmins',
    'client:3f2a-cli',
  ])('is kept for %s, which is no scope', async (key) => {
    const scope = decodeURIComponent(key);
    expect((await put(key, { allowedAgents: ['billing'], deniedAgents: ['hr-*'] })).status).toBe(201);
    expect(await (await get(key)).json()).toMatchObject({ scope, deniedAgents: ['hr-*'] });
    const { permissions } = await (await gateway.admin('GET', '/admin/permissions?pageSize=100')).json();
    expect(permissions.map((one: { scope: string }) => one.scope)).toContain(scope);
    expect((await remove(key)).status).toBe(204);
  });

  it.each([
    ...['group:', 'client:', 'group::x', 'group:a:b:c', 'group:Al:x', 'group:~41', 'group:~2f'],
    ...['group%3Astaff', 'group:a%3Ab', 'group:caf%c3%a9', 'group:a@b', 'group:a+b'],
    ...[`group:${'x'.repeat(257)}`, 'group:%f0%9f%98%80', 'group:$x', 'client:a,b'],
  ])('is not set for %s, which is another spelling or nobody', async (key) => {
    const wrong = { reason: 'PARAMETER_INVALID', metadata: { parameter: 'scope' } };
    expect(await refusalOf(put(key, { allowedAgents: [] }))).toMatchObject(wrong);
    expect(await refusalOf(get(key))).toMatchObject(wrong);
    expect(await refusalOf(remove(key))).toMatchObject(wrong);
  });

  it.each(['a%20b', 'a$b', 'caf%C3%A9', 'a'.repeat(129)])('has no scope like %s', async (scope) => {
    const wrong = { reason: 'PARAMETER_INVALID', metadata: { parameter: 'scope' } };
    expect(await refusalOf(put(scope, { allowedAgents: [] }))).toMatchObject(wrong);
    expect(await refusalOf(get(scope))).toMatchObject(wrong);
    expect(await refusalOf(remove(scope))).toMatchObject(wrong);
  });

  it("is an administrator's only", async () => {
    const owner = await ownerCaller(gateway, 'olga');
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const body = method === 'PUT' ? { allowedAgents: ['*'] } : undefined;
      expect(await refusalOf(owner(method, '/admin/permissions/demo', body)), method).toMatchObject({
        status: 403,
        metadata: { scope: 'gateway:admin' },
      });
    }
    expect(await refusalOf(owner('GET', '/admin/permissions'))).toMatchObject({ status: 403 });
  });
});

describe('the list of permissions', () => {
  it('joined from pages is the whole, in the order of scopes', async () => {
    const made = Array.from({ length: 5 }, (_, index) => `listed:${index}`);
    for (const scope of made) await put(scope, { allowedAgents: [] });
    const joined: string[] = [];
    let pageToken = '';
    do {
      const query = `pageSize=2&pageToken=${pageToken}`;
      const page = await (await gateway.admin('GET', `/admin/permissions?${query}`)).json();
      joined.push(...page.permissions.map(({ scope }: { scope: string }) => scope));
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    const whole = await (await gateway.admin('GET', '/admin/permissions?pageSize=100')).json();
    expect(joined).toEqual(whole.permissions.map(({ scope }: { scope: string }) => scope));
    expect(joined).toEqual(expect.arrayContaining(made));
    expect(whole.totalSize).toBe(joined.length);
    expect(joined).toEqual([...joined].sort());
  });
});

describe('what a scope grants', () => {
  /** Whether a caller gets as far as the agent, whose answer is none. */
  async function mayRead(caller: Caller, agentId: string): Promise<boolean> {
    const { body = '' } = rpc('GetTask', { id: 't-1' });
    const response = await caller('POST', `/agents/${agentId}`, JSON.parse(String(body)));
    const { error } = await response.json();
    const reason = error?.data?.[0]?.reason;
    expect(['AGENT_FORBIDDEN', 'OPERATION_FORBIDDEN', 'INVALID_AGENT_RESPONSE']).toContain(reason);
    return reason === 'INVALID_AGENT_RESPONSE';
  }

  it('is nothing without a permission, with an empty list of agents, and with one of operations', async () => {
    const scope = newScope();
    const caller = await callerWith(gateway, { scope });
    expect(await mayRead(caller, 'billing')).toBe(false);
    await put(scope, { allowedAgents: [] });
    expect(await mayRead(caller, 'billing')).toBe(false);
    await put(scope, { allowedAgents: ['billing'], operations: [] });
    expect(await mayRead(caller, 'billing')).toBe(false);
    await put(scope, { allowedAgents: ['billing'], operations: ['read'] });
    expect(await mayRead(caller, 'billing')).toBe(true);
  });

  it.each([
    ['billing', true, false],
    ['hr-*', false, true],
    ['*', true, true],
    ['*l*', true, true],
    ['tag:finance', true, false],
    ['tag:fin', false, false],
    ['bill', false, false],
  ])('by %s is billing: %s, hr-leave: %s', async (pattern, billing, leave) => {
    const scope = newScope();
    const caller = await callerWith(gateway, { scope });
    await put(scope, { allowedAgents: [pattern] });
    expect(await mayRead(caller, 'billing')).toBe(billing);
    expect(await mayRead(caller, 'hr-leave')).toBe(leave);
  });

  it('together with other scopes is all of them', async () => {
    const [one, other] = [newScope(), newScope()];
    await put(one, { allowedAgents: ['billing'], operations: ['send'] });
    await put(other, { allowedAgents: ['billing'], operations: ['read'] });
    expect(await mayRead(await callerWith(gateway, { scope: one }), 'billing')).toBe(false);
    expect(await mayRead(await callerWith(gateway, { scope: `${one} ${other}` }), 'billing')).toBe(true);
  });

  it('is less what any of them denies, for calls and lists', async () => {
    const [one, other] = [newScope(), newScope()];
    await put(one, { allowedAgents: ['*'] });
    await put(other, { allowedAgents: [], operations: [], deniedAgents: ['tag:finance'] });
    const free = await callerWith(gateway, { scope: one });
    const caller = await callerWith(gateway, { scope: `${one} ${other}` });
    expect(await mayRead(free, 'billing')).toBe(true);
    expect(await mayRead(caller, 'billing')).toBe(false);
    expect(await mayRead(caller, 'hr-leave')).toBe(true);
    const listed = await (await caller('GET', '/agents')).json();
    expect(listed.agents.map(({ agentId }: { agentId: string }) => agentId)).toEqual(['hr-leave']);
    expect(listed.totalSize).toBe(1);
    const card = await caller('GET', '/agents/billing/.well-known/agent-card.json');
    expect(card.status).toBe(403);
  });

  it('with `card` alone is to be found and to have its card read', async () => {
    const scope = newScope();
    await put(scope, { allowedAgents: ['billing'], operations: ['card'] });
    const caller = await callerWith(gateway, { scope });
    const listed = await (await caller('GET', '/agents')).json();
    expect(listed.agents.map(({ agentId }: { agentId: string }) => agentId)).toEqual(['billing']);
    expect((await caller('GET', '/agents/billing/.well-known/agent-card.json')).status).toBe(200);
    expect(await mayRead(caller, 'billing')).toBe(false);
  });

  it('to a client counts for that client alone, and not for a scope of its name', async () => {
    await put('client:cli-7', { allowedAgents: ['billing'], operations: ['read'] });
    expect(await mayRead(await callerWith(gateway, { scope: '', client_id: 'cli-7' }), 'billing')).toBe(true);
    for (const claims of [{ client_id: 'cli-8' }, { client_id: 'x', scope: 'client:cli-7 cli-7' }])
      expect(await mayRead(await callerWith(gateway, { scope: '', ...claims }), 'billing')).toBe(false);
  });

  it('is over at once when the permission is deleted', async () => {
    const scope = newScope();
    const caller = await callerWith(gateway, { scope });
    await put(scope, { allowedAgents: ['billing'] });
    expect(await mayRead(caller, 'billing')).toBe(true);
    await remove(scope);
    expect(await mayRead(caller, 'billing')).toBe(false);
  });

  it('follows the tags of an agent at once', async () => {
    const scope = newScope();
    const caller = await callerWith(gateway, { scope });
    await put(scope, { allowedAgents: ['tag:new'] });
    expect(await mayRead(caller, 'hr-leave')).toBe(false);
    await gateway.admin('PATCH', '/admin/agents/hr-leave', { tags: ['new'] }, { 'if-match': '*' });
    expect(await mayRead(caller, 'hr-leave')).toBe(true);
  });
});
