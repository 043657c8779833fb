import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { call } from './support/bindings.ts';
import { type CellCaller, cellCaller } from './support/cell-caller.ts';
import { cites } from './support/cites.ts';
import { permit, register, startGateway, type TestGateway } from './support/gateway.ts';
import { grpcSettings } from './support/grpc.ts';
import {
  longContextId as contextId,
  longContextTasks,
  type SeededAgent,
  startSeededAgent,
} from './support/seeded-agent.ts';

let gateway: TestGateway;
let agent: SeededAgent;
let overGrpc: CellCaller;

beforeAll(async () => {
  [gateway, agent] = await Promise.all([
    startGateway({ registration: null, settings: { grpc: grpcSettings } }),
    startSeededAgent(),
  ]);
  agent.offer(['JSON-RPC 1.0', 'HTTP+JSON 1.0']);
  await register(gateway, { agentCardUrl: agent.cardUrl });
  await permit(gateway, 'demo', { allowedAgents: ['agent'], operations: ['read'] });
  overGrpc = cellCaller(gateway, 'gRPC 1.0', await gateway.issuer.token());
});
afterAll(async () => {
  overGrpc.close();
  await agent.close();
  await gateway.close();
});

interface Page {
  tasks: { id: string }[];
  nextPageToken: string;
  totalSize: number;
}

const cells = ['JSON-RPC 1.0', 'HTTP+JSON 1.0', 'gRPC 1.0'] as const;

async function pageOf(cell: (typeof cells)[number], params: Record<string, string | number>): Promise<Page> {
  if (cell === 'gRPC 1.0') {
    const [page] = JSON.parse((await overGrpc.call('ListTasks', { params })).text) as [Page];
    return page;
  }
  if (cell === 'JSON-RPC 1.0')
    return (await (await call(gateway, 'JSON-RPC', 'ListTasks', { params })).json()).result;
  const query = new URLSearchParams(Object.entries(params).map(([name, value]) => [name, String(value)]));
  return (await gateway.fetch(`/agents/agent/tasks?${query}`)).json();
}

it.each(cells)('the pages of a list of tasks, joined, are the list, in %s', async (cell) => {
  cites('A2A-3.1.4-pages', cell);
  const whole = await pageOf(cell, { contextId, pageSize: 100 });
  expect(whole).toMatchObject({ nextPageToken: '', totalSize: longContextTasks });
  const ids = whole.tasks.map(({ id }) => id);
  expect(ids).toHaveLength(longContextTasks);
  const joined = async (pageSize: number) => {
    const tasks: string[] = [];
    let pageToken = '';
    do {
      const page = await pageOf(cell, { contextId, pageSize, ...(pageToken !== '' && { pageToken }) });
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

it.each(cells)('a list of no tasks says so in all its members, in %s', async (cell) => {
  cites('A2A-3.1.4-empty-page', cell);
  const page = await pageOf(cell, { contextId: 'c-none' });
  expect(page).toMatchObject({ tasks: [], nextPageToken: '', totalSize: 0 });
});
