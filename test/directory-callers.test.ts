import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { GatewayError } from '../src/failure.ts';
import { bindings, call, message } from './support/bindings.ts';
import { anonymous, answer, dataFor, send, startDirectoryStand, withScope } from './support/directory.ts';
import { errorInfo } from './support/raw.ts';
import { activeAgents, createScanIndex } from './support/scan-index.ts';
import { grant, type SearchStand } from './support/search-stand.ts';

let stand: SearchStand;
beforeAll(async () => {
  stand = await startDirectoryStand();
});
afterAll(() => stand.close());

const cardPath = '/agents/directory/.well-known/agent-card.json';

describe('who may call it', () => {
  it('is every principal, to find only what it may call', async () => {
    for (const scope of ['', 'unknown', 'gateway:admin', 'gateway:register']) {
      const found = await dataFor(withScope(stand.fetch, scope), [{ text: 'invoice desk' }]);
      expect(found).toMatchObject({ agents: [], totalMatches: 0 });
    }
    await grant(stand.store, 'one', ['travel']);
    const found = await dataFor(withScope(stand.fetch, 'one'), [{ text: 'pay invoices' }]);
    expect(found.agents.map(({ agentId }) => agentId)).toEqual(['travel']);
  });

  it('is nobody without a token', async () => {
    const response = await send(anonymous(stand.fetch), [{ text: 'x' }]);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toContain(
      '/.well-known/oauth-protected-resource/agents/directory',
    );
  });

  it('is nobody of another version of the protocol', async () => {
    const response = await stand.fetch('/agents/directory/message:send', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'a2a-version': '0.3' },
      body: JSON.stringify({ message }),
    });
    expect(errorInfo(await response.text())?.reason).toBe('VERSION_NOT_SUPPORTED');
  });
});

describe('where there is no search', () => {
  it('it looks like any agent that is not there', async () => {
    const fetch = stand.with(undefined);
    for (const init of [{}, { headers: { authorization: '' } }]) {
      for (const path of ['', '/message:send', '/message:stream', '/tasks/t-1:cancel']) {
        const [directory, unknown] = await Promise.all(
          ['directory', 'whatever1'].map(async (agentId) => {
            const response = await fetch(`/agents/${agentId}${path}`, { method: 'POST', ...init });
            const headers = Object.fromEntries(response.headers);
            return { status: response.status, headers, text: await response.text() };
          }),
        );
        const blank = ({ headers, ...rest }: NonNullable<typeof directory>) =>
          JSON.stringify([rest, { ...headers, 'x-request-id': '' }]).replaceAll(/directory|whatever1/g, '');
        expect(directory && blank(directory)).toBe(unknown && blank(unknown));
        expect(directory?.status).toBe('headers' in init ? 401 : 403);
      }
      const card = await fetch(cardPath, init);
      expect(card.status).toBe('headers' in init ? 401 : 403);
    }
    const root = await fetch('/.well-known/agent-card.json');
    expect([root.status, errorInfo(await root.text())?.reason]).toEqual([404, 'ROUTE_NOT_FOUND']);
  });
});

describe('a search that fails', () => {
  it.each(bindings)('is told as everywhere, before any stream begins, in %s', async (binding) => {
    const index = await createScanIndex(() => activeAgents(stand.store.agents));
    const failure = new GatewayError({ code: 'search_unavailable', problem: 'index' });
    const fetch = stand.with({ ...index, query: () => Promise.reject(failure) });
    for (const operation of ['SendMessage', 'SendStreamingMessage'] as const) {
      const response = await call({ fetch }, binding, operation, { agentId: 'directory' });
      expect(response.status).toBe(503);
      expect(response.headers.get('retry-after')).toBe('5');
      expect(errorInfo(await response.text())?.reason).toBe('SEARCH_UNAVAILABLE');
    }
  });
});

describe('the log', () => {
  beforeEach(() => void stand.logged.splice(0));

  it('has a line like for every call, with what the search cost and never what was asked', async () => {
    await answer(stand.fetch, [{ text: 'confidential invoices' }]);
    await send(stand.fetch, [{ text: 'confidential '.repeat(100) }]);
    const [line] = stand.logged;
    expect(line).toMatchObject({
      ...{ agentId: 'directory', operation: 'SendMessage', subject: 'alice', status: 200 },
      ...{ queryChars: 21, embeddings: 1, results: expect.any(Number) },
    });
    expect(JSON.stringify(stand.logged)).not.toContain('confidential');
  });
});
