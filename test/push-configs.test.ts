import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OperationName } from '../src/protocol/operations.ts';
import { cells } from './requirements/clause.ts';
import { type CellCaller, cellCaller, expectRefused } from './support/cell-caller.ts';
import { cites } from './support/cites.ts';
import { permit, register } from './support/gateway.ts';
import { legacyCardAt } from './support/legacy.ts';
import { creation, type Hook, hooksIn, messageWith } from './support/push-speech.ts';
import { type PushingAgent, post, takePushes } from './support/pushing-agent.ts';
import { type RelayStand, startRelayStand } from './support/relay-stand.ts';
import { cardAt } from './support/scripted-agent.ts';

/** Push configurations as their callers set them and get them back, and what of them an agent gets. */

const secrets = { token: 'token-of-the-caller', scheme: 'Bearer', credentials: 'credentials-of-the-caller' };
const agentKinds = ['JSON-RPC 1.0', 'HTTP+JSON 1.0', 'JSON-RPC 0.3', 'HTTP+JSON 0.3'] as const;

let stand: RelayStand;
let token: string;
let agent: PushingAgent;
let count = 0;

beforeAll(async () => {
  stand = await startRelayStand({ registration: null });
  token = await stand.gateway.issuer.token();
  const operations = ['send', 'stream', 'read', 'cancel', 'push'];
  await permit(stand.gateway, 'demo', { allowedAgents: ['*'], operations });
});
afterAll(() => stand.close());
beforeEach(() => {
  stand.gateway.agent.seen.splice(0);
  agent = takePushes(stand.gateway.agent);
});

/** Another agent each time, with whose tasks no other test has had to do. */
async function newAgent(kind: (typeof agentKinds)[number], ownership = 'principal'): Promise<string> {
  const { gateway } = stand;
  const { url, card } = gateway.agent;
  const isRpc = kind.startsWith('JSON-RPC');
  const protocolBinding = isRpc ? 'JSONRPC' : 'HTTP+JSON';
  const supportedInterfaces = [
    { url: `${url}${isRpc ? '/rpc' : '/rest'}`, protocolBinding, protocolVersion: '1.0' },
  ];
  card(
    kind.endsWith('1.0')
      ? cardAt(url, { supportedInterfaces })
      : legacyCardAt(url, { url: `${url}${isRpc ? '/a2a' : '/rest'}`, preferredTransport: protocolBinding }),
  );
  const agentId = `agent-${++count}`;
  await register(gateway, { agentId, ownership });
  return agentId;
}

/** What callers gave, wherever an agent might have got it. */
function expectHidden(hook: Hook): void {
  const everything = JSON.stringify(stand.gateway.agent.seen);
  for (const secret of [hook.url, hook.token, hook.credentials]) {
    if (secret !== undefined) expect(everything).not.toContain(secret);
  }
  const told = JSON.stringify(stand.gateway.logged);
  for (const secret of [hook.token, hook.credentials]) {
    if (secret !== undefined) expect(told).not.toContain(secret);
  }
}

