import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { hookUrl } from '../support/bindings.ts';
import { permit, register, rpc, startGateway, type TestGateway } from '../support/gateway.ts';
import { answerEvents, answerJson, cardAt } from '../support/scripted-agent.ts';

/** Attacks on what is translated: by callers on agents, and by agents on callers and on other agents. */

let gateway: TestGateway;

const interfaces = {
  'rest-1': ['HTTP+JSON', '1.0', '/rest'],
  'rpc-1': ['JSONRPC', '1.0', '/rpc'],
  'rpc-0': ['JSONRPC', '0.3', '/rpc'],
  'rest-0': ['HTTP+JSON', '0.3', '/rest'],
} as const;

beforeAll(async () => {
  gateway = await startGateway();
  for (const [agentId, [protocolBinding, protocolVersion, path]] of Object.entries(interfaces)) {
    const url = gateway.agent.url + path;
    const supportedInterfaces = [{ url, protocolBinding, protocolVersion }];
    gateway.agent.card(cardAt(gateway.agent.url, { supportedInterfaces }));
    await register(gateway, { agentId });
  }
  await permit(gateway, 'demo', {
    allowedAgents: Object.keys(interfaces),
    operations: ['send', 'stream', 'read', 'cancel', 'push'],
  });
});
afterAll(() => gateway.close());
afterEach(() => void gateway.agent.seen.splice(0));

type AgentId = keyof typeof interfaces;

function ask(agentId: AgentId, method: string, params: unknown): Promise<Response> {
  return gateway.fetch(`/agents/${agentId}`, rpc(method, params));
}

/** As {@link ask}, with params as text. */
function askWith(agentId: AgentId, method: string, params: string, version = '1.0'): Promise<Response> {
  return gateway.fetch(`/agents/${agentId}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'a2a-version': version },
    body: `{"jsonrpc":"2.0","id":1,"method":"${method}","params":${params}}`,
  });
}

const task = { id: 't-1', contextId: 'c-1', status: { state: 'TASK_STATE_WORKING' } };
const uuid = /[0-9a-f]{8}.[0-9a-f]{4}.[0-9a-f]{4}.[0-9a-f]{4}.[0-9a-f]{12}/;

describe('what keeps the spelling of numbers', () => {
  it('never reaches an agent by an id of its own event', async () => {
    const update = '{"kind":"status-update","taskId":1.0,"contextId":"c","status":{"state":"working"}}';
    gateway.agent.script((request, response, incoming) => {
      if (request.target === '/rest/v1/message:stream')
        answerEvents('data: {"statusUpdate":{"taskId":1.0,"contextId":"c-1","status":{}}}\n\n')(
          request,
          response,
          incoming,
        );
      else answerEvents(`data: {"jsonrpc":"2.0","id":1,"result":${update}}\n\n`)(request, response, incoming);
    });
    for (const agentId of ['rest-0', 'rpc-0'] as const) {
      const message = { messageId: 'm', role: 'ROLE_USER', parts: [{ text: 'a' }] };
      await (await ask(agentId, 'SendStreamingMessage', { message })).text();
    }
    const reached = gateway.agent.seen.map(({ target, body }) => target + body);
    expect(reached).toHaveLength(2); // The task is not asked for by what is no id.
    expect(reached.join()).not.toMatch(uuid);
  });

  it('never reaches an agent by a part of a request', async () => {
    gateway.agent.script(
      answerJson({ jsonrpc: '2.0', id: 1, result: { ...task, kind: 'task', status: { state: 'working' } } }),
    );
    const parts = '[{"raw":1.0}]';
    const answer = await askWith(
      'rpc-0',
      'SendMessage',
      `{"message":{"messageId":"m","role":"ROLE_USER","parts":${parts}}}`,
    );
    expect(await answer.text()).toContain('PARAMETER_INVALID');
    expect(gateway.agent.seen).toEqual([]);
  });

  it('never reaches an agent by a page token', async () => {
    gateway.agent.script(answerJson({ configs: [] }));
    const request = '{"taskId":"t-1","pageToken":1.0}';
    const answer = await askWith('rest-0', 'ListTaskPushNotificationConfigs', request);
    expect(await answer.text()).toContain('PARAMETER_INVALID');
    expect(gateway.agent.seen).toEqual([]);
  });

  it('never reaches a caller by a card', async () => {
    const card = JSON.stringify(cardAt(gateway.agent.url)).replace('"1.0.0"', '1.0');
    gateway.agent.script(answerJson(card));
    const text = await (await ask('rest-1', 'GetExtendedAgentCard', {})).text();
    expect(text).not.toMatch(uuid);
  });
});

describe('a query that is made of a request', () => {
  it.each(['tenant[]', '[tenant]', ' tenant', 'tenant.x', 'A2A-Version'])('has no %s', async (name) => {
    gateway.agent.script(answerJson(task));
    await ask('rest-1', 'GetTask', { id: 't-1', [name]: 'other', more: 'x' });
    expect(gateway.agent.seen.map(({ target }) => target)).toEqual(['/rest/tasks/t-1?more=x']);
  });

  it.each(['hasOwnProperty', 'toString', 'constructor', '__proto__', '__defineGetter__'])(
    'by a parameter called %s breaks nothing',
    async (name) => {
      gateway.agent.script(answerJson({ jsonrpc: '2.0', id: 1, result: task }));
      const answer = await gateway.fetch(`/agents/rpc-1/tasks/t-1?${name}=1`);
      expect([answer.status, await answer.json()]).toEqual([200, task]);
    },
  );
});

describe('a member that the caller’s version does not know', () => {
  const others = { url: 'https://other.example', name: 'tasks/t-2', taskId: 't-2', id: 'c-2' };

  function bodySeen(): Record<string, unknown> {
    return JSON.parse(gateway.agent.seen[0]?.body ?? '{}');
  }

  /** Without what is another each time. */
  function webhookSeen(): unknown {
    return JSON.parse(JSON.stringify(bodySeen()).replace(/[\w-]{36,}/g, ''));
  }

  it.each(['request', 'Request', 'REQUEST', '_request'])(
    'is no message of 0.3 to an agent: %s',
    async (name) => {
      gateway.agent.script(answerJson({ task }));
      const message = { messageId: 'm', role: 'ROLE_USER', parts: [{ text: 'a' }], taskId: 't-1' };
      await ask('rest-0', 'SendMessage', { message, [name]: others, kept: others });
      expect(Object.keys(bodySeen()).sort()).toEqual(['configuration', 'kept', 'message']);
    },
  );

  it.each(['parent', 'config', 'configId', 'config_id', 'name', 'pushNotificationConfig'])(
    'is nothing that creates a push configuration of 0.3: %s',
    async (name) => {
      gateway.agent.script(answerJson({ ...others }));
      const request = { taskId: 't-1', id: 'c-1', url: hookUrl, kept: 'kept' };
      await ask('rest-0', 'CreateTaskPushNotificationConfig', request);
      const without = webhookSeen();
      gateway.agent.seen.splice(0);
      const value = name.startsWith('config') || name.startsWith('push') ? others : 'tasks/t-2';
      await ask('rest-0', 'CreateTaskPushNotificationConfig', { ...request, [name]: value });
      expect(webhookSeen()).toEqual(without);
      expect(without).toMatchObject({ parent: 'tasks/t-1', config: { name: expect.stringMatching('t-1') } });
    },
  );
});
