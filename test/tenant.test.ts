import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OperationName } from '../src/protocol/operations.ts';
import {
  answeredHere,
  bindings,
  call,
  expectRefusal,
  hookUrl,
  operationNames,
  success,
} from './support/bindings.ts';
import { cites } from './support/cites.ts';
import { rpc, startGateway, type TestGateway } from './support/gateway.ts';
import { answerJson, cardAt } from './support/scripted-agent.ts';

/** An agent that serves many tenants at one URL: the gateway names its own, callers neither name nor see one. */

const tenant = 'acme/ü';
let gateway: TestGateway;

function card(url: string, members: Record<string, unknown> = {}): Record<string, unknown> {
  const plain = cardAt(url) as { supportedInterfaces: object[] }; // It is made just there.
  return cardAt(url, {
    supportedInterfaces: plain.supportedInterfaces.map((entry) => ({ ...entry, tenant })),
    ...members,
  });
}

beforeAll(async () => {
  gateway = await startGateway({ registration: null });
  gateway.agent.card(card(gateway.agent.url));
  await gateway.admin('POST', '/admin/agents', {
    agentId: 'agent',
    agentCardUrl: gateway.agent.cardUrl,
    ownership: 'backend', // The ids are made up.
  });
  await gateway.admin('PUT', '/admin/permissions/demo', {
    allowedAgents: ['agent'],
    operations: ['send', 'stream', 'read', 'cancel', 'push'],
  });
});
afterAll(() => gateway.close());

describe('a tenant in JSON-RPC', () => {
  it.each([
    ['absent', ',"params": {"id":"t-1"}', ',"params": {"tenant":"acme/ü","id":"t-1"}'],
    ['null', ',"params": {"id":"t-1","tenant": null}', ',"params": {"id":"t-1","tenant": "acme/ü"}'],
    ['empty', ',"params": {"tenant":"" , "id":1.0e0}', ',"params": {"tenant":"acme/ü" , "id":1.0e0}'],
    ['without params', '', undefined],
    ['with params null', ',"params": null', ',"params": {"tenant":"acme/ü"}'],
  ])('%s is put in, and nothing else changes', async (_, params, expected) => {
    gateway.agent.script(answerJson(success('JSON-RPC', {})));
    const text = (inner: string) => ` {"jsonrpc":"2.0", "id":1, "method":"ListTasks"${inner}} `;
    const response = await gateway.fetch('/agents/agent', { ...rpc(''), body: text(params) });
    expect(response.status).toBe(200);
    const injected = ` {"params":{"tenant":"acme/ü"},"jsonrpc":"2.0", "id":1, "method":"ListTasks"} `;
    expect(gateway.agent.seen.at(-1)?.body).toBe(expected === undefined ? injected : text(expected));
  });

  it('is named in every operation', async () => {
    cites('A2A-8.3.2-tenant', 'JSON-RPC 1.0');
    for (const operation of operationNames.filter((operation) => !answeredHere.includes(operation))) {
      gateway.agent.script(answerJson(success('JSON-RPC', {})));
      await (await call(gateway, 'JSON-RPC', operation)).text();
      const body = gateway.agent.seen.at(-1)?.body ?? '';
      expect(JSON.parse(body)).toMatchObject({ method: operation, params: { tenant } });
    }
  });
});

describe('a tenant in HTTP+JSON', () => {
  beforeEach(() => cites('A2A-8.3.2-tenant', 'HTTP+JSON 1.0'));

  it.each<[OperationName, string]>([
    ['SendMessage', 'POST /rest/acme%2F%C3%BC/message:send'],
    ['ListTasks', 'GET /rest/acme%2F%C3%BC/tasks'],
    ['GetTask', 'GET /rest/acme%2F%C3%BC/tasks/t-1'],
    ['CancelTask', 'POST /rest/acme%2F%C3%BC/tasks/t-1:cancel'],
    ['SubscribeToTask', 'POST /rest/acme%2F%C3%BC/tasks/t-1:subscribe'],
    ['GetExtendedAgentCard', 'GET /rest/acme%2F%C3%BC/extendedAgentCard'],
  ])('is the first segment of the path of %s', async (operation, line) => {
    gateway.agent.script(answerJson({}));
    await (await call(gateway, 'HTTP+JSON', operation)).text();
    const { method, target, body } = gateway.agent.seen.at(-1) ?? {};
    expect(`${method} ${target}`).toBe(line);
    expect(body).not.toContain('tenant');
  });
});

