import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { register, rpc, startGateway, type TestGateway } from './support/gateway.ts';
import { type Caller, ownerCaller, readAgent, refusalOf } from './support/management.ts';

let gateway: TestGateway;
let olga: Caller;
let otto: Caller;
let count = 0;

beforeAll(async () => {
  gateway = await startGateway({ registration: null });
  [olga, otto] = await Promise.all([ownerCaller(gateway, 'olga'), ownerCaller(gateway, 'otto')]);
  await gateway.admin('PUT', '/admin/permissions/demo', { allowedAgents: ['*'] });
});

afterAll(() => gateway.close());

function newId(): string {
  count += 1;
  return `agent-${count}`;
}

async function newAgent(): Promise<string> {
  const agentId = newId();
  await register(gateway, { agentId });
  return agentId;
}

/** An agent that its owner registered and an administrator approved. */
async function ownedAgent(): Promise<string> {
  const agentId = newId();
  const made = await olga('POST', '/admin/agents', { agentId, agentCardUrl: gateway.agent.cardUrl });
  expect(made.status).toBe(201);
  await setStatus(agentId, { status: 'active' });
  return agentId;
}

async function setStatus(agentId: string, body: unknown, as: Caller = gateway.admin): Promise<Response> {
  const { etag } = await readAgent(gateway, agentId);
  return as('PATCH', `/admin/agents/${agentId}/status`, body, { 'if-match': etag });
}

async function reasonOfCall(agentId: string): Promise<string | undefined> {
  const response = await gateway.fetch(`/agents/${agentId}`, rpc('SendMessage', { message: {} }));
  const { error } = await response.json();
  return error?.data?.[0]?.reason;
}

const statuses = ['pending', 'active', 'inactive', 'quarantined'] as const;

describe('the status of an agent', () => {
  const transitions = statuses.flatMap((from) => statuses.map((to) => [from, to] as const));

  it.each(transitions)('goes from %s to %s when an administrator says so', async (from, to) => {
    const agentId = await newAgent();
    await setStatus(agentId, { status: from, reason: 'before' });
    const response = await setStatus(agentId, { status: to });
    expect(response.status).toBe(200);
    const { status, statusReason } = await response.json();
    expect({ status, statusReason }).toEqual({ status: to, statusReason: undefined });
    expect(await reasonOfCall(agentId)).toBe(to === 'active' ? 'INVALID_AGENT_RESPONSE' : 'AGENT_INACTIVE');
  });

  it('keeps the reason that was given for it', async () => {
    const agentId = await newAgent();
    const response = await setStatus(agentId, { status: 'quarantined', reason: 'leaks' });
    expect(await response.json()).toMatchObject({ status: 'quarantined', statusReason: 'leaks' });
  });

  it('says when it last became another one, and by whom', async () => {
    const agentId = newId();
    const shown = async (answer: Promise<Response>) => {
      const { status, statusChangedAt, statusChangedBy } = await (await answer).json();
      expect(Date.parse(statusChangedAt)).toBeGreaterThan(0);
      return { status, by: statusChangedBy };
    };
    const { issuer } = gateway.issuer;
    const body = { agentId, agentCardUrl: gateway.agent.cardUrl };
    const [owner, admin] = ['olga', 'admin'].map((subject) => ({ issuer, subject }));
    expect(await shown(olga('POST', '/admin/agents', body))).toEqual({ status: 'pending', by: owner });
    expect(await shown(setStatus(agentId, { status: 'active' }))).toEqual({ status: 'active', by: admin });
    const withdrawn = olga('PATCH', `/admin/agents/${agentId}`, { tags: ['x'] }, { 'if-match': '*' });
    expect(await shown(withdrawn)).toEqual({ status: 'pending', by: owner });
    const renamed = gateway.admin('PATCH', `/admin/agents/${agentId}`, { tags: [] }, { 'if-match': '*' });
    expect(await shown(renamed)).toEqual({ status: 'pending', by: owner });
  });

  it.each<[parameter: string, body: unknown]>([
    ['status', {}],
    ['status', { status: 'deleted' }],
    ['reason', { status: 'inactive', reason: '' }],
    ['force', { status: 'active', force: true }],
  ])('names %s in %j', async (parameter, body) => {
    const agentId = await newAgent();
    expect(await refusalOf(setStatus(agentId, body))).toMatchObject({ metadata: { parameter } });
  });

  it.each(['pending', 'quarantined'])(
    'is made active from %s by who says what was looked at, for its owner may have changed it since',
    async (from) => {
      const agentId = await ownedAgent();
      await setStatus(agentId, { status: from });
      const path = `/admin/agents/${agentId}`;
      const looked = await readAgent(gateway, agentId);
      const activated = (headers: Record<string, string>) =>
        refusalOf(gateway.admin('PATCH', `${path}/status`, { status: 'active' }, headers));
      await olga('PATCH', path, { tags: ['finance'] }, { 'if-match': '*' });
      expect(await activated({})).toMatchObject({ status: 428, reason: 'PRECONDITION_REQUIRED' });
      for (const tag of ['*', looked.etag])
        expect(await activated({ 'if-match': tag })).toMatchObject({
          ...{ status: 412, reason: 'PRECONDITION_FAILED' },
        });
      expect((await readAgent(gateway, agentId)).agent).toMatchObject({ status: from, tags: ['finance'] });
    },
  );

  it('is guarded by If-Match where one is sent', async () => {
    const path = `/admin/agents/${await newAgent()}/status`;
    const stale = gateway.admin('PATCH', path, { status: 'inactive' }, { 'if-match': '"1"' });
    expect(await refusalOf(stale)).toMatchObject({ status: 412, reason: 'PRECONDITION_FAILED' });
  });
});

