import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { authorKey, signedBySdk } from './support/card-signatures.ts';
import { register, startGateway, type TestGateway } from './support/gateway.ts';
import {
  type Caller,
  changeAgent,
  clientCredentials,
  ownerCaller,
  readAgent,
  refusalOf,
  syncCard,
} from './support/management.ts';
import { cardAt, type ScriptedAgent, startScriptedAgent } from './support/scripted-agent.ts';

/** The cards an agent was served with, and serving one of them again. */

let gateway: TestGateway;
let olga: Caller;
let count = 0;
let agentId: string;
let path: string;

beforeAll(async () => {
  gateway = await startGateway({ registration: null });
  olga = await ownerCaller(gateway, 'olga');
});
afterAll(() => gateway.close());
beforeEach(async () => {
  gateway.agent.card(named('First'));
  agentId = `agent-${count++}`;
  path = `/admin/agents/${agentId}`;
  await register(gateway, { agentId, owner: 'olga' });
});

function named(name: string, members: Record<string, unknown> = {}): Record<string, unknown> {
  return cardAt(gateway.agent.url, { name, ...members });
}

async function serve(card: Record<string, unknown>): Promise<void> {
  gateway.agent.card(card);
  await syncCard(gateway, agentId);
}

async function versions(query = ''): Promise<{ versions: Record<string, unknown>[]; nextPageToken: string }> {
  return (await gateway.admin('GET', `${path}/versions${query}`)).json();
}

async function rollBack(version: number, ifMatch?: string): Promise<Response> {
  const { etag } = await readAgent(gateway, agentId);
  return gateway.admin('POST', `${path}/rollback`, { version }, { 'if-match': ifMatch ?? etag });
}

describe('each card that was accepted', () => {
  it('is a version, which says when and by whom', async () => {
    await serve(named('Second'));
    gateway.agent.card(named('Third'));
    await olga('POST', `${path}/sync`);
    const admin = { issuer: gateway.issuer.issuer, subject: 'admin' };
    const listed = await versions();
    expect(listed).toMatchObject({
      ...{ totalSize: 3, nextPageToken: '' },
      versions: [
        { version: 3, acceptedBy: { subject: 'olga' } },
        { version: 2, acceptedBy: admin },
        { version: 1, acceptedBy: admin },
      ],
    });
    for (const version of listed.versions) {
      expect(Date.parse(String(version.acceptedAt))).toBeGreaterThan(0);
      expect(version).not.toHaveProperty('agentCard');
    }
    const second = await olga('GET', `${path}/versions/2`);
    expect(await second.json()).toMatchObject({
      ...{ version: 2, acceptedBy: admin, agentCard: { name: 'Second' } },
      ...{ cardTrust: { verdict: 'unsigned' }, cardOrigin: gateway.agent.url },
    });
  });

  it('is one where the agent moves, and none where it does not', async () => {
    const other = await startScriptedAgent();
    other.card(cardAt(other.url, { name: 'Elsewhere' }));
    await changeAgent(gateway, agentId, { tags: ['x'] });
    await changeAgent(gateway, agentId, { agentCardUrl: other.cardUrl });
    expect((await versions()).versions).toMatchObject([
      { version: 2, cardOrigin: other.url },
      { version: 1 },
    ]);
    await other.close();
  });

  it('comes in pages, whose tokens are the gateway’s own', async () => {
    for (const name of ['Second', 'Third', 'Fourth']) await serve(named(name));
    const first = await versions('?pageSize=3');
    expect(first.versions.map(({ version }) => version)).toEqual([4, 3, 2]);
    const last = await versions(`?pageSize=3&pageToken=${first.nextPageToken}`);
    expect(last.versions.map(({ version }) => version)).toEqual([1]);
    for (const query of ['pageToken=eA', 'pageToken=!', 'pageSize=0'])
      expect(await refusalOf(gateway.admin('GET', `${path}/versions?${query}`))).toMatchObject({
        reason: 'PARAMETER_INVALID',
      });
  });

  it('is there after a restart, and gone with the agent', async () => {
    await serve(named('Second'));
    await gateway.restart();
    expect((await versions()).versions).toHaveLength(2);
    await gateway.admin('DELETE', path, undefined, { 'if-match': '*' });
    expect((await gateway.admin('GET', `${path}/versions`)).status).toBe(404);
    gateway.agent.card(named('Again'));
    await register(gateway, { agentId });
    expect((await versions()).versions).toMatchObject([{ version: 1 }]);
    expect((await gateway.admin('GET', `${path}/versions/2`)).status).toBe(404);
  });

  it.each(['0', '-1', '01', '1.0', 'x', '99', '9'.repeat(40)])('is none at %s', async (version) => {
    expect(await refusalOf(gateway.admin('GET', `${path}/versions/${version}`))).toMatchObject({
      ...{ status: 404, reason: 'CARD_NOT_FOUND' },
    });
  });
});

