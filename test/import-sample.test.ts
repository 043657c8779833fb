import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Admin, createAdmin } from '../src/import/admin.ts';
import {
  type ImportOptions,
  type ImportResult,
  importSample,
  type SampleSource,
} from '../src/import/import-sample.ts';
import { inactiveReason } from '../src/import/move-agent.ts';
import type { Outcome } from '../src/import/outcome.ts';
import { startGateway, type TestGateway } from './support/gateway.ts';
import { changeAgent, clientCredentials, readAgent } from './support/management.ts';
import { cardAt, type ScriptedAgent, startScriptedAgent } from './support/scripted-agent.ts';

const secret = 'the-client-secret-of-all';

let gateway: TestGateway;
let other: ScriptedAgent;
let admin: Admin;
let ids = 0;

beforeAll(async () => {
  [gateway, other] = await Promise.all([startGateway({ registration: null }), startScriptedAgent()]);
  const token = await gateway.issuer.token({ sub: 'admin', client_id: 'admin', scope: 'gateway:admin' });
  admin = createAdmin({ url: gateway.url, token });
});

afterEach(() => gateway.agent.card(cardAt(gateway.agent.url)));
afterAll(() => Promise.all([gateway.close(), other.close()]));

function newId(): string {
  return `agent-${++ids}`;
}

function agentRow(agentId: string, members: Record<string, unknown> = {}): Record<string, unknown> {
  const authConfig = { ...sampleAuth(), clientSecretArn: `arn:${agentId}` };
  const { url, cardUrl } = gateway.agent;
  return { agentId, backendUrl: url, agentCardUrl: cardUrl, status: 'active', authConfig, ...members };
}

function sampleAuth(): Record<string, unknown> {
  const { clientSecret: _, ...auth } = clientCredentials(gateway);
  return auth;
}

interface Given {
  agents?: unknown[];
  permissions?: unknown[];
  secrets?: SampleSource['clientSecret'];
}

function run(
  { agents = [], permissions = [], secrets }: Given,
  options: Partial<ImportOptions> = {},
  to = admin,
): Promise<ImportResult> {
  const source: SampleSource = {
    agents: async () => agents,
    permissions: async () => permissions,
    clientSecret: secrets ?? (async () => ({ clientSecret: secret, createdAtMs: 0 })),
  };
  return importSample(source, to, { isDryRun: false, ...options });
}

/** What became of the only row. */
async function outcomeOf(...given: Parameters<typeof run>): Promise<Omit<Outcome, 'kind' | 'id'>> {
  const { report, stopped } = await run(...given);
  if (stopped !== undefined) throw stopped;
  return { outcome: report[0]?.outcome ?? 'skipped', notes: report[0]?.notes ?? [] };
}

async function permission(scope: string): Promise<unknown> {
  const answer = await gateway.admin('GET', `/admin/permissions/${scope}`);
  return answer.ok ? answer.json() : undefined;
}

const created = { outcome: 'created', notes: [] };
const updated = { outcome: 'updated', notes: [] };
const unchanged = { outcome: 'unchanged', notes: [] };