describe('an owner', () => {
  it('takes its own agent out and may not put it back', async () => {
    const agentId = await ownedAgent();
    expect((await setStatus(agentId, { status: 'inactive' }, olga)).status).toBe(200);
    for (const status of ['active', 'pending', 'quarantined']) {
      expect(await refusalOf(setStatus(agentId, { status }, olga))).toMatchObject({
        status: 403,
        reason: 'SCOPE_MISSING',
        metadata: { scope: 'gateway:admin' },
      });
    }
  });

  it('may not take its agent out of quarantine', async () => {
    const agentId = await ownedAgent();
    await setStatus(agentId, { status: 'quarantined', reason: 'leaks' });
    expect(await refusalOf(setStatus(agentId, { status: 'inactive' }, olga))).toMatchObject({ status: 403 });
    const read = await gateway.admin('GET', `/admin/agents/${agentId}`);
    expect(await read.json()).toMatchObject({ status: 'quarantined', statusReason: 'leaks' });
  });

  it('does everything else with its own agent', async () => {
    const agentId = await ownedAgent();
    const path = `/admin/agents/${agentId}`;
    const any = { 'if-match': '*' };
    expect((await olga('GET', path)).status).toBe(200);
    expect((await olga('PATCH', path, { tags: ['mine'] }, any)).status).toBe(200);
    expect((await olga('POST', `${path}/sync`)).status).toBe(200);
    expect((await olga('DELETE', path, undefined, any)).status).toBe(204);
  });

  it('puts an agent that is out before an administrator, by a change of what was approved', async () => {
    const agentId = await ownedAgent();
    await setStatus(agentId, { status: 'inactive' }, olga);
    const change = (body: unknown) => olga('PATCH', `/admin/agents/${agentId}`, body, { 'if-match': '*' });
    expect(await (await change({ authConfig: { type: 'none' } })).json()).toMatchObject({
      status: 'inactive',
    });
    expect(await (await change({ tags: ['x'] })).json()).toMatchObject({
      ...{ status: 'pending', statusReason: 'waits for an administrator' },
    });
    await setStatus(agentId, { status: 'quarantined', reason: 'leaks' });
    expect(await (await change({ tags: ['y'] })).json()).toMatchObject({
      ...{ status: 'quarantined', statusReason: 'leaks' },
    });
  });

  it('may not give its agent away', async () => {
    const path = `/admin/agents/${await ownedAgent()}`;
    const given = olga('PATCH', path, { owner: 'otto' }, { 'if-match': '*' });
    expect(await refusalOf(given)).toMatchObject({ status: 403, reason: 'SCOPE_MISSING' });
  });

  it("finds of somebody else's agent as much as of one that never was", async () => {
    const mine = `/admin/agents/${await ownedAgent()}`;
    const calls: [method: string, below: string, body?: unknown][] = [
      ['GET', ''],
      ['PATCH', '', { tags: [] }],
      ['DELETE', ''],
      ['POST', '/sync'],
      ['PATCH', '/status', { status: 'inactive' }],
    ];
    for (const [method, below, body] of calls) {
      const [hers, nobodys] = await Promise.all([
        otto(method, mine + below, body),
        otto(method, `/admin/agents/never-was${below}`, body),
      ]);
      expect([hers.status, await hers.text()], method + below).toEqual([404, await nobodys.text()]);
    }
  });

  it('is whom the administrator named, of their own issuer', async () => {
    const agentId = newId();
    await register(gateway, { agentId, owner: 'olga' });
    expect((await olga('GET', `/admin/agents/${agentId}`)).status).toBe(200);
  });

  it('lists its own agents only', async () => {
    const agentId = await ownedAgent();
    await newAgent();
    const { agents, totalSize } = await (await olga('GET', '/admin/agents?pageSize=100')).json();
    expect(agents.map((agent: { agentId: string }) => agent.agentId)).toContain(agentId);
    expect(new Set(agents.map(({ owner }: { owner: string }) => owner))).toEqual(new Set(['olga']));
    expect(totalSize).toBe(agents.length);
    expect(await (await otto('GET', '/admin/agents')).json()).toMatchObject({ agents: [], totalSize: 0 });
  });
});