describe.each(cells)('a caller in %s', (cell) => {
  let caller: CellCaller;
  beforeAll(() => {
    caller = cellCaller(stand.gateway, cell, token);
  });
  afterAll(() => caller.close());

  /** With a task of the caller's at an agent of its own. */
  async function atTask(kind: (typeof agentKinds)[number]) {
    const agentId = await newAgent(kind);
    await caller.call('SendMessage', { agentId });
    return (operation: OperationName, params?: Readonly<Record<string, unknown>>) =>
      caller.call(operation, { agentId, ...(params !== undefined && { params }) });
  }

  it.each(agentKinds)('sets, gets, lists and deletes webhooks of an agent of %s', async (kind) => {
    cites(
      'A2A-3.1.7-create-push-config',
      'A2A-3.1.8-get-push-config',
      'A2A-3.1.9-list-push-configs',
      'A2A-3.1.10-delete-push-config',
      cell,
    );
    const call = await atTask(kind);
    const hook = { id: 'c-1', url: `${stand.receiver.url}/of-the-caller`, ...secrets };
    const bare = { id: 'c-2', url: `${stand.receiver.url}/another` };

    const created = await call('CreateTaskPushNotificationConfig', creation(cell, hook));
    expect(hooksIn(created.text)).toEqual([hook]);
    expect(created.text).toContain('t-1');
    await call('CreateTaskPushNotificationConfig', creation(cell, bare));
    expect(agent.given.map(({ id }) => id)).toEqual(['c-1', 'c-2']);
    for (const { url, token, scheme, credentials } of agent.given) {
      expect(url.startsWith(`${stand.publicUrl}/push/`)).toBe(true);
      expect([scheme, token]).toEqual(['Bearer', credentials]);
    }

    stand.gateway.agent.seen.splice(0);
    expect(hooksIn((await call('GetTaskPushNotificationConfig')).text)).toEqual([hook]);
    expect(hooksIn((await call('ListTaskPushNotificationConfigs')).text)).toEqual([hook, bare]);
    expect(stand.gateway.agent.seen).toEqual([]);

    const deleted = await call('DeleteTaskPushNotificationConfig');
    expect(deleted.error.code).toBeOneOf([undefined, 0]);
    expect(stand.gateway.agent.seen).toHaveLength(1);
    expect(hooksIn((await call('ListTaskPushNotificationConfigs')).text)).toEqual([bare]);
    await call('DeleteTaskPushNotificationConfig');
    expect(stand.gateway.agent.seen).toHaveLength(1);
    expectHidden(hook);
  });

  it.each(agentKinds)('brings a webhook with a message to an agent of %s', async (kind) => {
    const agentId = await newAgent(kind);
    const hook = { id: 'c-1', url: `${stand.receiver.url}/inline`, ...secrets };
    for (const operation of ['SendMessage', 'SendStreamingMessage'] as const) {
      const sent = await caller.call(operation, { agentId, params: messageWith(cell, hook) });
      expect(sent.text).toContain('t-1');
      const { text } = await caller.call('ListTaskPushNotificationConfigs', { agentId });
      expect(hooksIn(text)).toEqual([hook]);
    }
    expect(agent.given.map(({ id }) => id)).toEqual(['c-1', 'c-1']);
    expectHidden(hook);
  });

  it.each(agentKinds)('leaves none behind where an agent of %s answers with a message', async (kind) => {
    const agentId = await newAgent(kind);
    await caller.call('SendMessage', { agentId });
    const role = 'ROLE_AGENT';
    agent.answerMessagesWith({ message: { messageId: 'a-1', role, parts: [] } });
    const hook = { id: 'c-1', url: `${stand.receiver.url}/inline`, ...secrets };
    await caller.call('SendMessage', { agentId, params: messageWith(cell, hook) });
    const [webhook] = agent.given;
    expect(webhook?.url).toContain('/push/');
    const { text } = await caller.call('ListTaskPushNotificationConfigs', { agentId });
    expect(hooksIn(text)).toEqual([]);
  });

  it('has none where the agent refuses it, and the one of before goes on', async () => {
    const call = await atTask('JSON-RPC 1.0');
    const hook = { id: 'c-1', url: `${stand.receiver.url}/first`, ...secrets };
    agent.refuseWith({ code: -32603, message: 'Not today.' });
    const refused = await call('CreateTaskPushNotificationConfig', creation(cell, hook));
    expect(refused.all).toContain('Not today.');
    expect(hooksIn((await call('ListTaskPushNotificationConfigs')).text)).toEqual([]);

    agent.refuseWith(undefined);
    await call('CreateTaskPushNotificationConfig', creation(cell, hook));
    agent.refuseWith({ code: -32603, message: 'Not today.' });
    await call(
      'CreateTaskPushNotificationConfig',
      creation(cell, { ...hook, url: `${stand.receiver.url}/2` }),
    );
    expect(hooksIn((await call('ListTaskPushNotificationConfigs')).text)).toEqual([hook]);
    agent.refuseWith(undefined);
    const next = { ...hook, url: `${stand.receiver.url}/3` };
    await call('CreateTaskPushNotificationConfig', creation(cell, next));
    expect(hooksIn((await call('ListTaskPushNotificationConfigs')).text)).toEqual([next]);
  });

  it.each([
    ['does not know', { code: -32001, message: 'What task?' }, false],
    ['does not let go, and is told so,', { code: -32603, message: 'Not today.' }, true],
  ])('is rid of one that the agent %s once it deletes it', async (_, error, isTold) => {
    const call = await atTask('JSON-RPC 1.0');
    const hook = { id: 'c-1', url: `${stand.receiver.url}/not-any-more` };
    await call('CreateTaskPushNotificationConfig', creation(cell, hook));
    const [webhook] = agent.given;
    if (webhook === undefined) throw new Error('the agent was given no webhook');
    agent.refuseWith(error);
    const deleted = await call('DeleteTaskPushNotificationConfig');
    expect(deleted.all.includes(error.message)).toBe(isTold);
    expectRefused(cell, await call('GetTaskPushNotificationConfig'), 'TASK_NOT_FOUND');
    const status = { state: 'TASK_STATE_WORKING' };
    const posted = await post(webhook, { statusUpdate: { taskId: 't-1', contextId: 'ctx-1', status } });
    expect(posted.status).toBe(404);
    expect((await call('DeleteTaskPushNotificationConfig')).error.code).toBeOneOf([undefined, 0]);
  });

  it.each([
    ['url', { url: 'hooks.example' }],
    ['token', { token: 'a\u0007b' }],
    ['authentication.credentials', { scheme: 'Bearer', credentials: 'a\r\nx: y' }],
    ['scheme', { url: 'ftp://127.0.0.1/' }],
    ['address:metadata', { url: 'http://169.254.169.254/latest' }],
  ])('is refused a webhook by its %s, set or brought, before the agent is asked', async (rule, members) => {
    const call = await atTask('JSON-RPC 1.0');
    stand.gateway.agent.seen.splice(0);
    const hook = { id: 'c-1', url: stand.receiver.url, ...members };
    expectRefused(
      cell,
      await call('CreateTaskPushNotificationConfig', creation(cell, hook)),
      'WEBHOOK_REFUSED',
      {
        rule,
      },
    );
    expectRefused(cell, await call('SendMessage', messageWith(cell, hook)), 'WEBHOOK_REFUSED', { rule });
    expect(stand.gateway.agent.seen).toEqual([]);
  });

  it('has its webhooks to itself at an agent that keeps its callers apart itself', async () => {
    const agentId = await newAgent('JSON-RPC 1.0', 'backend');
    const params = creation(cell, { id: 'c-1', url: stand.receiver.url });
    await caller.call('CreateTaskPushNotificationConfig', { agentId, params });
    const bob = await stand.gateway.issuer.token({ sub: 'bob', client_id: 'bob' });
    const another = cellCaller(stand.gateway, cell, bob);
    expect(hooksIn((await another.call('ListTaskPushNotificationConfigs', { agentId })).text)).toEqual([]);
    expectRefused(cell, await another.call('GetTaskPushNotificationConfig', { agentId }), 'TASK_NOT_FOUND');
    another.close();
    expect(hooksIn((await caller.call('GetTaskPushNotificationConfig', { agentId })).text)).toHaveLength(1);
  });

  it('has as many for a task as the setting says', async () => {
    const call = await atTask('JSON-RPC 1.0');
    for (let n = 0; n < 10; n++) {
      const hook = { id: `c-${n}`, url: stand.receiver.url };
      await call('CreateTaskPushNotificationConfig', creation(cell, hook));
    }
    const hook = { id: 'c-10', url: stand.receiver.url };
    const refusal = ['WEBHOOK_REFUSED', { rule: 'count' }] as const;
    expectRefused(cell, await call('CreateTaskPushNotificationConfig', creation(cell, hook)), ...refusal);
    expectRefused(cell, await call('SendMessage', messageWith(cell, hook, 't-1')), ...refusal);
    await call('SendMessage', messageWith(cell, hook));
    expect(hooksIn((await call('ListTaskPushNotificationConfigs')).text)).toHaveLength(10);
  });
});
