import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OperationName } from '../src/protocol/operations.ts';
import {
  bindings,
  type CallOptions,
  call,
  expectRefusal,
  message,
  operationNames,
  success,
} from './support/bindings.ts';
import { cites } from './support/cites.ts';
import { permit, register, startGateway, type TestGateway } from './support/gateway.ts';
import { answerJson, cardAt } from './support/scripted-agent.ts';

/** What a permission does not grant and what a card does not declare is refused before the agent hears of it. */

const everyOperation = ['send', 'stream', 'read', 'cancel', 'push'];
let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway();
  gateway.agent.card(cardAt(gateway.agent.url, { capabilities: {} }));
  await register(gateway, { agentId: 'plain' });
  gateway.agent.card(cardAt(gateway.agent.url, { capabilities: { streaming: true } }));
  await register(gateway, { agentId: 'streaming' });
});
afterAll(() => gateway.close());
beforeEach(() => gateway.agent.seen.splice(0));

const inlinePush: CallOptions = {
  params: { message, configuration: { taskPushNotificationConfig: { url: 'https://hooks.example/1' } } },
};

/** What each operation needs, and with what a call carries on top. */
const needed: readonly [OperationName, string, CallOptions?][] = [
  ['SendMessage', 'send'],
  ['SendMessage', 'push', inlinePush],
  ['SendStreamingMessage', 'stream'],
  ['SendStreamingMessage', 'push', inlinePush],
  ['GetTask', 'read'],
  ['ListTasks', 'read'],
  ['CancelTask', 'cancel'],
  ['SubscribeToTask', 'read'],
  ['CreateTaskPushNotificationConfig', 'push'],
  ['GetTaskPushNotificationConfig', 'push'],
  ['ListTaskPushNotificationConfigs', 'push'],
  ['DeleteTaskPushNotificationConfig', 'push'],
  ['GetExtendedAgentCard', 'read'],
];

describe.each(bindings)('a permission in %s', (binding) => {
  it('that grants everything lets every operation through', async () => {
    await permit(gateway, 'demo', { allowedAgents: ['*'], operations: everyOperation });
    gateway.agent.script(answerJson(success(binding, { error: {} }), 200));
    for (const [operation, , options] of needed)
      await (await call(gateway, binding, operation, options)).text();
    expect(gateway.agent.seen).toHaveLength(needed.length);
  });

  it.each(needed)('for %s without %s is refused', async (operation, permission, options) => {
    cites('A2A-13.1-authorize', 'JSON-RPC 1.0', 'HTTP+JSON 1.0');
    const operations = everyOperation.filter((granted) => granted !== permission);
    await permit(gateway, 'demo', { allowedAgents: ['*'], operations });
    const response = await call(gateway, binding, operation, options);
    expect(response.headers.get('www-authenticate')).toBeNull();
    await expectRefusal(response, binding, 'OPERATION_FORBIDDEN', { operation: permission });
    expect(gateway.agent.seen).toEqual([]);
  });

  it('is judged before what the card declares', async () => {
    cites('A2A-13.1-before-lookup');
    await permit(gateway, 'demo', { allowedAgents: ['*'], operations: ['send'] });
    for (const operation of operationNames.filter((name) => name !== 'SendMessage')) {
      const response = await call(gateway, binding, operation, { agentId: 'plain' });
      expect([operation, response.status]).toEqual([operation, 403]);
      await response.text();
    }
  });
});

describe.each(bindings)('a card in %s', (binding) => {
  beforeAll(() => permit(gateway, 'demo', { allowedAgents: ['*'], operations: everyOperation }));

  it.each<[string, OperationName, string, string, CallOptions?]>([
    ['streaming', 'SendStreamingMessage', 'UNSUPPORTED_OPERATION', 'plain'],
    ['streaming', 'SubscribeToTask', 'UNSUPPORTED_OPERATION', 'plain'],
    ['extendedAgentCard', 'GetExtendedAgentCard', 'UNSUPPORTED_OPERATION', 'plain'],
    ['extendedAgentCard', 'GetExtendedAgentCard', 'UNSUPPORTED_OPERATION', 'streaming'],
    ['push', 'CreateTaskPushNotificationConfig', 'PUSH_NOTIFICATION_NOT_SUPPORTED', 'plain'],
    ['push', 'GetTaskPushNotificationConfig', 'PUSH_NOTIFICATION_NOT_SUPPORTED', 'plain'],
    ['push', 'ListTaskPushNotificationConfigs', 'PUSH_NOTIFICATION_NOT_SUPPORTED', 'plain'],
    ['push', 'DeleteTaskPushNotificationConfig', 'PUSH_NOTIFICATION_NOT_SUPPORTED', 'plain'],
    ['inline push', 'SendMessage', 'PUSH_NOTIFICATION_NOT_SUPPORTED', 'plain', inlinePush],
    ['inline push', 'SendStreamingMessage', 'PUSH_NOTIFICATION_NOT_SUPPORTED', 'streaming', inlinePush],
  ])('that does not declare %s refuses %s', async (capability, operation, reason, agentId, options) => {
    cites(
      'A2A-3.3.4-streaming',
      'A2A-3.3.4-push',
      'A2A-3.3.4-extended-card',
      'JSON-RPC 1.0',
      'HTTP+JSON 1.0',
    );
    const response = await call(gateway, binding, operation, { ...options, agentId });
    const metadata: Record<string, string> = reason === 'UNSUPPORTED_OPERATION' ? { capability } : {};
    await expectRefusal(response, binding, reason, metadata);
    expect(gateway.agent.seen).toEqual([]);
  });

  it.each(['SendMessage', 'GetTask', 'ListTasks', 'CancelTask'] as const)(
    'that declares nothing still takes %s',
    async (operation) => {
      gateway.agent.script(answerJson(success(binding, {})));
      const response = await call(gateway, binding, operation, { agentId: 'plain' });
      expect([response.status, await response.text()]).toEqual([200, success(binding, {})]);
    },
  );
});