describe('an agent of the sample', () => {
  it('is registered, and found unchanged by the next run', async () => {
    const agentId = newId();
    const agents = [agentRow(agentId)];
    expect(await outcomeOf({ agents })).toEqual(created);
    const first = await readAgent(gateway, agentId);
    expect(first.agent).toMatchObject({ status: 'active', authConfig: sampleAuth(), owner: 'admin' });
    expect(await outcomeOf({ agents })).toEqual(unchanged);
    expect((await readAgent(gateway, agentId)).etag).toBe(first.etag);
  });

  it('moves with its backend and keeps what the sample does not know', async () => {
    const agentId = newId();
    await run({ agents: [agentRow(agentId)] });
    await changeAgent(gateway, agentId, { tags: ['finance'] });
    const moved = agentRow(agentId, { backendUrl: other.url, agentCardUrl: other.cardUrl });
    expect(await outcomeOf({ agents: [moved] })).toEqual(updated);
    expect((await readAgent(gateway, agentId)).agent).toMatchObject({
      backendUrl: other.url,
      agentCardUrl: other.cardUrl,
      tags: ['finance'],
    });
  });

  it.each([
    ['tokenUrl', 'http://127.0.0.1:59999/token'],
    ['clientId', 'another'],
    ['scopes', ['invoke', 'more']],
  ])('is updated when its %s changed', async (name, value) => {
    const agentId = newId();
    const row = agentRow(agentId);
    await run({ agents: [row] });
    const authConfig = { ...(row.authConfig as object), [name]: value }; // As `agentRow` made it.
    expect(await outcomeOf({ agents: [{ ...row, authConfig }] })).toEqual(updated);
    expect((await readAgent(gateway, agentId)).agent.authConfig).toMatchObject({ [name]: value });
  });

  it('is updated when its secret is younger than what is here, once', async () => {
    const agents = [agentRow(newId())];
    await run({ agents });
    const rotated = { clientSecret: 'another', createdAtMs: Date.now() };
    await new Promise((resolve) => setTimeout(resolve, 2)); // The write is to be later, by a clock of milliseconds.
    const secrets = async () => rotated;
    expect([await outcomeOf({ agents, secrets }), await outcomeOf({ agents, secrets })]).toEqual([
      updated,
      unchanged,
    ]);
  });

  it('is inactive here when it is there, and active again with it', async () => {
    const agentId = newId();
    const status = async () => (await readAgent(gateway, agentId)).agent.status;
    const inactive = [agentRow(agentId, { status: 'inactive' })];
    expect(await outcomeOf({ agents: inactive })).toEqual(created);
    expect(await status()).toBe('inactive');
    expect(await outcomeOf({ agents: inactive })).toEqual(unchanged);
    const agents = [agentRow(agentId)];
    expect(await outcomeOf({ agents })).toEqual(updated);
    expect(await status()).toBe('active');
    expect(await outcomeOf({ agents: inactive })).toEqual(updated);
    expect((await readAgent(gateway, agentId)).agent).toMatchObject({
      status: 'inactive',
      statusReason: inactiveReason,
    });
  });

  it('that is changed only in part is noted, and finished by the next run', async () => {
    const agentId = newId();
    await run({ agents: [agentRow(agentId)] });
    const agents = [
      agentRow(agentId, { status: 'inactive', backendUrl: other.url, agentCardUrl: other.cardUrl }),
    ];
    other.card('{}');
    const { outcome, notes } = await outcomeOf({ agents });
    expect({ outcome, notes }).toEqual({
      outcome: 'updated',
      notes: [expect.stringMatching(/^only in part: CARD_INVALID/)],
    });
    other.card(cardAt(other.url));
    expect(await outcomeOf({ agents })).toEqual(updated);
    expect((await readAgent(gateway, agentId)).agent).toMatchObject({
      status: 'inactive',
      backendUrl: other.url,
    });
  });

  it('that cannot be set inactive is noted', async () => {
    const agentId = newId();
    const refusing: Admin = {
      call: (method, path, more) =>
        admin.call(method, path, path.endsWith('/status') ? { ...more, ifMatch: '"0"' } : more),
    };
    expect(await outcomeOf({ agents: [agentRow(agentId, { status: 'inactive' })] }, {}, refusing)).toEqual({
      outcome: 'created',
      notes: ['still active: PRECONDITION_FAILED'],
    });
  });

  it('stays as an administrator set it here, and is noted', async () => {
    const agentId = newId();
    const agents = [agentRow(agentId)];
    await run({ agents });
    await gateway.admin('PATCH', `/admin/agents/${agentId}/status`, { status: 'quarantined', reason: 'odd' });
    expect(await outcomeOf({ agents })).toEqual({
      outcome: 'unchanged',
      notes: ['active in the sample, quarantined here, odd'],
    });
  });

  it('that speaks nothing that is served is registered, and noted', async () => {
    const { url } = gateway.agent;
    gateway.agent.card(
      cardAt(url, { supportedInterfaces: [{ url, protocolBinding: 'JSONRPC', protocolVersion: '2.0' }] }),
    );
    const { outcome, notes } = await outcomeOf({ agents: [agentRow(newId())] });
    expect({ outcome, notes }).toEqual({
      outcome: 'created',
      notes: [expect.stringMatching(/inactive here/)],
    });
  });

  it.each([
    ['a card that is none', () => gateway.agent.card('{}'), /^CARD_INVALID: /, {}],
    ['an address that is refused', () => {}, /^PARAMETER_INVALID: /, { backendUrl: 'ftp://a.example' }],
    ['another backend', () => {}, /^CARD_INVALID: /, { backendUrl: 'http://127.0.0.1:59999' }],
  ])('is skipped for %s', async (_, prepare, reason, members) => {
    prepare();
    const { outcome, notes } = await outcomeOf({ agents: [agentRow(newId(), members)] });
    expect({ outcome, notes }).toEqual({ outcome: 'skipped', notes: [expect.stringMatching(reason)] });
  });

  it('is skipped without its secret, and the others are moved', async () => {
    const [one, two] = [newId(), newId()];
    const secrets: SampleSource['clientSecret'] = async (arn) =>
      arn === `arn:${one}` ? { missing: 'gone' } : { clientSecret: secret, createdAtMs: 0 };
    const { report } = await run({ agents: [agentRow(two), agentRow(one)], secrets });
    expect(report.map(({ id, outcome }) => [id, outcome])).toEqual([
      [one, 'skipped'],
      [two, 'created'],
    ]);
  });
});

