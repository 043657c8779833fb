import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OperationName } from '../../src/protocol/operations.ts';
import { cites } from '../support/cites.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { errorInfo } from '../support/raw.ts';
import { answerJson } from '../support/scripted-agent.ts';
import { nested, spellings, twiceIn } from './spellings.ts';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway();
  gateway.agent.script((request, response, incoming) => {
    const isRpc = request.target === '/rpc';
    answerJson(isRpc ? { jsonrpc: '2.0', id: 1, result: {} } : {})(request, response, incoming);
  });
});
afterAll(() => gateway.close());
afterEach(() => void gateway.agent.seen.splice(0));

const headers = { 'content-type': 'application/json' };

function rpcText(method: OperationName, params: string): string {
  return `{"jsonrpc":"2.0","id":1,"method":"${method}","params":${params}}`;
}

/** What came of a body: the refusal, or what reached the agent. */
async function sent(path: string, body: string): Promise<unknown> {
  const answer = await gateway.fetch(`/agents/agent${path}`, { method: 'POST', headers, body });
  const info = errorInfo(await answer.text());
  const seen = gateway.agent.seen.splice(0);
  if (info !== undefined) expect(seen).toEqual([]);
  return info ?? seen[0]?.body;
}

function refused(member: string, rule: string): object {
  return { reason: 'MEMBER_REFUSED', metadata: { member, rule } };
}

const push = 'configuration.taskPushNotificationConfig';

/** Each guarded member where it stands, and a value that would pass. */
const guarded: readonly [OperationName, path: string, rest: string | undefined][] = [
  ...(['SendMessage', 'SendStreamingMessage'] as const).flatMap((name) =>
    [
      'tenant',
      'message.taskId',
      'message.contextId',
      'message.referenceTaskIds',
      `${push}.taskId`,
      `${push}.id`,
      `${push}.url`,
      `${push}.tenant`,
    ].map((path): [OperationName, string, string] => [
      name,
      path,
      name === 'SendMessage' ? '/message:send' : '/message:stream',
    ]),
  ),
  ['GetTask', 'id', undefined],
  ['ListTasks', 'contextId', undefined],
  ['CancelTask', 'id', '/tasks/t-1:cancel'],
  ['SubscribeToTask', 'id', '/tasks/t-1:subscribe'],
  ['CreateTaskPushNotificationConfig', 'taskId', '/tasks/t-1/pushNotificationConfigs'],
  ['CreateTaskPushNotificationConfig', 'url', '/tasks/t-1/pushNotificationConfigs'],
  ['CreateTaskPushNotificationConfig', 'id', '/tasks/t-1/pushNotificationConfigs'],
  ['GetTaskPushNotificationConfig', 'taskId', undefined],
  ['GetTaskPushNotificationConfig', 'id', undefined],
  ['ListTaskPushNotificationConfigs', 'taskId', undefined],
  ['DeleteTaskPushNotificationConfig', 'id', undefined],
  ['GetExtendedAgentCard', 'tenant', undefined],
];

describe('an id under another name', () => {
  beforeEach(() => cites('A2A-13.1-inspected-is-forwarded', 'JSON-RPC 1.0', 'HTTP+JSON 1.0'));

  it.each(guarded)('is refused in %s, where the name is %s', async (operation, path, rest) => {
    const parent = path.slice(0, path.lastIndexOf('.') + 1);
    for (const [, spelled] of spellings) {
      const text = nested(path, (name) => `"${spelled(name)}":"x"`);
      const member = parent + (JSON.parse(`"${spelled(path.slice(parent.length))}"`) as string);
      expect(await sent('', rpcText(operation, text))).toEqual(refused(`params.${member}`, 'alias'));
      if (rest !== undefined) expect(await sent(rest, text)).toEqual(refused(member, 'alias'));
    }
  });

  it.each([
    ['{"Message":{"taskId":"x"}}', 'Message'],
    ['{"message":{"ta\\u017fkId":"x"}}', 'message.taſkId'],
    ['{"message":{"tas\\u212aId":"x"}}', 'message.tas\u212aId'],
    [
      '{"configuration":{"task_push_notification_config":{"url":"x"}}}',
      'configuration.task_push_notification_config',
    ],
    ['{"Configuration":{}}', 'Configuration'],
  ])('is refused on the way to it, or in letters a parser folds: %s', async (text, member) => {
    expect(await sent('', rpcText('SendMessage', text))).toEqual(refused(`params.${member}`, 'alias'));
    expect(await sent('/message:send', text)).toEqual(refused(member, 'alias'));
  });

  it.each(['Method', 'METHOD', 'Params', 'ID', 'json_rpc', '_id'])(
    'is refused in the envelope: %s',
    async (name) => {
      const body = `{"jsonrpc":"2.0","id":1,"method":"ListTasks","params":{},"${name}":"x"}`;
      expect(await sent('', body)).toEqual(refused(name, 'alias'));
    },
  );
});

