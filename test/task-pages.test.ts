import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bindings, call } from './support/bindings.ts';
import { cites } from './support/cites.ts';
import { permit, register, startGateway, type TestGateway } from './support/gateway.ts';
import {
  longContextId as contextId,
  longContextTasks,
  type SeededAgent,
  startSeededAgent,
} from './support/seeded-agent.ts';

let gateway: TestGateway;
let agent: SeededAgent;

beforeAll(async () => {
  [gateway, agent] = await Promise.all([startGateway({ registration: null }), startSeededAgent()]);
  agent.offer(['JSON-RPC 1.0', 'HTTP+JSON 1.0']);
  await register(gateway, { agentCardUrl: agent.cardUrl });
  await permit(gateway, 'demo', { allowedAgents: ['agent'], operations: ['read'] });
});
afterAll(async () => {
  await agent.close();
  await gateway.close();
});

interface Page {
  tasks: { id: string }[];
  nextPageToken: string;
  totalSize: number;
}

async function pageOf(
  binding: (typeof bindings)[number],
  params: Record<string, string | number>,
): Promise<Page> {
  if (binding === 'JSON-RPC')
    return (await (await call(gateway, binding, 'ListTasks', { params })).json()).result;
  const query = new URLSearchParams(Object.entries(params).map(([name, value]) => [name, String(value)]));
  return (await gateway.fetch(`/agents/agent/tasks?${query}`)).json();
}

it.each(bindings)('the pages of a list of tasks, joined, are the list, in %s', async (binding) => {
  cites('A2A-3.1.4-pages', 'JSON-RPC 1.0', 'HTTP+JSON 1.0');
  const whole = await pageOf(binding, { contextId, pageSize: 100 });
  expect(whole).toMatchObject({ nextPageToken: '', totalSize: longContextTasks });
  const ids = whole.tasks.map(({ id }) => id);
  expect(ids).toHaveLength(longContextTasks);
  const joined = async (pageSize: number) => {
    const tasks: string[] = [];
    let pageToken = '';
    do {
      const page = await pageOf(binding, { contextId, pageSize, ...(pageToken !== '' && { pageToken }) });
      expect(page.tasks.length).toBeLessThanOrEqual(pageSize);
      tasks.push(...page.tasks.map(({ id }) => id));
      pageToken = page.nextPageToken;
    } while (pageToken !== '' && tasks.length <= longContextTasks);
    expect(tasks).toEqual(ids);
  };
  await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: longContextTasks + 1 }), joined), {
    numRuns: 15,
  });
});
