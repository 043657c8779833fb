import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { register, startGateway, type TestGateway } from './support/gateway.ts';
import { type Caller, clientCredentials, ownerCaller, readAgent, refusalOf } from './support/management.ts';
import { cardAt, type ScriptedAgent, startScriptedAgent } from './support/scripted-agent.ts';

/** Cards that wait for an administrator: which do, what is shown of them, and what ends the waiting. */

let gateway: TestGateway;
let other: ScriptedAgent;
let olga: Caller;

beforeAll(async () => {
  [gateway, other] = await Promise.all([startGateway({ registration: null }), startScriptedAgent()]);
  olga = await ownerCaller(gateway, 'olga');
});
afterAll(() => Promise.all([gateway.close(), other.close()]));

let count = 0;
let agentId: string;
let path: string;
beforeEach(async () => {
  gateway.agent.card(cardAt(gateway.agent.url));
  agentId = `agent-${count++}`;
  path = `/admin/agents/${agentId}`;
  await register(gateway, {
    agentId,
    owner: 'olga',
    agentCardUrl: gateway.agent.cardUrl,
    backend: { type: 'http', urls: [gateway.agent, other].map(({ url }) => ({ url })) },
  });
});

const schemes = { key: { apiKeySecurityScheme: { location: 'header', name: 'x-key' } } };

/** A card with this interface beside those it had. */
function withInterface(members: Record<string, unknown>): Record<string, unknown> {
  const { url } = gateway.agent;
  const card = cardAt(url);
  const entry = { url: `${url}/v1`, protocolBinding: 'HTTP+JSON', protocolVersion: '0.3', ...members };
  return { ...card, supportedInterfaces: [...(card.supportedInterfaces as unknown[]), entry] };
}

async function sync(card: Record<string, unknown>, as: Caller = gateway.admin): Promise<Response> {
  gateway.agent.card(card);
  return as('POST', `${path}/sync`);
}

async function waiting(as: Caller = gateway.admin) {
  const response = await as('GET', `${path}/candidate`);
  expect(response.status).toBe(200);
  return { body: await response.json(), etag: response.headers.get('etag') ?? '' };
}

function approve(etag: string | undefined, as: Caller = gateway.admin): Promise<Response> {
  const headers = etag === undefined ? {} : { 'if-match': etag };
  return as('POST', `${path}/candidate/approve`, undefined, headers);
}

describe('a card that is fetched again', () => {
  it.each<[what: string, kind: string, path: string, card: () => Record<string, unknown>]>([
    [
      'another origin of a known host',
      'origin',
      '/supportedInterfaces/2/url',
      () => withInterface({ url: `${other.url}/rpc` }),
    ],
    ['a tenant', 'tenant', '/supportedInterfaces/2/tenant', () => withInterface({ tenant: 'blue' })],
    [
      'security',
      'security',
      '/securitySchemes',
      () => cardAt(gateway.agent.url, { securitySchemes: schemes }),
    ],
    [
      'security of 0.3',
      'security',
      '/security',
      () => cardAt(gateway.agent.url, { security: [{ key: [] }] }),
    ],
  ])('waits where it brings %s, and the old one is served', async (_, kind, at, card) => {
    const before = await readAgent(gateway, agentId);
    const response = await sync({ ...card(), description: 'New.' });
    expect(response.status).toBe(202);
    const answer = await response.json();
    expect(answer.agentCard).toEqual(before.agent.agentCard);
    expect(answer.cardVersion).toBe(1);
    expect(answer.candidate.risks).toEqual([{ kind, path: at, detail: expect.any(String) }]);
    expect(answer.diff.changes).toContainEqual({
      path: '/description',
      before: '"Answers what it is told to."',
      after: '"New."',
    });
  });

  it('waits where it comes from another origin than before', async () => {
    const redirecting = await startScriptedAgent();
    redirecting.script(
      (_request, response) => void response.writeHead(302, { location: gateway.agent.cardUrl }).end(),
    );
    const moved = `${redirecting.url}/moved`;
    const body = { agentCardUrl: moved, backendUrl: gateway.agent.url, backend: null };
    expect((await gateway.admin('PATCH', path, body, { 'if-match': '*' })).status).toBe(200);
    other.card(cardAt(gateway.agent.url));
    redirecting.script(
      (_request, response) => void response.writeHead(302, { location: other.cardUrl }).end(),
    );
    expect((await sync(cardAt(gateway.agent.url))).status).toBe(202);
    expect((await waiting()).body.risks).toMatchObject([{ kind: 'origin', path: '' }]);
    await redirecting.close();
  });

  it('is taken where it brings none of that, whoever asks for it', async () => {
    for (const as of [gateway.admin, olga]) {
      const skills = [{ id: as === olga ? 'owners' : 'admins', name: 'New', description: 'New.', tags: [] }];
      const url = gateway.agent.url;
      const response = await sync({ ...withInterface({ url: `${url}/other` }), skills }, as);
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({ agentCard: { skills } });
    }
    expect((await readAgent(gateway, agentId)).agent.cardVersion).toBe(3);
  });

  it('is the same version where it is the same card, however it is written', async () => {
    const card = Object.fromEntries(Object.entries(cardAt(gateway.agent.url)).reverse());
    const response = await sync({ ...card, securitySchemes: {}, security: [] });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ cardVersion: 1, diff: { changes: [], more: 0 } });
  });

  it('is taken of an agent that waits for approval itself, where all is judged then', async () => {
    await gateway.admin('PATCH', `${path}/status`, { status: 'pending' });
    expect((await sync(withInterface({ tenant: 'blue' }), olga)).status).toBe(200);
    await gateway.admin('PATCH', `${path}/status`, { status: 'inactive' });
    expect((await sync(withInterface({ tenant: 'red' }), olga)).status).toBe(202);
  });

  it('is refused where its security is longer or deeper than anybody needs', async () => {
    const long = sync(cardAt(gateway.agent.url, { security: [{ key: ['x'.repeat(20_000)] }] }));
    expect(await refusalOf(long)).toMatchObject({ reason: 'CARD_INVALID', metadata: { path: '/security' } });
    let deep: unknown = {};
    for (let level = 0; level < 20; level++) deep = { a: deep };
    const nested = sync(cardAt(gateway.agent.url, { securitySchemes: { deep } }));
    expect(await refusalOf(nested)).toMatchObject({ reason: 'CARD_INVALID' });
  });
});