describe('the list of agents', () => {
  let listing: TestGateway;
  const ids = Array.from({ length: 7 }, (_, index) => `listed-${index}`);

  beforeAll(async () => {
    listing = await startGateway({ registration: null });
    for (const [index, agentId] of ids.entries())
      await register(listing, { agentId, tags: index % 2 === 0 ? ['even', 'all'] : ['odd', 'all'] });
    await listing.admin('PATCH', '/admin/agents/listed-3/status', { status: 'inactive' });
  });

  afterAll(() => listing.close());

  async function list(query: string): Promise<{ ids: string[]; nextPageToken: string; totalSize: number }> {
    const { agents, ...page } = await (await listing.admin('GET', `/admin/agents?${query}`)).json();
    return { ids: agents.map(({ agentId }: { agentId: string }) => agentId), ...page };
  }

  it.each([1, 2, 3, 7, 100])(
    'joined from pages of %i is the whole, in the order of ids',
    async (pageSize) => {
      const joined: string[] = [];
      let pageToken = '';
      do {
        const page = await list(`pageSize=${pageSize}&pageToken=${pageToken}`);
        expect(page.totalSize).toBe(ids.length);
        joined.push(...page.ids);
        pageToken = page.nextPageToken;
      } while (pageToken !== '');
      expect(joined).toEqual(ids);
    },
  );

  it('is filtered by status and by tag, and counts what is left', async () => {
    expect(await list('status=inactive')).toMatchObject({ ids: ['listed-3'], totalSize: 1 });
    expect(await list('tag=even&pageSize=2')).toMatchObject({ ids: ['listed-0', 'listed-2'], totalSize: 4 });
    expect(await list('tag=odd&status=active')).toMatchObject({
      ids: ['listed-1', 'listed-5'],
      totalSize: 2,
    });
    expect(await list('tag=nobody')).toEqual({ ids: [], nextPageToken: '', totalSize: 0 });
  });

  it.each([
    ['pageSize', 'pageSize=0'],
    ['pageSize', 'pageSize=101'],
    ['pageSize', 'pageSize=1e1'],
    ['pageToken', 'pageToken=%C3%A9'],
    ['status', 'status=deleted'],
    ['status', 'status='],
  ])('names %s in %s', async (parameter, query) => {
    expect(await refusalOf(listing.admin('GET', `/admin/agents?${query}`))).toMatchObject({
      status: 400,
      reason: 'PARAMETER_INVALID',
      metadata: { parameter },
    });
  });
});
