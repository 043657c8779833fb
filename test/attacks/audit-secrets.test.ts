import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeRecord } from '../../src/audit/change-record.ts';
import { type GivenAuth, separated } from '../../src/backends/auth-config.ts';
import { authSchema } from '../../src/backends/auth-schema.ts';
import { credentialKinds } from '../../src/backends/kinds.ts';
import { agentView } from '../../src/registry/agent-view.ts';
import { openDriver } from '../../src/store/sqlite/driver.ts';
import { anAgent } from '../contract/store.ts';
import { cites } from '../support/cites.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { startPushStand } from '../support/push-stand.ts';
import { startReceiver } from '../support/receiver.ts';

/** Who may read the trail, or the file it is in, learns of every change, and of no secret that came with one. */

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway({ registration: null });
});
afterAll(() => gateway.close());

/** All that the store holds of the trail. */
function kept(): string {
  const driver = openDriver(join(gateway.dataDir, 'gateway.db'));
  const rows = driver.all<{ records: string }>('SELECT records FROM audit_segments', []);
  driver.close();
  return rows.map(({ records }) => records).join('');
}

/** As it is, inside JSON, and as headers carry it. */
function spellingsOf(secret: string): string[] {
  const encoded = Buffer.from(secret).toString('base64').replace(/=+$/, '');
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encoded,
    Buffer.from(`gateway:${secret}`).toString('base64').replace(/=+$/, ''),
  ];
}

function expectNone(text: string, secrets: readonly string[]): void {
  for (const spelling of secrets.flatMap(spellingsOf)) expect(text.includes(spelling)).toBe(false);
}

/** Kinds that have secrets, each with an example and the secrets in it. */
const kinds = credentialKinds
  .map((kind) => ({ kind, ...separated(authSchema().parse(kind.example) as GivenAuth, 'agents/a/1') }))
  .map(({ kind, auth, secrets }) => ({
    type: kind.type,
    auth,
    secrets: Object.values(secrets).filter((one) => one !== undefined),
  }))
  .filter(({ secrets }) => secrets.length > 0);

const secretOf = (kind: string) => `correct-horse-${kind}`;

describe.each([
  ['a token', (secret: string) => ({ type: 'bearer', token: secret })],
  ['a key', (secret: string) => ({ type: 'api_key', name: 'x-api-key', apiKey: secret })],
  ['a key in a query', (secret: string) => ({ type: 'api_key', in: 'query', name: 'k', apiKey: secret })],
  ['a password', (secret: string) => ({ type: 'basic', username: 'gateway', password: secret })],
])('%s', (what, authOf) => {
  it('that an agent is registered with, changed to and refused with is in no record', async () => {
    cites('A2A-13.4-secrets');
    const agentId = what.replaceAll(' ', '-');
    const [first, second, third, fourth] = [1, 2, 3, 4].map((n) => secretOf(`${agentId}-${n}`));
    const body = { agentId, agentCardUrl: gateway.agent.cardUrl, authConfig: authOf(first ?? '') };
    const made = await gateway.admin('POST', '/admin/agents', body);
    expect(made.status).toBe(201);
    const path = `/admin/agents/${agentId}`;
    const match = { 'if-match': made.headers.get('etag') ?? '' };
    const changed = await gateway.admin('PATCH', path, { authConfig: authOf(second ?? '') }, match);
    expect(changed.status).toBe(200);
    const refused = await gateway.admin('PATCH', path, { authConfig: authOf(third ?? '') }, match);
    expect(refused.status).toBe(412);
    const again = await gateway.admin('POST', '/admin/agents', { ...body, authConfig: authOf(fourth ?? '') });
    expect(again.status).toBe(409);
    const trail = kept();
    expect(trail).toContain(`"target":"${agentId}"`);
    expectNone(
      trail,
      [first, second, third, fourth].map((secret) => secret ?? ''),
    );
  });
});

describe('credentials of every kind', () => {
  it('that have secrets are tried', () => {
    expect(kinds.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['bearer', 'api_key', 'basic', 'mutual_tls', 'oauth2_client_credentials']),
    );
  });

  it.each(kinds)('$type: are in no record', async ({ type, auth, secrets }) => {
    const view = agentView({ ...anAgent('a'), authConfig: auth });
    const by = { issuer: 'https://issuer.test', subject: 'kim' };
    const change = { requestId: 'r', by, action: 'agent.update', target: 'a', before: view, after: view };
    const record = await changeRecord(change, 0);
    expect(record).toContain(type);
    expectNone(record, secrets);
  });
});

describe('what came with a request', () => {
  it('is in no record: neither the token of who asked, nor what it said beside the change', async () => {
    const secret = secretOf('member');
    const token = await gateway.issuer.token({ sub: 'admin', scope: 'gateway:admin' });
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', cookie: secret };
    const put = (body: unknown) =>
      fetch(`${gateway.url}/admin/permissions/demo?secret=${secret}`, {
        ...{ method: 'PUT', headers, body: JSON.stringify(body) },
      });
    expect((await put({ allowedAgents: ['a'] })).status).toBe(201);
    expect((await put({ allowedAgents: ['a'], [secret]: secret })).status).toBe(400);
    expectNone(kept(), [secret, token, token.split('.')[2] ?? '']);
  });
});

describe('a webhook', () => {
  it('whose letter is forgotten or sent again is told by its origin alone', async () => {
    const receiver = await startReceiver();
    const push = await startPushStand(gateway.dataDir);
    receiver.answer(() => 410);
    const webhook = {
      url: `${receiver.url}/secret-path?secret-query`,
      token: 'secret-token',
      authentication: { scheme: 'Bearer', credentials: 'secret-credentials' },
    };
    const pushId = await push.webhook(webhook, { agentId: 'agent', taskId: 'task' });
    const deliveries = [await push.accept(pushId, '{"secret":"body"}', 'application/json', 'agent')];
    deliveries.push(await push.accept(pushId, '{"secret":"body"}', 'application/json', 'agent'));
    await push.workOut(pushId);
    const [one, two] = deliveries.map((deliveryId) => `/admin/push/dead-letters/${deliveryId}`);
    expect((await gateway.admin('POST', `${one}/retry`)).status).toBe(204);
    expect((await gateway.admin('DELETE', `${two}`)).status).toBe(204);
    const trail = kept();
    expect(trail).toContain('deadLetter.delete');
    expect(trail).toContain(receiver.url);
    expectNone(trail, [
      'secret-path',
      'secret-query',
      'secret-token',
      'secret-credentials',
      '"secret":"body"',
      pushId,
    ]);
    await receiver.close();
  });
});
