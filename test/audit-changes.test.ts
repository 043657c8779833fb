import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { managementRoutes } from '../src/http/management-routes.ts';
import { permit, register, startGateway, type TestGateway } from './support/gateway.ts';
import { startPushStand } from './support/push-stand.ts';
import { type Receiver, startReceiver } from './support/receiver.ts';
import { cardAt } from './support/scripted-agent.ts';

/** What the trail tells of changes that management makes: each of them, once, and nothing else. */

let gateway: TestGateway;
let receiver: Receiver;

beforeAll(async () => {
  [gateway, receiver] = await Promise.all([startGateway({ registration: null }), startReceiver()]);
});
afterAll(() => Promise.all([gateway.close(), receiver.close()]));

type Change = Record<string, unknown> & { before?: Record<string, unknown>; after?: Record<string, unknown> };

/** All changes, the newest first. */
async function changes(query = ''): Promise<Change[]> {
  const all: Change[] = [];
  for (let token = ''; ; ) {
    const page = await gateway.admin(
      'GET',
      `/admin/audit?event=change&pageSize=100&pageToken=${token}${query}`,
    );
    expect(page.status).toBe(200);
    const { records, nextPageToken } = (await page.json()) as { records: Change[]; nextPageToken: string };
    all.push(...records);
    if (nextPageToken === '') return all;
    token = nextPageToken;
  }
}

let count = 0;

const admin: TestGateway['admin'] = (...request) => gateway.admin(...request);

async function agent(): Promise<{ path: string; etag: string; agentId: string }> {
  const agentId = `agent-${count++}`;
  gateway.agent.card(cardAt(gateway.agent.url));
  await register(gateway, { agentId });
  return agentAt(agentId);
}

async function agentAt(agentId: string): Promise<{ path: string; etag: string; agentId: string }> {
  const path = `/admin/agents/${agentId}`;
  return { path, agentId, etag: (await admin('GET', path)).headers.get('etag') ?? '' };
}

/** An agent whose card waits. */
async function candidate(): Promise<{ path: string; etag: string }> {
  const { path } = await agent();
  const securitySchemes = { key: { apiKeySecurityScheme: { location: 'header', name: 'x-key' } } };
  gateway.agent.card(cardAt(gateway.agent.url, { securitySchemes }));
  expect((await admin('POST', `${path}/sync`)).status).toBe(202);
  const candidatePath = `${path}/candidate`;
  return { path: candidatePath, etag: (await admin('GET', candidatePath)).headers.get('etag') ?? '' };
}

async function deadLetter(): Promise<string> {
  const push = await startPushStand(gateway.dataDir);
  receiver.answer(() => 410);
  const pushId = await push.webhook({ url: receiver.url }, { agentId: 'agent-x', taskId: 'task' });
  const deliveryId = await push.accept(pushId, '{}', 'application/json', 'agent-x');
  await push.workOut(pushId);
  receiver.answer(() => 204);
  return `/admin/push/dead-letters/${deliveryId}`;
}

async function permission(): Promise<string> {
  const scope = `scope-${count++}`;
  await permit(gateway, scope, { allowedAgents: ['a'] });
  return `/admin/permissions/${scope}`;
}

function revoke(): Promise<Response> {
  const subject = `subject-${count++}`;
  return admin('POST', '/admin/revocations', { kind: 'principal', issuer: gateway.issuer.issuer, subject });
}

/** What each route is, as the trail names it, and how it is made to write; what comes before is not looked at. */
const writes: Record<string, { action: string; prepare(): Promise<() => Promise<Response>> }> = {
  'POST /admin/agents': {
    action: 'agent.register',
    prepare: async () => {
      gateway.agent.card(cardAt(gateway.agent.url));
      const body = { agentId: `agent-${count++}`, agentCardUrl: gateway.agent.cardUrl };
      return () => admin('POST', '/admin/agents', body);
    },
  },
  'PATCH /admin/agents/{agentId}': {
    action: 'agent.update',
    prepare: async () => {
      const { path, etag } = await agent();
      return () => admin('PATCH', path, { tags: ['x'] }, { 'if-match': etag });
    },
  },
  'DELETE /admin/agents/{agentId}': {
    action: 'agent.delete',
    prepare: async () => {
      const { path, etag } = await agent();
      return () => admin('DELETE', path, undefined, { 'if-match': etag });
    },
  },
  'PATCH /admin/agents/{agentId}/status': {
    action: 'agent.setStatus',
    prepare: async () => {
      const { path } = await agent();
      return () => admin('PATCH', `${path}/status`, { status: 'inactive', reason: 'x' });
    },
  },
  'POST /admin/agents/{agentId}/sync': {
    action: 'card.sync',
    prepare: async () => {
      const { path } = await agent();
      return () => admin('POST', `${path}/sync`);
    },
  },
  'POST /admin/agents/{agentId}/candidate/approve': {
    action: 'card.approve',
    prepare: async () => {
      const { path, etag } = await candidate();
      return () => admin('POST', `${path}/approve`, undefined, { 'if-match': etag });
    },
  },
  'DELETE /admin/agents/{agentId}/candidate': {
    action: 'card.reject',
    prepare: async () => {
      const { path, etag } = await candidate();
      return () => admin('DELETE', path, undefined, { 'if-match': etag });
    },
  },
  'POST /admin/agents/{agentId}/rollback': {
    action: 'card.rollBack',
    prepare: async () => {
      const { path, etag } = await agent();
      return () => admin('POST', `${path}/rollback`, { version: 1 }, { 'if-match': etag });
    },
  },
  'PUT /admin/permissions/{scope}': {
    action: 'permission.set',
    prepare: async () => {
      const path = await permission();
      return () => admin('PUT', path, { allowedAgents: ['b'] });
    },
  },
  'DELETE /admin/permissions/{scope}': {
    action: 'permission.delete',
    prepare: async () => {
      const path = await permission();
      return () => admin('DELETE', path);
    },
  },
  'POST /admin/push/dead-letters/{deliveryId}/retry': {
    action: 'deadLetter.retry',
    prepare: async () => {
      const path = await deadLetter();
      return () => admin('POST', `${path}/retry`);
    },
  },
  'DELETE /admin/push/dead-letters/{deliveryId}': {
    action: 'deadLetter.delete',
    prepare: async () => {
      const path = await deadLetter();
      return () => admin('DELETE', path);
    },
  },
  'POST /admin/revocations': { action: 'revocation.make', prepare: async () => revoke },
  'DELETE /admin/revocations/{revocationId}': {
    action: 'revocation.lift',
    prepare: async () => {
      const { revocationId } = (await (await revoke()).json()) as { revocationId: string };
      return () => admin('DELETE', `/admin/revocations/${revocationId}`);
    },
  },
};

