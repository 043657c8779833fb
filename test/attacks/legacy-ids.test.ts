import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cites } from '../support/cites.ts';
import { permit, register, startGateway, type TestGateway } from '../support/gateway.ts';
import { type LegacyOperation, legacyCardAt, legacyMethod, legacyRpc } from '../support/legacy.ts';
import { errorInfo } from '../support/raw.ts';
import { answerJson } from '../support/scripted-agent.ts';
import { nested, spellings, twiceIn } from './spellings.ts';

/** What `ids.test.ts` holds against callers of 1.0, held against those of 0.3. */

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway({ registration: { protocolVersions: ['1.0'] } });
  gateway.agent.card(legacyCardAt(gateway.agent.url));
  await register(gateway, { agentId: 'veteran', protocolVersions: ['0.3'] });
  await permit(gateway, 'demo', {
    allowedAgents: ['veteran'],
    operations: ['send', 'stream', 'read', 'cancel', 'push'],
  });
  gateway.agent.script(answerJson({ jsonrpc: '2.0', id: 1, result: {} }));
});
afterAll(() => gateway.close());
afterEach(() => void gateway.agent.seen.splice(0));

const headers = { 'content-type': 'application/json' };

/** What came of a call: the refusal, or what reached the agent. */
async function sent(operation: LegacyOperation, params: string): Promise<unknown> {
  const body = `{"jsonrpc":"2.0","id":1,"method":"${legacyMethod(operation)}","params":${params}}`;
  const answer = await legacyRpc(gateway, { method: 'POST', headers, body });
  const info = errorInfo(await answer.text());
  const seen = gateway.agent.seen.splice(0);
  if (info !== undefined) expect(seen).toEqual([]);
  return info ?? seen[0]?.body;
}

function refused(member: string, rule: string): object {
  return { reason: 'MEMBER_REFUSED', metadata: { member: `params.${member}`, rule } };
}

const push = 'configuration.pushNotificationConfig';

/** Each guarded member where it stands. */
const guarded: readonly [LegacyOperation, path: string][] = [
  ...(['SendMessage', 'SendStreamingMessage'] as const).flatMap((name) =>
    [
      'tenant',
      'message.taskId',
      'message.contextId',
      'message.referenceTaskIds',
      `${push}.id`,
      `${push}.url`,
      `${push}.taskId`,
      `${push}.tenant`,
    ].map((path): [LegacyOperation, string] => [name, path]),
  ),
  ['GetTask', 'id'],
  ['CancelTask', 'id'],
  ['SubscribeToTask', 'id'],
  ['CreateTaskPushNotificationConfig', 'taskId'],
  ['CreateTaskPushNotificationConfig', 'pushNotificationConfig.id'],
  ['CreateTaskPushNotificationConfig', 'pushNotificationConfig.url'],
  ['GetTaskPushNotificationConfig', 'id'],
  ['GetTaskPushNotificationConfig', 'pushNotificationConfigId'],
  ['ListTaskPushNotificationConfigs', 'id'],
  ['DeleteTaskPushNotificationConfig', 'id'],
  ['DeleteTaskPushNotificationConfig', 'pushNotificationConfigId'],
  ...(
    [
      'GetTask',
      'CancelTask',
      'SubscribeToTask',
      'CreateTaskPushNotificationConfig',
      'GetTaskPushNotificationConfig',
      'ListTaskPushNotificationConfigs',
      'DeleteTaskPushNotificationConfig',
      'GetExtendedAgentCard',
    ] as const
  ).map((name): [LegacyOperation, string] => [name, 'tenant']),
];

