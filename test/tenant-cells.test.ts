import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cells } from './requirements/clause.ts';
import { answeredHere, hookUrl } from './support/bindings.ts';
import {
  type CellCaller,
  cellCaller,
  expectRefused,
  inlinePushesOf,
  operationsOf,
} from './support/cell-caller.ts';
import { cites } from './support/cites.ts';
import { permit, register, startGateway, type TestGateway } from './support/gateway.ts';
import { grpcSettings, rpcError, rpcResult } from './support/grpc.ts';
import { cardAt } from './support/scripted-agent.ts';

/** The tenant of an agent's interface and what shows who calls, whatever the caller speaks. */

const tenant = 'acme/ü';
let gateway: TestGateway;
let token: string;

beforeAll(async () => {
  gateway = await startGateway({ registration: null, settings: { grpc: grpcSettings } });
  token = await gateway.issuer.token();
  const { card, url } = gateway.agent;
  const supportedInterfaces = [
    { url: `${url}/rpc`, protocolBinding: 'JSONRPC', protocolVersion: '1.0', tenant },
  ];
  card(cardAt(url, { supportedInterfaces }));
  for (const agentId of ['agent', 'hidden']) await register(gateway, { agentId });
  const operations = ['send', 'stream', 'read', 'cancel', 'push'];
  await permit(gateway, 'demo', { allowedAgents: ['agent'], operations });
});
afterAll(() => gateway.close());
beforeEach(() => gateway.agent.seen.splice(0));

describe.each(cells)('a call in %s', (cell) => {
  let caller: CellCaller;
  beforeAll(() => {
    caller = cellCaller(gateway, cell, token);
  });
  afterAll(() => caller.close());

  // What is deleted is looked for here first.
  const answeredFirst = [...answeredHere, 'DeleteTaskPushNotificationConfig'];
  const asked = operationsOf(cell).filter((operation) => !answeredFirst.includes(operation));

  it.each(asked)('names the tenant to the agent, and shows it no token: %s', async (operation) => {
    cites('A2A-8.3.2-tenant', 'A2A-7.3-identity-in-headers', cell);
    gateway.agent.script(rpcError(-32001, 'Gone.'));
    await caller.call(operation);
    const [seen] = gateway.agent.seen;
    expect(JSON.parse(seen?.body ?? '')).toMatchObject({ method: operation, params: { tenant } });
    expect(seen?.headers.authorization).toBeUndefined();
    expect(seen?.body).not.toContain(token);
  });

  it('is answered without the tenant', async () => {
    cites('A2A-8.3.2-hidden-tenant', cell);
    gateway.agent.script(rpcResult({ tenant, taskId: 't-1', id: 'c-1', url: hookUrl }));
    const { text, error } = await caller.call('CreateTaskPushNotificationConfig');
    expect([text.includes(hookUrl), text.includes('acme'), error.code]).toEqual([
      true,
      false,
      cell.startsWith('gRPC') ? 0 : undefined,
    ]);
  });
});

describe.each(['HTTP+JSON 0.3', 'JSON-RPC 0.3', 'HTTP+JSON 1.0', 'JSON-RPC 1.0', 'gRPC 1.0'] as const)(
  'a tenant that a caller of %s names',
  (cell) => {
    let caller: CellCaller;
    beforeAll(() => {
      caller = cellCaller(gateway, cell, token);
    });
    afterAll(() => caller.close());

    it('beside a push configuration reaches no agent', async () => {
      cites('A2A-8.3.2-no-foreign-tenant', cell);
      for (const params of inlinePushesOf(cell)) {
        const named = JSON.stringify(params).replace('"url":', '"tenant":"other","url":');
        const answer = await caller.call('SendMessage', { params: JSON.parse(named) });
        expect(JSON.stringify(answer.error.details)).toContain('"rule":"tenant"');
      }
      expect(gateway.agent.seen).toEqual([]);
    });
  },
);

it('the tenant of a call over gRPC is an agent its caller may call, or nobody', async () => {
  cites('A2A-8.3.2-no-foreign-tenant', 'gRPC 1.0');
  const caller = cellCaller(gateway, 'gRPC 1.0', token);
  for (const agentId of ['hidden', 'acme'])
    expectRefused('gRPC 1.0', await caller.call('GetTask', { agentId }), 'AGENT_FORBIDDEN');
  caller.close();
  expect(gateway.agent.seen).toEqual([]);
});