describe('a tenant the caller names', () => {
  it.each(bindings)('is refused in %s, and the agent not called', async (binding) => {
    cites('A2A-8.3.2-no-foreign-tenant', 'JSON-RPC 1.0', 'HTTP+JSON 1.0');
    const seen = gateway.agent.seen.length;
    const params = { id: 't-1', tenant };
    const response = await call(gateway, binding, 'CancelTask', { params });
    const member = binding === 'JSON-RPC' ? 'params.tenant' : 'tenant';
    const body = await response.text();
    expect(JSON.parse(body)).toMatchObject({
      error: { code: binding === 'JSON-RPC' ? -32602 : 400 },
    });
    expect(body).toContain(`"metadata":{"member":"${member}","rule":"tenant"}`);
    expect(gateway.agent.seen).toHaveLength(seen);
  });
});

describe.each(bindings)('what the agent says of its tenant in %s', (binding) => {
  it('is in no answer to who sets a webhook', async () => {
    const config = { tenant, id: 'c-1', taskId: 't-1', url: hookUrl };
    gateway.agent.script(answerJson(success(binding, config), binding === 'JSON-RPC' ? 200 : 201));
    const response = await call(gateway, binding, 'CreateTaskPushNotificationConfig');
    const { tenant: _, ...stripped } = config;
    const result = JSON.parse(await response.text());
    expect(binding === 'JSON-RPC' ? result.result : result).toEqual(stripped);
  });

  it('leaves an error of it as it is', async () => {
    const body =
      binding === 'JSON-RPC' ? '{"jsonrpc":"2.0","id":1,"error":{"code":-32001}}' : '{"error":{"code":404}}';
    gateway.agent.script(answerJson(body, 404));
    const response = await call(gateway, binding, 'GetExtendedAgentCard');
    expect(await response.text()).toBe(body);
  });

  it('is in no extended card, and neither is the backend', async () => {
    cites('A2A-8.3.2-hidden-tenant', 'A2A-13.3-rewritten', 'JSON-RPC 1.0', 'HTTP+JSON 1.0');
    const extended = card(gateway.agent.url, {
      name: 'Scripted, extended',
      documentationUrl: `${gateway.agent.url}/docs`,
      iconUrl: 'https://example.com/icon.png',
    });
    gateway.agent.script(answerJson(success(binding, extended)));
    const response = await call(gateway, binding, 'GetExtendedAgentCard');
    const text = await response.text();
    const value: unknown = JSON.parse(text);
    const published = binding === 'JSON-RPC' ? (value as { result: unknown }).result : value;
    expect(published).toMatchObject({
      name: 'Scripted, extended',
      iconUrl: 'https://example.com/icon.png',
      supportedInterfaces: ['1.0', '0.3'].flatMap((protocolVersion) => [
        { url: 'http://127.0.0.1:1/agents/agent', protocolBinding: 'JSONRPC', protocolVersion },
        { url: 'http://127.0.0.1:1/agents/agent', protocolBinding: 'HTTP+JSON', protocolVersion },
      ]),
    });
    for (const secret of ['acme', 'tenant', gateway.agent.url]) expect(text).not.toContain(secret);
  });

  it('and an extended card that is none is refused', async () => {
    gateway.agent.script(answerJson(success(binding, { name: 'x', url: gateway.agent.url })));
    const response = await call(gateway, binding, 'GetExtendedAgentCard');
    await expectRefusal(response, binding, 'INVALID_AGENT_RESPONSE', { problem: 'card' });
  });
});

describe('a result given twice', () => {
  const twice = (result: unknown, last: unknown) =>
    `{"jsonrpc":"2.0","id":1,"result":${JSON.stringify(result)},"result":${JSON.stringify(last)}}`;

  it('is no extended card where the last is none', async () => {
    gateway.agent.script(answerJson(twice(card(gateway.agent.url), null)));
    const response = await call(gateway, 'JSON-RPC', 'GetExtendedAgentCard');
    await expectRefusal(response, 'JSON-RPC', 'INVALID_AGENT_RESPONSE', { problem: 'card' });
  });
});

describe('a public card', () => {
  it('names no tenant', async () => {
    cites('A2A-8.3.2-hidden-tenant');
    for (const path of ['/agents/agent/.well-known/agent-card.json', '/agents']) {
      const text = await (await gateway.fetch(path)).text();
      expect(text).toContain('Scripted');
      for (const secret of ['acme', 'tenant', gateway.agent.url]) expect(text).not.toContain(secret);
    }
  });
});
