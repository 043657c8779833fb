import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { GatewayError } from '../src/failure.ts';
import type { SearchIndex } from '../src/search/search-index.ts';
import { refusalOf } from './support/management.ts';
import { activeAgents, createScanIndex } from './support/scan-index.ts';
import {
  agentOf,
  type Fetch,
  grant,
  keep,
  restInterface,
  type SearchStand,
  startSearchStand,
} from './support/search-stand.ts';

let stand: SearchStand;
let index: SearchIndex;

const invoices = {
  name: 'Invoice desk',
  description: 'Checks incoming invoices and pays what is due',
  tags: ['money'],
  skills: [
    { id: 'pay', name: 'Payment', description: 'Pays invoices', tags: ['payment'] },
    { id: 'read', name: 'Reading', description: 'Reads scanned invoices by payment date', tags: ['ocr'] },
    { id: 'archive', name: 'Archive', description: 'Keeps paper', tags: ['paper'] },
  ],
};

beforeAll(async () => {
  stand = await startSearchStand();
  index = await createScanIndex(() => activeAgents(stand.store.agents));
  await keep(stand.store, agentOf('billing', invoices));
  await keep(
    stand.store,
    agentOf('travel', {
      ...{ name: 'Travel', description: 'Books flights and pays travel invoices', streaming: true },
      ...{ tags: ['money', 'people'], interfaces: [restInterface] },
    }),
  );
  await keep(stand.store, agentOf('hidden', invoices));
  await keep(stand.store, agentOf('asleep', { ...invoices, status: 'inactive' }));
  await grant(stand.store, 'demo', ['billing', 'travel', 'asleep', 'gone']);
  await grant(stand.store, 'nobody', []);
});
afterAll(() => stand.close());

interface Found {
  results: {
    agentId: string;
    agentCard: Record<string, unknown>;
    score: number;
    matchedSkills: string[];
    explanation?: Record<string, unknown>;
  }[];
  query: string;
  totalMatches: number;
  mode: string;
}

function ask(body: unknown, fetch: Fetch = stand.fetch, query = '', claims = {}): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  const init = { method: 'POST', headers, body: typeof body === 'string' ? body : JSON.stringify(body) };
  return fetch(`/search${query}`, init, claims);
}

async function find(body: Record<string, unknown>, fetch?: Fetch): Promise<Found> {
  const response = await ask({ query: 'pay invoices', ...body }, fetch);
  expect(response.status).toBe(200);
  return response.json();
}

async function idsFound(body: Record<string, unknown>): Promise<string[]> {
  return (await find(body)).results.map(({ agentId }) => agentId);
}

describe('what is found', () => {
  it('is the agents that fit, the best first, each with its published card, score and skills', async () => {
    const found = await find({});
    expect(Object.keys(found)).toEqual(['results', 'query', 'totalMatches', 'mode']);
    expect(found).toMatchObject({ query: 'pay invoices', totalMatches: 2, mode: 'hybrid' });
    expect(found.results.map(({ agentId }) => agentId)).toEqual(['billing', 'travel']);
    for (const result of found.results) {
      expect(Object.keys(result)).toEqual(['agentId', 'agentCard', 'score', 'matchedSkills']);
      expect(result.score).toBeGreaterThan(0);
      expect(result.score).toBeLessThanOrEqual(1);
    }
    // Each word stands in the first skill, one of them in the second, none in the third.
    expect(found.results[0]?.matchedSkills).toEqual(['pay', 'read']);
  });

  it('has the cards of the listing, and nothing of the backend', async () => {
    const response = await ask({ query: 'pay invoices' });
    expect(response.headers.get('cache-control')).toBe('no-store');
    const text = await response.clone().text();
    expect(text).not.toContain('backend.internal');
    const { agents } = await (await stand.fetch('/agents')).json();
    const found: Found = await response.json();
    expect(found.results.map(({ agentId, agentCard }) => ({ agentId, agentCard }))).toEqual(agents);
  });

  it('names skills as the published card does, whatever they hold of the backend', async () => {
    const leaking = { id: 'http://backend.internal:9000/x', name: 'Zebras', description: '', tags: ['zoo'] };
    await keep(stand.store, agentOf('gone', { name: 'Zoo', skills: [leaking] }));
    const [zoo] = (await find({ query: 'zebras' })).results;
    expect(zoo?.agentId).toBe('gone');
    const [skill] = (zoo?.agentCard.skills ?? []) as { id: string }[];
    expect(zoo?.matchedSkills).toEqual([skill?.id]);
    expect(JSON.stringify(zoo)).not.toContain('backend.internal');
  });

  it('is first the agent whose id, name or tag the query is', async () => {
    expect((await idsFound({ query: 'travel' }))[0]).toBe('travel');
    expect((await idsFound({ query: 'INVOICE desk' }))[0]).toBe('billing');
    expect((await idsFound({ query: 'people' }))[0]).toBe('travel');
  });

  it('is no more than asked for, and counted in all', async () => {
    const found = await find({ topK: 1 });
    expect(found.results).toHaveLength(1);
    expect(found.totalMatches).toBe(2);
  });

  it.each([
    [{ tags: ['money'] }, ['billing', 'travel']],
    [{ tags: ['money', 'people'] }, ['travel']],
    [{ tags: ['none'] }, []],
    [{ protocolBinding: 'HTTP+JSON' }, ['travel']],
    [{ protocolBinding: 'JSONRPC' }, ['billing']],
    [{ protocolVersion: '1.0' }, ['billing', 'travel']],
    [{ protocolVersion: '0.3' }, []],
    [{ capability: 'streaming' }, ['travel']],
    [{ capability: 'pushNotifications' }, []],
    [{ tags: ['money'], protocolBinding: 'HTTP+JSON', capability: 'streaming' }, ['travel']],
  ])('is only what passes the filters %j', async (filters, expected) => {
    expect(await idsFound(filters)).toEqual(expected);
  });

  it('is explained to who asks for it', async () => {
    const response = await ask({ query: 'pay invoices' }, stand.fetch, '?explain=true');
    const found: Found & { model: string } = await response.json();
    expect(found.model).toBe('hashing:512');
    expect(found.results[0]?.explanation).toMatchObject({
      lexical: { rank: 1, score: expect.any(Number), matches: expect.any(Array) },
      vector: { rank: 1, score: expect.any(Number), similarity: expect.any(Number) },
    });
    const refused = await refusalOf(ask({ query: 'x' }, stand.fetch, '?explain=yes'));
    expect(refused).toMatchObject({ status: 400, metadata: { parameter: 'explain' } });
  });

  it('is nothing where nothing fits', async () => {
    expect(await find({ query: 'quantum chromodynamics' })).toMatchObject({ results: [], totalMatches: 0 });
  });

  it('is found by words alone while no vectors serve', async () => {
    const words = stand.with({ ...index, serving: async () => undefined });
    expect(await find({}, words)).toMatchObject({ mode: 'lexical' });
  });
});