describe('in 0.3, an id', () => {
  beforeEach(() => cites('A2A-13.1-inspected-is-forwarded', 'JSON-RPC 0.3'));

  it.each(guarded)('under another name is refused in %s, where the name is %s', async (operation, path) => {
    const parent = path.slice(0, path.lastIndexOf('.') + 1);
    for (const [, spelled] of spellings) {
      const text = nested(path, (name) => `"${spelled(name)}":"x"`);
      const member = parent + (JSON.parse(`"${spelled(path.slice(parent.length))}"`) as string);
      expect(await sent(operation, text)).toEqual(refused(member, 'alias'));
    }
  });

  it.each([
    ['{"Message":{"taskId":"x"}}', 'Message'],
    ['{"message":{"ta\\u017fkId":"x"}}', 'message.taſkId'],
    ['{"configuration":{"push_notification_config":{"url":"x"}}}', 'configuration.push_notification_config'],
    ['{"Configuration":{}}', 'Configuration'],
  ])('is refused on the way to it, or in letters a parser folds: %s', async (text, member) => {
    expect(await sent('SendMessage', text)).toEqual(refused(member, 'alias'));
  });

  it.each(guarded)('given twice is refused in %s: %s', async (operation, path) => {
    for (const twice of twiceIn(path))
      expect(
        await sent(
          operation,
          nested(path, () => twice),
        ),
      ).toEqual(refused(path, 'duplicate'));
  });

  it.each(guarded)('of the wrong kind is refused in %s: %s', async (operation, path) => {
    const rule = path.endsWith('tenant') ? 'tenant' : 'type';
    for (const value of ['1', 'true', '{}', '{"$ne":""}', '[{}]', '[["x"]]']) {
      const text = nested(path, (name) => `"${name}":${value}`);
      expect(await sent(operation, text)).toEqual(refused(path, rule));
    }
    if (path.endsWith('url')) return;
    const text = nested(path, (name) => `"${name}":"${'x'.repeat(1_025)}"`);
    expect(await sent(operation, text)).toEqual(refused(path, rule === 'type' ? 'length' : rule));
  });
});

describe('an operation of another version', () => {
  const unknown = { reason: 'OPERATION_UNKNOWN', metadata: {} };

  /** Under which version a method is sent, and to whom: `agent` speaks 1.0, `veteran` 0.3, `both` either. */
  async function called(agentId: string, version: string, method: string): Promise<unknown> {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { id: 't-1' } });
    const init = { method: 'POST', headers: { ...headers, 'a2a-version': version }, body };
    const answer = await gateway.fetch(`/agents/${agentId}`, init);
    const info = errorInfo(await answer.text());
    const seen = gateway.agent.seen.splice(0);
    if (info !== undefined) expect(seen).toEqual([]);
    return info ?? seen[0]?.target;
  }

  beforeAll(async () => {
    const legacy = legacyCardAt(gateway.agent.url);
    const rpc = { url: `${gateway.agent.url}/rpc`, protocolBinding: 'JSONRPC', protocolVersion: '1.0' };
    gateway.agent.card({ ...legacy, supportedInterfaces: [rpc] });
    await register(gateway, { agentId: 'both' });
    await permit(gateway, 'demo', { allowedAgents: ['agent', 'veteran', 'both'] });
  });

  it('never reaches an agent, not even one that speaks both', async () => {
    cites('A2A-3.6.2-semantics', 'JSON-RPC 1.0', 'JSON-RPC 0.3');
    for (const version of ['', '0.3']) expect(await called('both', version, 'GetTask')).toEqual(unknown);
    expect(await called('both', '1.0', 'tasks/get')).toEqual(unknown);
    expect(await called('veteran', '', 'GetTask')).toEqual(unknown);
    expect(await called('agent', '1.0', 'tasks/get')).toEqual(unknown);
  });

  it('is not made one of the other by a version the agent may not be called in', async () => {
    cites('A2A-3.6.2-missing', 'A2A-3.6.2-semantics', 'JSON-RPC 0.3');
    for (const method of ['tasks/get', 'GetTask']) {
      expect(await called('veteran', '1.0', method)).toMatchObject({
        reason: 'VERSION_NOT_SUPPORTED',
        metadata: { requested: '1.0', supported: '0.3' },
      });
      expect(await called('agent', '', method)).toMatchObject({
        reason: 'VERSION_NOT_SUPPORTED',
        metadata: { requested: '0.3', supported: '1.0' },
      });
      expect(await called('both', '2.0', method)).toMatchObject({
        reason: 'VERSION_NOT_SUPPORTED',
        metadata: { requested: '2.0', supported: '1.0, 0.3' },
      });
    }
  });

  it('goes, where the versions agree, to the interface of that version', async () => {
    cites('A2A-3.6.2-several', 'JSON-RPC 1.0', 'JSON-RPC 0.3');
    expect(await called('both', '1.0', 'GetTask')).toBe('/rpc');
    for (const version of ['', '0.3', '0.3.0'])
      expect(await called('both', version, 'tasks/get')).toBe('/a2a');
  });
});
