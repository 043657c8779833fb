import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cites } from '../support/cites.ts';
import { permit, register, rpc, startGateway, type TestGateway } from '../support/gateway.ts';
import { legacyCardAt, legacyMethod, legacyOperations } from '../support/legacy.ts';
import { errorInfo } from '../support/raw.ts';

let gateway: TestGateway;

/** Ids of one length, so that what is answered about them can be compared byte for byte. */
const forbidden = {
  unknown: 'agent-0',
  active: 'agent-1',
  inactive: 'agent-2',
  pending: 'agent-3',
  quarantined: 'agent-4',
  /** Active, and speaks 0.3. */
  legacy: 'agent-6',
} as const;
const tags = ['secret-project'];

beforeAll(async () => {
  gateway = await startGateway({ registration: { tags: ['open'] } });
  for (const [status, agentId] of Object.entries(forbidden)) {
    if (status === 'unknown' || status === 'legacy') continue;
    await register(gateway, { agentId, tags });
    const answer = await gateway.admin('PATCH', `/admin/agents/${agentId}/status`, { status });
    expect(answer.status).toBe(200);
  }
  gateway.agent.card(legacyCardAt(gateway.agent.url));
  await register(gateway, { agentId: forbidden.legacy, tags });
  await permit(gateway, 'nothing', { allowedAgents: [], operations: ['send', 'read'] });
  await permit(gateway, 'no-operations', { allowedAgents: ['*'], operations: [] });
  await permit(gateway, 'team', { allowedAgents: ['agent-1', 'agent-2', 'agent-3', 'agent-4'] });
});
afterAll(() => gateway.close());
afterEach(() => expect(gateway.agent.seen.splice(0)).toEqual([]));

const message = { messageId: 'm-1', role: 'ROLE_USER', parts: [{ text: 'hello' }] };
const json = { headers: { 'content-type': 'application/json' } };

/** The request as one of 0.3, which names no version. */
function legacy(request: RequestInit): RequestInit {
  return { ...request, headers: { ...json.headers, 'a2a-version': '' } };
}

/** Every A2A route and method there is, and some there are not. */
const calls: readonly (readonly [path: string, init?: RequestInit])[] = [
  ...[
    'SendMessage',
    'SendStreamingMessage',
    'GetTask',
    'ListTasks',
    'CancelTask',
    'SubscribeToTask',
    'CreateTaskPushNotificationConfig',
    'GetTaskPushNotificationConfig',
    'ListTaskPushNotificationConfigs',
    'DeleteTaskPushNotificationConfig',
    'GetExtendedAgentCard',
    'NoSuchMethod',
  ].flatMap((method) => [
    ['', rpc(method, { message })] as const,
    ['/', rpc(method, { id: 't-1' })] as const,
  ]),
  ...legacyOperations.map(
    (operation) => ['', legacy(rpc(legacyMethod(operation), { message, id: 't-1' }))] as const,
  ),
  ['', legacy(rpc('NoSuchMethod'))],
  ['', { method: 'POST', ...json, body: 'not JSON' }],
  ['', { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'x' }],
  ['', { method: 'POST', headers: { 'a2a-version': '9.9' }, body: '{}' }],
  ['/message:send', { method: 'POST', ...json, body: JSON.stringify({ message }) }],
  ['/message:stream', { method: 'POST', ...json, body: JSON.stringify({ message }) }],
  ['/message:send', { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'x' }],
  ['/tasks/t-1'],
  ['/tasks'],
  ['/tasks?tenant=x'],
  ['/tasks/t-1:cancel', { method: 'POST' }],
  ['/tasks/t-1:subscribe', { method: 'POST' }],
  ['/tasks/t-1:subscribe'],
  ['/tasks/t-1/pushNotificationConfigs', { method: 'POST', ...json, body: '{}' }],
  ['/tasks/t-1/pushNotificationConfigs'],
  ['/tasks/t-1/pushNotificationConfigs/c-1'],
  ['/tasks/t-1/pushNotificationConfigs/c-1', { method: 'DELETE' }],
  ['/extendedAgentCard'],
  ['/.well-known/agent-card.json'],
  ['/.well-known/agent-card.json/'],
  ['/.well-known/agent-card.json', { method: 'HEAD' }],
  ['/.well-known/agent-card.json', { headers: { 'if-none-match': '*' } }],
  ['/.well-known/agent-card.json', { headers: { 'a2a-version': '0.3' } }],
  ['/.well-known/agent-card.json', { headers: { 'a2a-version': '' } }],
  ['/.well-known/agent.json'],
  ['/tasks', { method: 'OPTIONS' }],
  ['/tasks', { method: 'HEAD' }],
  ['/tasks', { method: 'PUT', ...json, body: '{}' }],
  ['/no/such/route', { method: 'POST', body: 'x' }],
];
const titled = calls.map(([path, init = {}]) => {
  const body = typeof init.body === 'string' ? init.body.slice(0, 60) : '';
  return [`${init.method ?? 'GET'} ${path === '' ? '{agent}' : path} ${body}`, path, init] as const;
});

