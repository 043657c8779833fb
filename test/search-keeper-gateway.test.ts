import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type EmbeddingServer, startEmbeddingServer } from './support/embedding-server.ts';
import { permit, register, startGateway, type TestGateway } from './support/gateway.ts';
import { cardAt } from './support/scripted-agent.ts';

/** The whole of it, over HTTP: what is registered is found. */

// A model is loaded, on a machine that may be busy with other tests.
vi.setConfig({ testTimeout: 60_000 });
const soon = { timeout: 30_000 };

let gateway: TestGateway | undefined;
let model: EmbeddingServer | undefined;

afterEach(async () => {
  await gateway?.close();
  await model?.close();
  gateway = undefined;
  model = undefined;
});

async function start(search: Record<string, unknown>): Promise<TestGateway> {
  const started = await startGateway({ registration: null, settings: { search } });
  gateway = started;
  await permit(started, 'demo', { allowedAgents: ['*'] });
  return started;
}

async function startWithStandIn(): Promise<TestGateway> {
  model = await startEmbeddingServer();
  return start({
    embedder: 'openai',
    openai: { url: model.openAiUrl, model: 'words', dimensions: 256, apiKey: 'the-secret-key' },
  });
}

interface Found {
  ids: string[];
  mode: string;
}

async function search(on: TestGateway, query: string): Promise<Found> {
  const answer = await on.fetch('/search', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  expect(answer.status).toBe(200);
  const { results, mode } = (await answer.json()) as { results: { agentId: string }[]; mode: string };
  return { ids: results.map(({ agentId }) => agentId), mode };
}

async function found(on: TestGateway, query: string, expected: Partial<Found>): Promise<void> {
  await vi.waitFor(async () => expect(await search(on, query)).toMatchObject(expected), soon);
}

async function change(on: TestGateway, method: string, path: string, body?: unknown): Promise<void> {
  const agent = path.replace(/\/status$/, '');
  const { headers } = await on.admin('GET', agent);
  const answer = await on.admin(method, path, body, { 'if-match': headers.get('etag') ?? '' });
  expect(answer.ok).toBe(true);
}

describe('an agent', () => {
  it('is found once it is registered, by what it says now, and only while it is active', async () => {
    const on = await startWithStandIn();
    await register(on, { agentId: 'payments', tags: ['zebra'] });
    await found(on, 'zebra', { ids: ['payments'], mode: 'hybrid' });
    const path = '/admin/agents/payments';
    await change(on, 'PATCH', path, { tags: ['quokka'] });
    await found(on, 'quokka', { ids: ['payments'] });
    await found(on, 'zebra', { ids: [] });
    await change(on, 'PATCH', `${path}/status`, { status: 'inactive' });
    await found(on, 'quokka', { ids: [] });
    await change(on, 'PATCH', `${path}/status`, { status: 'active' });
    await found(on, 'quokka', { ids: ['payments'] });
    await change(on, 'DELETE', path);
    await found(on, 'quokka', { ids: [] });
  });

  it('is found by words while the model is down, and by meaning when it is back', async () => {
    const on = await startWithStandIn();
    model?.fail('broken');
    await register(on, { agentId: 'payments', tags: ['invoices'] });
    await found(on, 'invoices', { ids: ['payments'], mode: 'lexical' });
    model?.fail('broken', 0);
    await found(on, 'invoices', { ids: ['payments'], mode: 'hybrid' });
    expect(JSON.stringify(on.logged)).not.toContain('the-secret-key');
  });

  it('is found after a restart, with the index deleted too', async () => {
    const on = await startWithStandIn();
    await register(on, { agentId: 'payments', tags: ['invoices'] });
    await found(on, 'invoices', { ids: ['payments'], mode: 'hybrid' });
    const asked = model?.requests.length ?? 0;
    await on.restart();
    await found(on, 'invoices', { ids: ['payments'], mode: 'hybrid' });
    // The query only; the agent has its vector.
    const inputs = model?.requests.slice(asked).flatMap(({ body }) => body.input);
    expect(new Set(inputs)).toEqual(new Set(['invoices']));
    for (const suffix of ['', '-wal', '-shm'])
      rmSync(join(on.dataDir, `search.db${suffix}`), { force: true });
    await on.restart();
    await found(on, 'invoices', { ids: ['payments'], mode: 'hybrid' });
  });

  it('is found by what it means, by the model that comes along', async () => {
    const on = await start({});
    const texts = {
      ledger: 'Pays supplier bills and checks invoices against orders.',
      sky: 'Weather forecasts for any city, with warnings of storms.',
      desk: 'Replaces broken laptops, monitors and phones.',
    };
    for (const [agentId, description] of Object.entries(texts)) {
      on.agent.card(cardAt(on.agent.url, { name: agentId, description, skills: [] }));
      await register(on, { agentId });
    }
    await vi.waitFor(async () => {
      const { ids, mode } = await search(on, 'will it rain in Paris tomorrow');
      expect({ first: ids[0], mode }).toEqual({ first: 'sky', mode: 'hybrid' });
    }, soon);
  });
});

describe('a gateway', () => {
  it('opens neither index nor model before there is an agent', async () => {
    const on = await startWithStandIn();
    await on.admin('GET', '/admin/agents');
    expect(existsSync(join(on.dataDir, 'search.db'))).toBe(false);
    expect(model?.requests).toEqual([]);
  });

  it('has no search where it is off', async () => {
    const on = await start({ enabled: false });
    await register(on);
    const body = JSON.stringify({ query: 'agent' });
    const answer = await on.fetch('/search', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect(JSON.stringify(await answer.json())).toContain('SEARCH_DISABLED');
    expect(existsSync(join(on.dataDir, 'search.db'))).toBe(false);
  });
});
