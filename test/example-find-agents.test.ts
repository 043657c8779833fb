import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ExampleAgents, startExampleAgents } from '../examples/agents/serve.ts';
import { findAgents } from '../examples/find-agents.ts';
import { listen } from '../src/runtimes/node/http-server.ts';
import { createLog } from '../src/runtimes/node/log.ts';
import { grant, type SearchStand, startSearchStand } from './support/search-stand.ts';

let examples: ExampleAgents;
let stand: SearchStand;
let server: Awaited<ReturnType<typeof listen>>;

beforeAll(async () => {
  const log = createLog('error', { write: () => {} });
  server = await listen({ host: '127.0.0.1', port: 0 }, log);
  [examples, stand] = await Promise.all([
    startExampleAgents({ stepMs: 5 }),
    startSearchStand({ publicUrl: server.origin }),
  ]);
  server.serve(stand.gateway);
  const authorization = `Bearer ${await stand.issuer.token({ scope: 'gateway:admin' })}`;
  for (const { agentId, cardUrl } of examples.agents) {
    const registered = await fetch(`${server.origin}/admin/agents`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ agentId, agentCardUrl: cardUrl }),
    });
    expect(registered.status).toBe(201);
  }
  await grant(stand.store, 'demo', ['booking', 'echo', 'writer']);
});
afterAll(async () => {
  await server.close();
  await Promise.all([examples.close(), stand.close()]);
});

async function printed(need: string, scope = 'demo'): Promise<string> {
  const pieces: string[] = [];
  const token = await stand.issuer.token({ scope });
  await findAgents({ baseUrl: server.origin, token, need, print: (text) => pieces.push(text) });
  return pieces.join('');
}

describe('a client that knows the address of the gateway only', () => {
  it('finds the agent that fits and asks it', async () => {
    const text = await printed('Book a table');
    expect(text).toMatch(/fit.* "Book a table".*\n\n1\. booking: /);
    expect(text).toContain(`${server.origin}/agents/booking/.well-known/agent-card.json`);
    expect(text).toMatch(/\n\S.* says: .+\n$/);
  });

  it('is told where there is none that it may call', async () => {
    expect(await printed('Book a table', '')).toBe(
      'No agent that you may call fits "Book a table". Other words may find one.\n',
    );
  });
});
