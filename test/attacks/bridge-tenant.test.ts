import { afterAll, beforeAll, expect, it } from 'vitest';
import { permit, register, startGateway, type TestGateway } from '../support/gateway.ts';
import { grpcCaller, grpcSettings } from '../support/grpc.ts';
import { cardAt, type SeenRequest } from '../support/scripted-agent.ts';

/** The tenant that an agent's card asks for is between it and the gateway, whatever either side of the bridge speaks. */

const tenant = 'secret-tenant';
const interfaces = { rpc: 'JSONRPC', rest: 'HTTP+JSON' } as const;
let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway({ settings: { grpc: grpcSettings }, registration: null });
  for (const [agentId, protocolBinding] of Object.entries(interfaces)) {
    const url = `${gateway.agent.url}/${agentId}`;
    const supportedInterfaces = [{ url, protocolBinding, protocolVersion: '1.0', tenant }];
    gateway.agent.card(cardAt(gateway.agent.url, { supportedInterfaces }));
    await register(gateway, { agentId });
  }
  await permit(gateway, 'demo', {
    allowedAgents: ['rpc', 'rest'],
    operations: ['send', 'stream', 'read', 'cancel', 'push'],
  });
  gateway.agent.script((request, response) => {
    const result = resultOf(request);
    const answer = request.target.startsWith('/rpc') ? { jsonrpc: '2.0', id: 1, result } : result;
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
});
afterAll(() => gateway.close());

/** An agent that repeats its tenant wherever it has a place. */
function resultOf({ method, target, body }: SeenRequest): object {
  const config = { tenant, taskId: 't-1', id: 'c-1', url: 'https://127.0.0.1' };
  if (/ExtendedAgentCard/i.test(target + body)) {
    const one = { url: gateway.agent.url, protocolBinding: 'GRPC', protocolVersion: '1.0', tenant };
    return cardAt(gateway.agent.url, { supportedInterfaces: [one] });
  }
  const isList = body.includes('ListTask') || (method === 'GET' && target.endsWith('Configs'));
  return isList ? { configs: [config] } : config;
}

interface Asked {
  path: string;
  version: string;
  init: RequestInit;
}

const json = { 'content-type': 'application/json' };
const rpc = (version: string, method: string, params: object): Asked => ({
  path: '',
  version,
  init: { method: 'POST', headers: json, body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }) },
});
const get = (version: string, path: string): Asked => ({ path, version, init: {} });
const push = { id: 'c-1', url: 'https://127.0.0.1' };

const asked = [
  rpc('1.0', 'CreateTaskPushNotificationConfig', { taskId: 't-1', ...push }),
  rpc('1.0', 'GetTaskPushNotificationConfig', { taskId: 't-1', id: 'c-1' }),
  rpc('1.0', 'ListTaskPushNotificationConfigs', { taskId: 't-1' }),
  rpc('1.0', 'GetExtendedAgentCard', {}),
  rpc('0.3', 'tasks/pushNotificationConfig/set', { taskId: 't-1', pushNotificationConfig: push }),
  rpc('0.3', 'tasks/pushNotificationConfig/get', { id: 't-1', pushNotificationConfigId: 'c-1' }),
  rpc('0.3', 'tasks/pushNotificationConfig/list', { id: 't-1' }),
  rpc('0.3', 'agent/getAuthenticatedExtendedCard', {}),
  get('1.0', '/tasks/t-1/pushNotificationConfigs/c-1'),
  get('1.0', '/tasks/t-1/pushNotificationConfigs'),
  get('1.0', '/extendedAgentCard'),
  get('0.3', '/v1/tasks/t-1/pushNotificationConfigs/c-1'),
  get('0.3', '/v1/tasks/t-1/pushNotificationConfigs'),
  get('0.3', '/v1/card'),
];

it.each(Object.keys(interfaces))('of an agent over %s reaches no caller over HTTP', async (agentId) => {
  for (const { path, version, init } of asked) {
    const headers = new Headers(init.headers);
    headers.set('a2a-version', version);
    const answer = await gateway.fetch(`/agents/${agentId}${path}`, { ...init, headers });
    const text = await answer.text();
    expect([answer.status, text], `${version} ${path}`).toEqual([200, expect.stringMatching(/c-1|"name"/)]);
    expect(text).not.toContain(tenant);
  }
});

it.each(Object.keys(interfaces))('of an agent over %s reaches no caller over gRPC', async (agentId) => {
  const caller = grpcCaller(gateway.grpcAddress, { token: await gateway.issuer.token() });
  for (const operation of [
    'GetTaskPushNotificationConfig',
    'ListTaskPushNotificationConfigs',
    'GetExtendedAgentCard',
  ] as const) {
    const { messages } = await caller.call(operation, { tenant: agentId, taskId: 't-1', id: 'c-1' });
    expect(messages).toHaveLength(1);
    expect(JSON.stringify(messages)).not.toContain(tenant);
  }
  caller.close();
});