describe('an id given twice', () => {
  beforeEach(() => cites('A2A-13.1-inspected-is-forwarded', 'JSON-RPC 1.0', 'HTTP+JSON 1.0'));

  it.each(guarded)('is refused in %s: %s', async (operation, path, rest) => {
    for (const twice of twiceIn(path)) {
      const text = nested(path, () => twice);
      expect(await sent('', rpcText(operation, text))).toEqual(refused(`params.${path}`, 'duplicate'));
      if (rest !== undefined) expect(await sent(rest, text)).toEqual(refused(path, 'duplicate'));
    }
  });

  it.each([
    ['"method":"GetTask","method":"CancelTask"', 'method'],
    ['"method":"CancelTask","\\u006dethod":"GetTask"', 'method'],
    ['"method":"GetTask","params":{"id":"a"},"params":{"id":"b"}', 'params'],
    ['"method":"GetTask","id":2', 'id'],
  ])('is refused in the envelope: %s', async (members, member) => {
    expect(await sent('', `{"jsonrpc":"2.0","id":1,${members}}`)).toEqual(refused(member, 'duplicate'));
  });

  it('is refused with the object around it', async () => {
    const text = '{"message":{"taskId":"a"},"message":{"taskId":"b"}}';
    expect(await sent('', rpcText('SendMessage', text))).toEqual(refused('params.message', 'duplicate'));
    expect(await sent('/message:send', text)).toEqual(refused('message', 'duplicate'));
  });
});

describe('an id of the wrong kind', () => {
  it.each(guarded.filter(([, path]) => !path.endsWith('tenant')))(
    'is refused in %s: %s',
    async (operation, path, rest) => {
      for (const value of ['1', 'true', '{}', '{"$ne":""}', '[{}]', '[["x"]]']) {
        const text = nested(path, (name) => `"${name}":${value}`);
        expect(await sent('', rpcText(operation, text))).toEqual(refused(`params.${path}`, 'type'));
        if (rest !== undefined) expect(await sent(rest, text)).toEqual(refused(path, 'type'));
      }
      if (path.endsWith('url')) return;
      const text = nested(path, (name) => `"${name}":"${'x'.repeat(1_025)}"`);
      expect(await sent('', rpcText(operation, text))).toEqual(refused(`params.${path}`, 'length'));
    },
  );
});

describe('a tenant of the caller’s choice', () => {
  beforeEach(() => cites('A2A-8.3.2-no-foreign-tenant', 'JSON-RPC 1.0', 'HTTP+JSON 1.0'));

  it.each(guarded.filter(([, path]) => path.endsWith('tenant')))(
    'is refused in a body: %s %s',
    async (operation, path, rest) => {
      for (const value of ['"acme"', '1', '["acme"]', '{"id":"acme"}', 'false', '0']) {
        const text = nested(path, (name) => `"${name}":${value}`);
        expect(await sent('', rpcText(operation, text))).toEqual(refused(`params.${path}`, 'tenant'));
        if (rest !== undefined) expect(await sent(rest, text)).toEqual(refused(path, 'tenant'));
      }
    },
  );

  it.each([
    'tenant',
    'Tenant',
    'TENANT',
    'tenant[]',
    'tenant[0]',
    '[tenant]',
    'tenant.id',
    '+tenant',
    '_tenant',
    '%54enant',
    'ten%61nt',
  ])('is refused in a query: %s', async (name) => {
    const encoded = name.replaceAll('[', '%5B').replaceAll(']', '%5D');
    for (const path of ['/tasks', '/tasks/t-1', '/extendedAgentCard']) {
      const answer = await gateway.fetch(`/agents/agent${path}?pageSize=1&${encoded}=acme`);
      expect(errorInfo(await answer.text())?.reason).toBe('MEMBER_REFUSED');
    }
    expect(gateway.agent.seen).toEqual([]);
  });

  it.each(['/acme/message:send', '/acme/tasks/t-1:cancel', '/acme/tasks'])(
    'is no route: %s',
    async (path) => {
      const method = path.endsWith('tasks') ? 'GET' : 'POST';
      expect((await gateway.fetch(`/agents/agent${path}`, { method })).status).toBe(404);
    },
  );
});

describe('an id in two places', () => {
  beforeEach(() => cites('A2A-11.3.2-ids-in-path', 'HTTP+JSON 1.0'));

  it.each([
    ['/tasks/t-1:cancel', '{"id":"t-2"}', 'id'],
    ['/tasks/t-1:cancel', '{"id":null}', 'id'],
    ['/tasks/t-1:subscribe', '{"id":"t-1 "}', 'id'],
    ['/tasks/t-1/pushNotificationConfigs', '{"taskId":"t-2","url":"https://x.test/"}', 'taskId'],
  ])('is refused where path and body differ: %s %s', async (path, body, member) => {
    expect(await sent(path, body)).toEqual(refused(member, 'path'));
  });

  it.each([
    ['/tasks/t-1?id=t-2', 'id', 'path'],
    ['/tasks/t-1?id=t-1', 'id', 'path'],
    ['/tasks/t-1?Id=t-2', 'Id', 'alias'],
    ['/tasks/t-1/pushNotificationConfigs?task_id=t-2', 'task_id', 'alias'],
    ['/tasks/t-1/pushNotificationConfigs/c-1?taskId=t-2', 'taskId', 'path'],
    ['/tasks?contextId=a&contextId=b', 'contextId', 'duplicate'],
    ['/tasks?contextId=a&context_id=b', 'context_id', 'alias'],
    ['/tasks?contextId=a&+contextId=b', ' contextId', 'alias'],
  ])('is refused where path and query say it: %s', async (path, member, rule) => {
    const answer = await gateway.fetch(`/agents/agent${path}`);
    expect(errorInfo(await answer.text())).toEqual(refused(member, rule));
    expect(gateway.agent.seen).toEqual([]);
  });

  it('counts in the path alone where the operation has a body', async () => {
    for (const query of ['?id=t-2', '?tenant=acme', '?task_id=t-2']) {
      await sent(`/tasks/t-1:cancel${query}`, '{}');
      expect((await gateway.fetch(`/agents/agent/tasks/t-1:subscribe${query}`)).status).toBe(200);
      expect(gateway.agent.seen.splice(0).map(({ target }) => target)).toEqual(['/rest/tasks/t-1:subscribe']);
    }
  });
});