/** Routes that are asked like one that writes, and write nothing. */
const reads = ['POST /admin/permissions/explain'];

describe('every route of management that writes', () => {
  it('is one of those tried here', () => {
    const writing = managementRoutes
      .filter(({ method, access }) => method !== 'GET' && (access === 'admin' || access === 'manager'))
      .map(({ method, path }) => `${method} ${path}`)
      .filter((route) => !reads.includes(route));
    expect(writing.toSorted()).toEqual(Object.keys(writes).toSorted());
  });

  it.each(Object.entries(writes))('%s is told of once, by whom and in which request', async (_, route) => {
    const write = await route.prepare();
    const before = await changes();
    const response = await write();
    expect(response.ok).toBe(true);
    const told = (await changes()).slice(0, -before.length || undefined);
    expect(told).toEqual([
      expect.objectContaining({
        ...{ event: 'change', action: route.action, issuer: gateway.issuer.issuer },
        ...{ subject: 'admin', clientId: 'admin', target: expect.stringMatching(/./) },
        requestId: response.headers.get('x-request-id'),
      }),
    ]);
  });
});

describe('a change', () => {
  it('is told with what was there before and what is there after, as management shows it', async () => {
    const { path, etag, agentId } = await agent();
    const before = await (await admin('GET', path)).json();
    const response = await admin('PATCH', path, { tags: ['after'] }, { 'if-match': etag });
    const [change] = await changes(`&agentId=${agentId}`);
    expect(change).toMatchObject({ target: agentId, agentId, before });
    expect(change?.after).toEqual(await response.json());
    await admin('DELETE', path, undefined, { 'if-match': (await agentAt(agentId)).etag });
    const told = await changes(`&agentId=${agentId}`);
    expect(told.map(({ action }) => action)).toEqual(['agent.delete', 'agent.update', 'agent.register']);
    expect(told.map((one) => [one.before !== undefined, one.after !== undefined])).toEqual([
      ...[[true, false]],
      ...[[true, true]],
      ...[[false, true]],
    ]);
  });

  it('is told of permissions in the same way', async () => {
    const path = await permission();
    const before = await (await admin('GET', path)).json();
    const after = await (await admin('PUT', path, { allowedAgents: ['b'], operations: ['read'] })).json();
    expect((await changes())[0]).toMatchObject({ action: 'permission.set', before, after });
  });

  it.each<[string, () => Promise<Response>]>([
    ['a lost race', async () => admin('PATCH', (await agent()).path, { tags: [] }, { 'if-match': '"1"' })],
    ['no condition', async () => admin('PATCH', (await agent()).path, { tags: [] })],
    [
      'an id that is taken',
      async () => {
        const { agentId } = await agent();
        return admin('POST', '/admin/agents', { agentId, agentCardUrl: gateway.agent.cardUrl });
      },
    ],
    ['what is not there', () => admin('DELETE', '/admin/permissions/nobody')],
    ['a letter that is not there', () => admin('POST', '/admin/push/dead-letters/nobody/retry')],
    [
      'a permission guarded by another',
      async () => admin('PUT', await permission(), { allowedAgents: [] }, { 'if-match': '"1"' }),
    ],
    ['a caller without the scope', async () => gateway.fetch(await permission(), { method: 'DELETE' })],
  ])('that is refused for %s is none', async (_, refused) => {
    const last = async () => (await changes())[0];
    const response = await refused();
    expect(response.ok).toBe(false);
    expect(await last()).not.toMatchObject({ requestId: response.headers.get('x-request-id') });
  });

  it('that is only tried is none', async () => {
    const body = { agentId: `agent-${count++}`, agentCardUrl: gateway.agent.cardUrl };
    const before = await changes();
    expect((await admin('POST', '/admin/agents?validateOnly=true', body)).status).toBe(200);
    expect(await changes()).toEqual(before);
  });

  it('is told once of many made at the same time, and the chain is whole after', async () => {
    const scopes = Array.from({ length: 8 }, () => `many-${count++}`);
    const before = await changes();
    await Promise.all(
      scopes.map((scope) => admin('PUT', `/admin/permissions/${scope}`, { allowedAgents: [] })),
    );
    const told = (await changes()).slice(0, -before.length || undefined);
    expect(told.map(({ target }) => target).toSorted()).toEqual(scopes.toSorted());
    const sequences = told.map(({ sequence }) => Number(sequence));
    expect(sequences).toEqual(sequences.map((_, n) => (sequences[0] ?? 0) - n));
  });
});
