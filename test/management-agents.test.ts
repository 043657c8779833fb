import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cites } from './support/cites.ts';
import { register, rpc, startGateway, type TestGateway } from './support/gateway.ts';
import { changeAgent, readAgent, refusalOf } from './support/management.ts';
import { answerJson, cardAt } from './support/scripted-agent.ts';

let gateway: TestGateway;
let count = 0;

beforeAll(async () => {
  gateway = await startGateway({ registration: null });
});

afterAll(() => gateway.close());

beforeEach(() => {
  gateway.agent.card(cardAt(gateway.agent.url));
  gateway.agent.script(answerJson({}, 404));
});

/** Registers an agent under a new id. */
async function newAgent(members: Record<string, unknown> = {}): Promise<string> {
  count += 1;
  const agentId = `agent-${count}`;
  await register(gateway, { agentId, ...members });
  return agentId;
}

function sync(agentId: string, headers: Record<string, string> = {}): Promise<Response> {
  return gateway.admin('POST', `/admin/agents/${agentId}/sync`, undefined, headers);
}

/** Of 0.3 over HTTP+JSON alone, which is not served. */
function unservedCard(): Record<string, unknown> {
  const { url } = gateway.agent;
  return cardAt(url, { supportedInterfaces: [{ url, protocolBinding: 'JSONRPC', protocolVersion: '2.0' }] });
}

describe('a change of an agent', () => {
  it('needs If-Match, and the current revision in it', async () => {
    cites('RFC-9110-13.1-if-match');
    const agentId = await newAgent();
    const { etag } = await readAgent(gateway, agentId);
    const blind = gateway.admin('PATCH', `/admin/agents/${agentId}`, { tags: ['a'] });
    expect(await refusalOf(blind)).toMatchObject({ status: 428, reason: 'PRECONDITION_REQUIRED' });
    const changed = await changeAgent(gateway, agentId, { tags: ['a'] });
    expect(changed.headers.get('etag')).not.toBe(etag);
    expect(await refusalOf(changeAgent(gateway, agentId, { tags: ['b'] }, etag))).toMatchObject({
      status: 412,
      reason: 'PRECONDITION_FAILED',
    });
    expect((await readAgent(gateway, agentId)).agent.tags).toEqual(['a']);
  });

  it('takes `*` and a list for If-Match, and no weak tag', async () => {
    const agentId = await newAgent();
    expect((await changeAgent(gateway, agentId, { tags: ['a'] }, '*')).status).toBe(200);
    const { etag } = await readAgent(gateway, agentId);
    expect((await changeAgent(gateway, agentId, { tags: ['b'] }, `"1", ${etag}`)).status).toBe(200);
    const { etag: later } = await readAgent(gateway, agentId);
    expect((await changeAgent(gateway, agentId, { tags: ['c'] }, `W/${later}`)).status).toBe(412);
  });

  it('of two that read the same revision lets one win', async () => {
    const agentId = await newAgent();
    const { etag } = await readAgent(gateway, agentId);
    const headers = { 'if-match': etag };
    const writes = ['a', 'b', 'c', 'd'].map((tag) =>
      gateway.admin('PATCH', `/admin/agents/${agentId}`, { tags: [tag] }, headers),
    );
    const statuses = (await Promise.all(writes)).map(({ status }) => status).sort();
    expect(statuses).toEqual([200, 412, 412, 412]);
  });

  it.each<[member: string, value: unknown]>([
    ['tags', ['finance', 'eu']],
    ['owner', 'olga'],
    ['publicCard', true],
  ])('sets %s and nothing else', async (member, value) => {
    const agentId = await newAgent({ tags: ['before'] });
    const { agent: before } = await readAgent(gateway, agentId);
    const response = await changeAgent(gateway, agentId, { [member]: value });
    const { updatedAt: _, ...expected } = { ...before, [member]: value };
    expect(await response.json()).toMatchObject(expected);
  });

  it.each<[parameter: string, body: Record<string, unknown>]>([
    ['agentId', { agentId: 'another' }],
    ['status', { status: 'active' }],
    ['tags.0', { tags: [''] }],
    ['agentCardUrl', { agentCardUrl: null }],
    ['backendUrl', { backendUrl: 'nowhere' }],
    ['backendUrl', { backendUrl: 'http://10.0.0.1' }],
    ['authConfig.tokenUrl', { authConfig: { type: 'oauth2_client_credentials', clientId: 'c' } }],
    ['publicCard', { publicCard: null }],
  ])('names %s in %j', async (parameter, body) => {
    const agentId = await newAgent();
    expect(await refusalOf(changeAgent(gateway, agentId, body))).toMatchObject({
      reason: 'PARAMETER_INVALID',
      metadata: { parameter },
    });
  });
});