/** Status, headers and body without what differs between any two answers, the agent's id put in one form. */
async function bytesOf(answer: Response, agentId: string): Promise<string> {
  const headers = [...answer.headers].filter(([name]) => name !== 'x-request-id' && name !== 'date');
  const all = JSON.stringify([answer.status, headers, await answer.text()]);
  return all.replaceAll(agentId, '{agentId}');
}

async function answersTo(path: string, init: RequestInit, authorization?: string): Promise<Set<string>> {
  const answers = Object.values(forbidden).map(async (agentId) => {
    const url = `/agents/${agentId}${path}`;
    const headers = new Headers({ 'a2a-version': '1.0', ...init.headers });
    if (authorization !== undefined) headers.set('authorization', authorization);
    return bytesOf(await fetch(gateway.url + url, { ...init, headers }), agentId);
  });
  return new Set(await Promise.all(answers));
}

async function bearer(claims: Record<string, unknown> = {}): Promise<string> {
  return `Bearer ${await gateway.issuer.token(claims)}`;
}

describe('an agent one may not call looks like one that does not exist', () => {
  beforeEach(() => cites('A2A-3.3.2-not-found', 'JSON-RPC 1.0', 'HTTP+JSON 1.0'));

  it.each(titled)('to a caller of other agents: %s', async (_, path, init) => {
    const answers = await answersTo(path, init, await bearer());
    expect(answers.size).toBe(1);
    expect(JSON.parse([...answers][0] ?? '')[0]).toBe(403);
  });

  it.each(titled)('without a token: %s', async (_, path, init) => {
    cites('A2A-7.4-authenticate', 'A2A-13.3-authenticated', 'JSON-RPC 1.0', 'HTTP+JSON 1.0');
    const answers = await answersTo(path, init);
    expect(answers.size).toBe(1);
    expect(JSON.parse([...answers][0] ?? '')[0]).toBe(401);
  });

  it.each(titled.slice(-19))('with a bad token: %s', async (_, path, init) => {
    cites('A2A-7.4-authenticate', 'JSON-RPC 1.0', 'HTTP+JSON 1.0');
    const answers = await answersTo(path, init, 'Bearer a.b.c');
    expect(answers.size).toBe(1);
    expect(JSON.parse([...answers][0] ?? '')[0]).toBe(401);
  });

  it.each([
    ['no scope', ''],
    ['a scope nobody set', 'unheard-of'],
    ['a scope of an empty list', 'nothing'],
    ['a scope of every agent and no operation', 'no-operations'],
    ['administration alone', 'gateway:admin gateway:register'],
    ['the name of an agent', 'agent-1'],
    ['a pattern for a scope', '* agent-* tag:open'],
  ])('to a caller with %s', async (_, scope) => {
    const authorization = await bearer({ scope });
    for (const [path, init] of [
      ['', rpc('ListTasks')],
      ['/tasks', {}],
      ['/.well-known/agent-card.json', {}],
    ] as const) {
      const answers = await answersTo(path, init, authorization);
      expect(answers.size).toBe(1);
      expect(JSON.parse([...answers][0] ?? '')[0]).toBe(403);
    }
  });

  it('but says to who may call it that it is not active', async () => {
    const authorization = await bearer({ scope: 'team' });
    for (const status of ['inactive', 'pending', 'quarantined'] as const) {
      const answer = await gateway.fetch(`/agents/${forbidden[status]}/tasks`, {
        headers: { authorization },
      });
      expect(errorInfo(await answer.text())).toEqual({ reason: 'AGENT_INACTIVE', metadata: { status } });
    }
  });
});

