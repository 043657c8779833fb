import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { answeredHere, expectErrorEvent, expectRefusal, hookUrl } from './support/bindings.ts';
import { cites } from './support/cites.ts';
import { permit, register, rpc, startGateway, type TestGateway } from './support/gateway.ts';
import { legacyCall, legacyCardAt, legacyMethod, legacyOperations, legacyRpc } from './support/legacy.ts';
import { errorInfo } from './support/raw.ts';
import { answerJson, cardAt } from './support/scripted-agent.ts';

/** Calls in 0.3 are judged, and their answers treated, as those in 1.0. */

const everyOperation = ['send', 'stream', 'read', 'cancel', 'push'];
const tenant = 'acme/ü';
let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway({ registration: null });
  const { card, url } = gateway.agent;
  card(legacyCardAt(url));
  await register(gateway, { agentId: 'veteran' });
  card(
    cardAt(url, {
      supportedInterfaces: [
        { url: `${url}/a2a`, protocolBinding: 'JSONRPC', protocolVersion: '0.3', tenant },
      ],
    }),
  );
  await register(gateway, { agentId: 'many' });
});
afterAll(() => gateway.close());
beforeEach(async () => {
  gateway.agent.seen.splice(0);
  await permit(gateway, 'demo', { allowedAgents: ['*'], operations: everyOperation });
});

function answer(result: unknown): void {
  gateway.agent.script(answerJson({ jsonrpc: '2.0', id: 1, result }));
}

const askedOfAgents = legacyOperations.filter((operation) => !answeredHere.includes(operation));

describe('a permission', () => {
  it('that grants everything lets every operation of 0.3 through', async () => {
    answer({ ...legacyCardAt(gateway.agent.url), pushNotificationConfig: { url: hookUrl } });
    for (const operation of legacyOperations) await (await legacyCall(gateway, operation)).text();
    const methods = gateway.agent.seen.map(({ body }) => (JSON.parse(body) as { method: string }).method);
    expect(methods).toEqual(askedOfAgents.map(legacyMethod));
    for (const { headers } of gateway.agent.seen) expect(headers['a2a-version']).toBe('0.3');
  });
});

describe('an answer in 0.3', () => {
  it.each([
    ['without result or error', 'SendMessage', '{"jsonrpc":"2.0","id":1}', 'jsonrpc'],
    ['with another id', 'GetTask', '{"jsonrpc":"2.0","id":2,"result":{}}', 'id'],
    ['without result, of another id', 'DeleteTaskPushNotificationConfig', '{"jsonrpc":"2.0","id":2}', 'id'],
    [
      'with an error that is none',
      'DeleteTaskPushNotificationConfig',
      '{"jsonrpc":"2.0","id":1,"error":null}',
      'jsonrpc',
    ],
  ] as const)('%s is none', async (_, operation, text, problem) => {
    answer({ taskId: 't-1', pushNotificationConfig: { url: hookUrl } });
    await (await legacyCall(gateway, 'CreateTaskPushNotificationConfig')).text();
    gateway.agent.script(answerJson(text));
    const response = await legacyCall(gateway, operation);
    await expectRefusal(response, 'JSON-RPC', 'INVALID_AGENT_RESPONSE', { problem });
  });

  it('that is an extended card names the gateway, and nothing of the backend', async () => {
    cites('A2A-13.3-rewritten', 'JSON-RPC 0.3');
    const { url } = gateway.agent;
    answer(
      legacyCardAt(url, { name: 'Extended', description: `At ${url}/a2a.`, iconUrl: `${url}/icon.png` }),
    );
    const text = await (await legacyCall(gateway, 'GetExtendedAgentCard')).text();
    expect(JSON.parse(text)).toMatchObject({
      result: { name: 'Extended', url: 'http://127.0.0.1:1/agents/veteran', protocolVersion: '0.3.0' },
    });
    expect(text).not.toContain(new URL(url).port);
  });

  it('that is an extended card of 1.0 is laid out as 0.3 all the same', async () => {
    answer(cardAt(gateway.agent.url));
    const text = await (await legacyCall(gateway, 'GetExtendedAgentCard')).text();
    expect(JSON.parse(text)).toMatchObject({
      result: { url: 'http://127.0.0.1:1/agents/veteran', preferredTransport: 'JSONRPC' },
    });
    expect(text).not.toContain(gateway.agent.url);
  });

  it('that should be an extended card and is none is refused', async () => {
    answer({ name: 'x', url: gateway.agent.url });
    const response = await legacyCall(gateway, 'GetExtendedAgentCard');
    await expectRefusal(response, 'JSON-RPC', 'INVALID_AGENT_RESPONSE', { problem: 'card' });
  });

  it('that breaks off in mid-stream ends with an error event', async () => {
    const event = 'data: {"jsonrpc":"2.0","id":1,"result":{"kind":"task","id":"t-1"}}\n\n';
    gateway.agent.script((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(event);
      response.write('data: half', () => response.destroy());
    });
    const text = await (await legacyCall(gateway, 'SendStreamingMessage')).text();
    expect(text.startsWith(event)).toBe(true);
    expectErrorEvent(text.slice(event.length), 'JSON-RPC', 'UPSTREAM_RESET');
  });
});

describe('a tenant that a card of 1.0 gives its interface of 0.3', () => {
  it('is named to the agent in every operation', async () => {
    cites('A2A-8.3.2-tenant', 'JSON-RPC 0.3');
    answer({ pushNotificationConfig: { url: hookUrl } });
    for (const operation of askedOfAgents)
      await (await legacyCall(gateway, operation, { agentId: 'many' })).text();
    expect(gateway.agent.seen).toHaveLength(askedOfAgents.length);
    for (const { body } of gateway.agent.seen) expect(JSON.parse(body)).toMatchObject({ params: { tenant } });
  });

  it('is refused from a caller, wherever 0.3 would not look for it', async () => {
    cites('A2A-8.3.2-no-foreign-tenant', 'JSON-RPC 0.3');
    for (const params of [
      { id: 't-1', tenant },
      { id: 't-1', tenant: 1 },
    ]) {
      const response = await legacyRpc(gateway, rpc('tasks/get', params), 'many');
      const metadata = { member: 'params.tenant', rule: 'tenant' };
      expect(errorInfo(await response.text())).toEqual({ reason: 'MEMBER_REFUSED', metadata });
    }
    expect(gateway.agent.seen).toEqual([]);
  });

  it('is in no answer to who sets a webhook', async () => {
    const pushNotificationConfig = { id: 'c-1', url: hookUrl };
    answer({ tenant, taskId: 't-1', pushNotificationConfig: { ...pushNotificationConfig, tenant } });
    const response = await legacyCall(gateway, 'CreateTaskPushNotificationConfig', { agentId: 'many' });
    const result = { taskId: 't-1', pushNotificationConfig };
    expect(await response.json()).toEqual({ jsonrpc: '2.0', id: 1, result });
  });

  it('is in no card', async () => {
    cites('A2A-8.3.2-hidden-tenant');
    for (const version of ['', '1.0']) {
      const headers = { 'a2a-version': version };
      const card = await gateway.fetch('/agents/many/.well-known/agent-card.json', { headers });
      const text = await card.text();
      for (const secret of ['acme', 'tenant', gateway.agent.url]) expect(text).not.toContain(secret);
    }
  });
});