describe('a sync', () => {
  it('answers what changed of the card', async () => {
    const agentId = await newAgent();
    gateway.agent.card(
      cardAt(gateway.agent.url, { name: 'Renamed', iconUrl: 'https://icons.example/1.png' }),
    );
    const response = await sync(agentId);
    expect(response.headers.get('etag')).toBe((await readAgent(gateway, agentId)).etag);
    expect(await response.json()).toMatchObject({
      agentCard: { name: 'Renamed' },
      diff: {
        changes: expect.arrayContaining([
          { path: '/name', before: '"Scripted"', after: '"Renamed"' },
          { path: '/iconUrl', after: '"https://icons.example/1.png"' },
        ]),
        more: 0,
      },
    });
    expect(await (await sync(agentId)).json()).toMatchObject({ diff: { changes: [], more: 0 } });
  });

  it('that fails leaves everything as it was', async () => {
    const agentId = await newAgent();
    const before = await readAgent(gateway, agentId);
    gateway.agent.card('<html>');
    expect(await refusalOf(sync(agentId))).toMatchObject({ status: 422, reason: 'CARD_INVALID' });
    expect(await readAgent(gateway, agentId)).toEqual(before);
  });

  it('guards against another write only when asked to', async () => {
    const agentId = await newAgent();
    expect(await refusalOf(sync(agentId, { 'if-match': '"1"' }))).toMatchObject({ status: 412 });
    expect((await sync(agentId)).status).toBe(200);
  });

  it('takes an agent out whose card cannot be served, until it can and an administrator says so', async () => {
    const agentId = await newAgent();
    gateway.agent.card(unservedCard());
    const { status, statusReason } = await (await sync(agentId)).json();
    expect({ status, statusReason }).toEqual({ status: 'inactive', statusReason: expect.any(String) });

    gateway.agent.card(cardAt(gateway.agent.url));
    const back = await (await sync(agentId)).json();
    expect(back.status).toBe('inactive');
    expect(back).not.toHaveProperty('statusReason');
    const activated = await gateway.admin('PATCH', `/admin/agents/${agentId}/status`, { status: 'active' });
    expect(activated.status).toBe(200);
  });
});

describe('a deleted agent', () => {
  it('needed If-Match to go, and is unknown after', async () => {
    const agentId = await newAgent();
    const { etag } = await readAgent(gateway, agentId);
    const remove = (headers: Record<string, string>) =>
      gateway.admin('DELETE', `/admin/agents/${agentId}`, undefined, headers);
    expect(await refusalOf(remove({}))).toMatchObject({ status: 428 });
    expect(await refusalOf(remove({ 'if-match': '"1"' }))).toMatchObject({ status: 412 });
    expect((await remove({ 'if-match': etag })).status).toBe(204);
    expect(await refusalOf(remove({ 'if-match': etag }))).toMatchObject({
      status: 404,
      reason: 'AGENT_NOT_FOUND',
    });
  });

  it('looks to callers like one that never was', async () => {
    const agentId = await newAgent();
    await gateway.admin('PUT', '/admin/permissions/demo', { allowedAgents: [agentId, 'never-was'] });
    const send = (id: string) => gateway.fetch(`/agents/${id}`, rpc('GetTask', { id: 't-1' }));
    expect((await send(agentId)).status).not.toBe(403);
    await gateway.admin('DELETE', `/admin/agents/${agentId}`, undefined, { 'if-match': '*' });
    const [deleted, unknown] = await Promise.all([send(agentId), send('never-was')]);
    expect([deleted.status, await deleted.text()]).toEqual([403, await unknown.text()]);
  });

  it('leaves its id free, and no entity tag of before fits what takes it', async () => {
    const agentId = await newAgent();
    const { etag } = await readAgent(gateway, agentId);
    await gateway.admin('DELETE', `/admin/agents/${agentId}`, undefined, { 'if-match': '*' });
    await register(gateway, { agentId });
    expect(await refusalOf(changeAgent(gateway, agentId, { tags: ['a'] }, etag))).toMatchObject({
      status: 412,
    });
  });
});