describe('the list of agents', () => {
  async function list(query: string, scope = 'demo'): Promise<Record<string, unknown>> {
    const authorization = await bearer({ scope });
    const answer = await gateway.fetch(`/agents${query}`, { headers: { authorization } });
    return (await answer.json()) as Record<string, unknown>;
  }

  it.each([
    '',
    '?pageSize=1',
    '?tag=open',
    `?pageToken=${btoa('agent')}&pageSize=100`,
    '?status=inactive',
    '?patterns=*',
  ])('neither shows nor counts what one may not call: %s', async (query) => {
    const { agents, totalSize, nextPageToken } = await list(query);
    const after = query.includes('pageToken');
    expect(agents).toEqual(after ? [] : [expect.objectContaining({ agentId: 'agent' })]);
    expect([totalSize, nextPageToken]).toEqual([1, '']);
  });

  it('shows and counts nothing for a tag of agents one may not call', async () => {
    const known = await list(`?tag=${tags[0]}`);
    expect(known).toEqual({ agents: [], totalSize: 0, nextPageToken: '' });
    expect(await list('?tag=no-such-tag')).toEqual(known);
  });

  it('has nothing for who may do nothing, administrators included', async () => {
    for (const scope of ['', 'nothing', 'no-operations', 'gateway:admin', '* tag:open']) {
      expect(await list('', scope)).toEqual({ agents: [], totalSize: 0, nextPageToken: '' });
    }
  });

  it('leaves out what is not active, for who may call it too', async () => {
    expect(await list('', 'team')).toMatchObject({ agents: [{ agentId: 'agent-1' }], totalSize: 1 });
    expect(await list(`?tag=${tags[0]}`, 'team')).toMatchObject({ totalSize: 1 });
  });

  it('pages by position and not by right: a token of another caller opens nothing', async () => {
    await permit(gateway, 'both', { allowedAgents: ['agent', 'agent-1'] });
    const { nextPageToken } = await list('?pageSize=1', 'both');
    expect(nextPageToken).not.toBe('');
    expect(await list(`?pageToken=${nextPageToken}`)).toEqual({
      agents: [],
      totalSize: 1,
      nextPageToken: '',
    });
  });

  it('names in cards only scopes of this caller', async () => {
    const text = JSON.stringify(await list('', 'both'));
    expect(text).toContain('"both"');
    for (const scope of ['demo', 'team', 'no-operations']) expect(text).not.toContain(`"${scope}"`);
  });
});

describe('a public card', () => {
  it('may be read by anyone, and nothing else of the agent', async () => {
    await register(gateway, { agentId: 'agent-5', publicCard: true, tags });
    const card = '/agents/agent-5/.well-known/agent-card.json';
    for (const headers of [
      {},
      { authorization: 'Bearer a.b.c' },
      { authorization: await bearer({ scope: '' }) },
    ]) {
      const answer = await fetch(gateway.url + card, { headers });
      expect(answer.status).toBe(200);
      expect(await answer.text()).not.toContain(gateway.agent.url);
    }
    const others = await fetch(`${gateway.url}/agents/agent-5/extendedAgentCard`);
    expect(others.status).toBe(401);
    expect((await gateway.fetch('/agents/agent-5/tasks')).status).toBe(403);
  });

  it.each(['inactive', 'pending', 'quarantined'])('is not public while the agent is %s', async (status) => {
    await gateway.admin('PATCH', '/admin/agents/agent-5/status', { status });
    const path = '/.well-known/agent-card.json';
    for (const authorization of [undefined, await bearer()]) {
      const headers = authorization === undefined ? {} : { authorization };
      const one = await fetch(`${gateway.url}/agents/agent-5${path}`, { headers });
      const unknown = await fetch(`${gateway.url}/agents/agent-0${path}`, { headers });
      expect(await bytesOf(one, 'agent-5')).toBe(await bytesOf(unknown, 'agent-0'));
    }
  });
});