describe('a candidate', () => {
  it('is shown with its card, what is risky, and how it differs', async () => {
    await sync(cardAt(gateway.agent.url, { securitySchemes: schemes }), olga);
    const { body } = await waiting(olga);
    expect(body).toMatchObject({
      agentCard: { name: 'Scripted' },
      declaredSecurity: { securitySchemes: schemes },
      risks: [{ kind: 'security' }],
      cardOrigin: gateway.agent.url,
      diff: { changes: [], more: 0 },
    });
  });

  it('is served once an administrator approves it, as the next version', async () => {
    await sync(withInterface({ tenant: 'blue' }), olga);
    const approved = await approve((await waiting()).etag);
    expect(approved.status).toBe(200);
    const { agent } = await readAgent(gateway, agentId);
    expect(await approved.json()).toMatchObject({ cardVersion: 2, diff: { more: 0 } });
    expect(agent).toMatchObject({ cardVersion: 2, status: 'active' });
    expect(agent).not.toHaveProperty('candidate');
    expect(await refusalOf(gateway.admin('GET', `${path}/candidate`))).toMatchObject({
      ...{ status: 404, reason: 'CARD_NOT_FOUND' },
    });
    expect((await sync(withInterface({ tenant: 'blue' }), olga)).status).toBe(200);
  });

  it('is the one that was looked at', async () => {
    await sync(withInterface({ tenant: 'blue' }));
    const { etag } = await waiting();
    await sync(withInterface({ tenant: 'red' }));
    for (const stale of [etag, '*', '"1"'])
      expect(await refusalOf(approve(stale))).toMatchObject({ status: 412 });
    expect(await refusalOf(approve(undefined))).toMatchObject({ status: 428 });
    expect((await readAgent(gateway, agentId)).agent.cardVersion).toBe(1);
    await sync(withInterface({ tenant: 'blue' }));
    expect((await waiting()).etag).toBe(etag);
    expect((await approve(etag)).status).toBe(200);
  });

  it('is dropped when it is rejected, and when the served card is found again', async () => {
    await sync(withInterface({ tenant: 'blue' }));
    const { etag } = await waiting();
    const rejected = await gateway.admin('DELETE', `${path}/candidate`, undefined, { 'if-match': etag });
    expect(rejected.status).toBe(200);
    expect(await rejected.json()).not.toHaveProperty('candidate');
    expect((await sync(withInterface({ tenant: 'blue' }))).status).toBe(202);
    expect((await sync(cardAt(gateway.agent.url))).status).toBe(200);
    expect((await readAgent(gateway, agentId)).agent).not.toHaveProperty('candidate');
  });

  it('is dropped when the agent moves, and stays through any other change', async () => {
    await sync(withInterface({ tenant: 'blue' }));
    const authConfig = clientCredentials(gateway);
    await gateway.admin('PATCH', path, { tags: ['x'], authConfig }, { 'if-match': '*' });
    expect((await readAgent(gateway, agentId)).agent).toHaveProperty('candidate');
    gateway.agent.card(cardAt(gateway.agent.url));
    const moved = { backend: null, authConfig };
    expect((await gateway.admin('PATCH', path, moved, { 'if-match': '*' })).status).toBe(200);
    expect((await readAgent(gateway, agentId)).agent).toMatchObject({ cardVersion: 2 });
    expect((await readAgent(gateway, agentId)).agent).not.toHaveProperty('candidate');
  });
});
