import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parseSeed } from '../src/runtimes/lambda/seed-properties.ts';
import { bindings, call } from './support/bindings.ts';
import { answer, dataFor, invoices } from './support/directory.ts';
import { refusalOf } from './support/management.ts';
import {
  agentOf,
  type Fetch,
  grant,
  keep,
  type SearchStand,
  startSearchStand,
} from './support/search-stand.ts';

let stand: SearchStand;
let fetch: Fetch;

/** As if it had been registered before the id was the gateway's own. */
beforeAll(async () => {
  stand = await startSearchStand();
  await keep(stand.store, agentOf('billing', invoices));
  await keep(stand.store, { ...agentOf('directory', invoices), publicCard: true });
  await grant(stand.store, 'demo', ['*']);
  fetch = stand.fetch;
});
afterAll(() => stand.close());

function manage(method: string, path: string, body?: unknown, headers = {}): Promise<Response> {
  const init = { method, headers: { 'content-type': 'application/json', ...headers } };
  const given = { ...init, ...(body !== undefined && { body: JSON.stringify(body) }) };
  return fetch(path, given, { sub: 'admin', scope: 'gateway:admin' });
}

describe('the id of the directory', () => {
  it.each(['', '?validateOnly=true'])('cannot be registered%s', async (query) => {
    const body = { agentId: 'directory', agentCardUrl: 'https://agent.test/card.json' };
    for (const scope of ['gateway:admin', 'gateway:register']) {
      const headers = { 'content-type': 'application/json' };
      const init = { method: 'POST', headers, body: JSON.stringify(body) };
      const refused = await refusalOf(fetch(`/admin/agents${query}`, init, { scope }));
      expect(refused).toMatchObject({
        ...{ status: 400, reason: 'PARAMETER_INVALID' },
        metadata: { parameter: 'agentId', problem: "is reserved for the gateway's own agent" },
      });
    }
  });

  it('cannot be taken by a change', async () => {
    const { headers } = await manage('GET', '/admin/agents/billing');
    const change = manage(
      'PATCH',
      '/admin/agents/billing',
      { agentId: 'directory' },
      {
        'if-match': headers.get('etag') ?? '',
      },
    );
    expect(await refusalOf(change)).toMatchObject({ status: 400, metadata: { parameter: 'agentId' } });
  });

  it('cannot be declared by a stack', () => {
    const agents = [{ agentId: 'directory', agentCardUrl: 'https://agent.test/card.json' }];
    expect(() => parseSeed({ agents })).toThrow('properties.agents.0.agentId: is reserved');
  });

  it('may be in a permission, and grants nothing more', async () => {
    const body = { allowedAgents: ['directory'], operations: ['send'] };
    expect((await manage('PUT', '/admin/permissions/own', body)).status).toBe(201);
    const { agents, totalSize } = await (await fetch('/agents', {}, { scope: 'own' })).json();
    expect([agents, totalSize]).toEqual([[], 0]);
  });
});

describe('an agent that was registered under it before', () => {
  it('is not listed, counted nor found', async () => {
    const listing = await (await fetch('/agents')).json();
    expect(listing.agents.map(({ agentId }: { agentId: string }) => agentId)).toEqual(['billing']);
    expect(listing.totalSize).toBe(1);
    for (const query of ['invoice desk', 'directory']) {
      const { agents, totalMatches } = await dataFor(fetch, [{ text: query }]);
      expect(agents.map(({ agentId }) => agentId)).not.toContain('directory');
      expect(totalMatches).toBe(agents.length);
    }
  });

  it.each(bindings)('is not called: the directory is, in %s', async (binding) => {
    const response = await call({ fetch }, binding, 'SendMessage', { agentId: 'directory' });
    expect(await response.text()).toContain('No agent that you may call fits \\"hello\\"');
    expect((await answer(fetch, [{ text: 'invoice desk' }])).parts[0].text).toContain('billing');
  });

  it('does not show its card, public or not', async () => {
    const path = '/agents/directory/.well-known/agent-card.json';
    expect(await (await fetch(path)).json()).toMatchObject({ name: 'Directory' });
    const without = stand.with(undefined);
    for (const headers of [{}, { authorization: '' }]) {
      expect((await without(path, { headers })).status).toBe('authorization' in headers ? 401 : 403);
      expect((await without('/agents/directory', { method: 'POST', headers })).status).toBe(
        'authorization' in headers ? 401 : 403,
      );
    }
  });

  it('is told of when the gateway starts', async () => {
    stand.logged.splice(0);
    stand.with(undefined);
    const line = { level: 'warn', msg: 'agent hidden: its id is reserved', agentId: 'directory' };
    await vi.waitFor(() => expect(stand.logged).toMatchObject([line]), 15_000);
  });

  it('can still be seen and deleted by an administrator', async () => {
    const seen = await manage('GET', '/admin/agents/directory');
    expect(await seen.json()).toMatchObject({ agentId: 'directory', agentCard: { name: 'Invoice desk' } });
    const etag = seen.headers.get('etag') ?? '';
    const deleted = await manage('DELETE', '/admin/agents/directory', undefined, { 'if-match': etag });
    expect(deleted.status).toBe(204);
    expect((await dataFor(fetch, [{ text: 'invoice desk' }])).totalMatches).toBe(1);
  });
});