describe('rolling back', () => {
  it('serves the old card as a new version, and says what changed', async () => {
    await serve(named('Second', { securitySchemes: { key: { apiKeySecurityScheme: { name: 'x' } } } }));
    const answer = await rollBack(1);
    expect(answer.status).toBe(200);
    const { agent, etag } = await readAgent(gateway, agentId);
    expect(await answer.json()).toMatchObject({
      ...{ cardVersion: 3, agentCard: { name: 'First' }, declaredSecurity: {} },
      diff: { changes: [{ path: '/name', before: '"Second"', after: '"First"' }], more: 0 },
    });
    expect(answer.headers.get('etag')).toBe(etag);
    expect(agent).toMatchObject({ cardVersion: 3, agentCard: { name: 'First' } });
    expect((await versions()).versions.map(({ version }) => version)).toEqual([3, 2, 1]);
    expect((await rollBack(2)).status).toBe(200);
    expect((await readAgent(gateway, agentId)).agent).toMatchObject({ cardVersion: 4 });
  });

  it('drops what waits, since that was compared with another card', async () => {
    await serve(named('Second'));
    gateway.agent.card(named('Third', { security: [{ key: [] }] }));
    expect((await gateway.admin('POST', `${path}/sync`)).status).toBe(202);
    expect(await (await rollBack(1)).json()).not.toHaveProperty('candidate');
  });

  it('needs the tag of what was looked at, and a version that is kept', async () => {
    const without = gateway.admin('POST', `${path}/rollback`, { version: 1 });
    expect(await refusalOf(without)).toMatchObject({ status: 428 });
    expect(await refusalOf(rollBack(1, '"1"'))).toMatchObject({ status: 412 });
    expect(await refusalOf(rollBack(7))).toMatchObject({ reason: 'CARD_NOT_FOUND' });
    for (const version of [0, -1, 1.5, '1'])
      expect(await refusalOf(rollBack(version as number))).toMatchObject({ reason: 'PARAMETER_INVALID' });
  });

  it('checks the old card by where the agent may be called now', async () => {
    const other: ScriptedAgent = await startScriptedAgent();
    other.card(cardAt(other.url));
    const authConfig = clientCredentials(gateway);
    await changeAgent(gateway, agentId, { agentCardUrl: other.cardUrl, authConfig });
    expect(await refusalOf(rollBack(1))).toMatchObject({
      reason: 'CARD_INVALID',
      metadata: { path: '/supportedInterfaces/0/url' },
    });
    expect((await readAgent(gateway, agentId)).agent).toMatchObject({ cardVersion: 2 });
    await other.close();
  });

  it('takes no card that is not signed as the registration asks now', async () => {
    const author = await authorKey('k');
    gateway.agent.card(await signedBySdk(author, named('Signed')));
    const cardSignatures = { policy: 'require', keys: [author.jwk] };
    expect((await changeAgent(gateway, agentId, { cardSignatures })).status).toBe(200);
    expect(await refusalOf(rollBack(1))).toMatchObject({
      reason: 'CARD_UNTRUSTED',
      metadata: { verdict: 'unsigned' },
    });
    expect((await rollBack(2)).status).toBe(200);
  });

  it('leaves the status to whoever sets it', async () => {
    await serve(named('Second'));
    await gateway.admin('PATCH', `${path}/status`, { status: 'quarantined', reason: 'leaks' });
    await rollBack(1);
    expect((await readAgent(gateway, agentId)).agent).toMatchObject({
      ...{ status: 'quarantined', statusReason: 'leaks', agentCard: { name: 'First' } },
    });
  });
});