describe('who finds what', () => {
  it('is nobody without a token, and for who may call none nothing', async () => {
    const refused = await refusalOf(ask({ query: 'x' }, stand.fetch, '', { exp: 1 }));
    expect(refused).toMatchObject({ status: 401, reason: 'TOKEN_INVALID' });
    for (const scope of ['', 'nobody', 'unknown', 'gateway:register', 'gateway:admin']) {
      const response = await ask({ query: 'invoice desk' }, stand.fetch, '', { scope });
      expect(await response.json()).toMatchObject({ results: [], totalMatches: 0 });
    }
  });

  it('does not show what an index that lags still holds', async () => {
    const { store } = stand;
    for (const agentId of ['late-1', 'late-2', 'late-3']) await keep(store, agentOf(agentId, invoices));
    const kept = await activeAgents(store.agents);
    const lagging = stand.with(await createScanIndex(async () => kept));
    await grant(store, 'late', ['late-*']);
    const late: Fetch = (path, init) => lagging(path, init, { scope: 'late' });
    expect((await find({}, late)).results).toHaveLength(3);

    await keep(store, agentOf('late-1', { ...invoices, status: 'inactive' }));
    const gone = await store.agents.get('late-2');
    await store.agents.delete('late-2', gone?.revision ?? 0);
    const found = await find({}, late);
    expect(found.results.map(({ agentId }) => agentId)).toEqual(['late-3']);
    expect(found.totalMatches).toBe(1);
  });

  it('does not show an agent that lost the tag by which it was permitted', async () => {
    const { store } = stand;
    await keep(store, agentOf('tagged', { ...invoices, tags: ['open'] }));
    const kept = await activeAgents(store.agents);
    const lagging = stand.with(await createScanIndex(async () => kept));
    await grant(store, 'open', ['tag:open']);
    const open: Fetch = (path, init) => lagging(path, init, { scope: 'open' });
    expect((await find({}, open)).results).toHaveLength(1);
    await keep(store, agentOf('tagged', invoices));
    expect(await find({}, open)).toMatchObject({ results: [], totalMatches: 0 });
  });
});

describe('a search that cannot be', () => {
  it('is refused as disabled where there is none', async () => {
    const refused = await refusalOf(ask({ query: 'x' }, stand.with(undefined)));
    expect(refused).toMatchObject({ status: 404, reason: 'SEARCH_DISABLED' });
  });

  it.each(['starting', 'model', 'index', 'busy'] as const)('says when to come again: %s', async (problem) => {
    const failure = new GatewayError({ code: 'search_unavailable', problem }, { cause: new Error('secret') });
    const broken = stand.with({ ...index, query: () => Promise.reject(failure) });
    const response = await ask({ query: 'invoices' }, broken);
    expect(response.headers.get('retry-after')).toBe('5');
    expect(await response.clone().text()).not.toContain('secret');
    expect(await refusalOf(response)).toMatchObject({
      ...{ status: 503, reason: 'SEARCH_UNAVAILABLE' },
      metadata: { problem },
    });
  });

  it('is an internal error where the index throws what nobody foresaw', async () => {
    const broken = stand.with({ ...index, query: () => Promise.reject(new TypeError('of the index')) });
    const response = await ask({ query: 'invoices' }, broken);
    expect(await response.clone().text()).not.toContain('of the index');
    expect(await refusalOf(response)).toMatchObject({ status: 500, reason: 'INTERNAL' });
  });
});

describe('the log of a search', () => {
  beforeEach(() => void stand.logged.splice(0));

  it('says what it cost and for whom, and never what was sought', async () => {
    await ask({ query: 'confidential merger invoices', topK: 1, tags: ['money'] });
    await ask({ query: 'confidential '.repeat(100) });
    await ask({ query: 'confidential', tags: 7 });
    const lines = stand.logged.filter(({ event, msg }) => (event ?? msg) === 'request');
    expect(lines[0]).toMatchObject({
      ...{ method: 'POST', status: 200, subject: 'alice', results: 1, queryChars: 28, embeddings: 1 },
      ...{ embeddingMs: expect.any(Number), indexMs: expect.any(Number) },
    });
    expect(lines.map(({ status }) => status)).toEqual([200, 400, 400]);
    expect(JSON.stringify(stand.logged)).not.toContain('confidential');
    expect(JSON.stringify(stand.logged)).not.toContain('merger');
  });
});