describe('a run', () => {
  it('writes nothing when it is dry, and lets the gateway check', async () => {
    const [good, bad, held] = [newId(), newId(), newId()];
    await run({ agents: [agentRow(held)], permissions: [{ scope: 'held', allowedAgents: [] }] });
    const { etag } = await readAgent(gateway, held);
    const agents = [
      agentRow(good),
      agentRow(bad, { agentCardUrl: `${gateway.agent.url}/none`, backendUrl: other.url }),
      agentRow(held, { status: 'inactive' }),
    ];
    const permissions = [
      { scope: 'held', allowedAgents: ['*'] },
      { scope: 'new', allowedAgents: ['*'] },
    ];
    const { report } = await run({ agents, permissions }, { isDryRun: true });
    expect(report.map(({ outcome }) => outcome)).toEqual([
      'created',
      'skipped',
      'updated',
      'updated',
      'created',
    ]);
    expect((await gateway.admin('GET', `/admin/agents/${good}`)).status).toBe(404);
    expect((await readAgent(gateway, held)).etag).toBe(etag);
    expect([await permission('held'), await permission('new')]).toEqual([
      expect.objectContaining({ allowedAgents: [] }),
      undefined,
    ]);
  });

  it('moves many agents, a few at a time, and reports them in order', async () => {
    let [now, most] = [0, 0];
    const secrets = async () => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, 5));
      now--;
      return { clientSecret: secret, createdAtMs: 0 };
    };
    const agents = Array.from({ length: 12 }, () => agentRow(newId()));
    const { report } = await run({ agents: agents.toReversed(), secrets });
    expect(report.map(({ id }) => id)).toEqual(agents.map(({ agentId }) => agentId).sort());
    expect(report.every(({ outcome }) => outcome === 'created')).toBe(true);
    expect(most).toBe(4);
  });

  it('stops when the gateway no longer lets it in, and reports what it did', async () => {
    let calls = 0;
    const leaving: Admin = {
      call: (...given) =>
        (++calls > 6 ? createAdmin({ url: gateway.url, token: 'x' }) : admin).call(...given),
    };
    const agents = Array.from({ length: 12 }, () => agentRow(newId()));
    const { report, stopped } = await run({ agents }, {}, leaving);
    expect(String(stopped)).toMatch(/TOKEN_INVALID/);
    expect(report.length).toBeLessThan(5);
    expect(calls).toBeLessThan(12);
  });
});
