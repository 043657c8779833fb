import { expect, it } from 'vitest';
import { bindings, call, message } from '../support/bindings.ts';
import { rpc } from '../support/gateway.ts';
import { errorInfo } from '../support/raw.ts';
import type { Cast } from './cast.ts';

const cardPath = '/.well-known/agent-card.json';
/** An index may learn late what was registered, and a model takes seconds to start. */
const patience = { timeout: 30_000, interval: 100 };

/** Finding agents by what they do; where there is no search, that nothing of it is there. */
export function searchScenarios(cast: () => Cast): void {
  const search = (query: string) =>
    cast().fetch('/search', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });

  it('finds the agents that fit, of those a caller may call', async () => {
    if (!cast().searches) {
      const response = await search('agent');
      expect([response.status, errorInfo(await response.text())?.reason]).toEqual([404, 'SEARCH_DISABLED']);
      return;
    }
    const found = async () => {
      const { results = [] } = await (await search('agent')).json();
      return results.map(({ agentId }: { agentId: string }) => agentId);
    };
    await expect.poll(found, patience).toEqual(['agent']);
    const { results, totalMatches } = await (await search('agent')).json();
    expect(totalMatches).toBe(1);
    const { signatures: _, ...card } = await (await cast().fetch(`/agents/agent${cardPath}`)).json();
    expect(results[0].agentCard).toEqual(card);
  });

  it('refuses a search for nothing', async () => {
    const response = await search(' ');
    expect([response.status, errorInfo(await response.text())?.reason]).toEqual([400, 'PARAMETER_INVALID']);
  });

  it.each(bindings)('has an agent that finds them in a conversation, in %s', async (binding) => {
    const params = { message: { ...message, contextId: 'c-1', parts: [{ text: 'agent' }] } };
    const options = { agentId: 'directory', params };
    if (!cast().searches) {
      const send = (agentId: string) => cast().fetch(`/agents/${agentId}`, rpc('SendMessage', params));
      const [directory, unknown] = [await send('directory'), await send('never-was')];
      expect([directory.status, await directory.text()]).toEqual([403, await unknown.text()]);
      return;
    }
    const ask = async () => (await call(cast(), binding, 'SendMessage', options)).text();
    await expect.poll(ask, patience).toContain('"agentId":"agent"');
    expect(await ask()).not.toContain('hidden');
    const stream = await call(cast(), binding, 'SendStreamingMessage', options);
    const text = await stream.text();
    expect([stream.status, stream.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
    expect(text).toMatch(/^data: \{[^\n]*"contextId":"c-1"[^\n]*\}\n\n$/);
  });

  it('shows the card of that agent to anyone who knows the address only', async () => {
    const { anonymous, searches, publicUrl } = cast();
    const response = await anonymous(cardPath);
    if (!searches) return expect(response.status).toBe(404);
    const { name, supportedInterfaces } = await response.json();
    expect([response.status, name]).toEqual([200, 'Directory']);
    for (const { url } of supportedInterfaces) expect(url).toBe(`${publicUrl}/agents/directory`);
  });
}
