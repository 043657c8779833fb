import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { operations } from '../../src/protocol/operations.ts';
import { matchRest } from '../../src/protocol/rest.ts';
import { message } from '../support/bindings.ts';
import { permit, register, startGateway, type TestGateway } from '../support/gateway.ts';
import { legacyMessage } from '../support/legacy.ts';
import { protoMessage } from '../support/legacy-proto.ts';
import { answerJson, cardAt, type SeenRequest } from '../support/scripted-agent.ts';
import { taskAgent } from '../support/task-agent.ts';

/** Requests that name one's own task where the gateway looks, and another's where an agent may: none reaches an agent. */

let gateway: TestGateway;

const foreign = 'of-alice';
const own = 'of-mallory';

/** Agents of every way to speak over HTTP: what is translated is said anew, and may be said elsewhere. */
const interfaces = {
  'rpc-1': ['JSONRPC', '1.0', '/rpc'],
  'rest-1': ['HTTP+JSON', '1.0', '/rest'],
  'rpc-0': ['JSONRPC', '0.3', '/rpc'],
  'rest-0': ['HTTP+JSON', '0.3', '/rest'],
} as const;
const agentIds = Object.keys(interfaces);

let authorization: string;

beforeAll(async () => {
  gateway = await startGateway({ registration: null });
  authorization = `Bearer ${await gateway.issuer.token({ sub: 'mallory', client_id: 'mallory' })}`;
  await permit(gateway, 'demo', {
    allowedAgents: ['*'],
    operations: ['send', 'stream', 'read', 'cancel', 'push'],
  });
  for (const [agentId, [protocolBinding, protocolVersion, path]] of Object.entries(interfaces)) {
    await begin(agentId);
    const supportedInterfaces = [{ url: gateway.agent.url + path, protocolBinding, protocolVersion }];
    gateway.agent.card(cardAt(gateway.agent.url, { supportedInterfaces }));
    await gateway.admin(
      'PATCH',
      `/admin/agents/${agentId}`,
      { agentCardUrl: gateway.agent.cardUrl },
      await etag(agentId),
    );
  }
  gateway.agent.script(answerJson({}, 400));
  gateway.agent.seen.splice(0);
});
afterAll(() => gateway.close());
afterEach(() => void gateway.agent.seen.splice(0));

/** Each caller begins a task while the agent still speaks 1.0. */
async function begin(agentId: string): Promise<void> {
  gateway.agent.card(cardAt(gateway.agent.url));
  await register(gateway, { agentId, ownership: 'principal' });
  for (const [taskId, headers] of [
    [foreign, {}],
    [own, { authorization }],
  ] as const) {
    gateway.agent.script(taskAgent({ taskId, contextId: `x-${taskId}` }));
    const body = JSON.stringify({ message });
    const answer = await post(`/agents/${agentId}/message:send`, body, headers);
    expect(answer.status).toBe(200);
  }
}

async function etag(agentId: string): Promise<Record<string, string>> {
  const read = await gateway.admin('GET', `/admin/agents/${agentId}`);
  return { 'if-match': read.headers.get('etag') ?? '' };
}

function post(path: string, body: string, headers: Record<string, string>): Promise<Response> {
  return gateway.fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
}

const legacy = { 'a2a-version': '' };

/** What is asked, by way of JSON-RPC. */
const methods: readonly (readonly [version: string, method: string, params: Record<string, unknown>])[] = [
  ['1.0', 'SendMessage', { message: { ...message, taskId: own } }],
  ['1.0', 'GetTask', { id: own }],
  ['1.0', 'CancelTask', { id: own }],
  ['1.0', 'SubscribeToTask', { id: own }],
  ['1.0', 'CreateTaskPushNotificationConfig', { taskId: own, id: 'c', url: 'https://hooks.example/1' }],
  ['1.0', 'GetTaskPushNotificationConfig', { taskId: own, id: 'c' }],
  ['1.0', 'ListTaskPushNotificationConfigs', { taskId: own }],
  ['1.0', 'DeleteTaskPushNotificationConfig', { taskId: own, id: 'c' }],
  ['', 'message/send', { message: { ...legacyMessage, taskId: own } }],
  ['', 'tasks/get', { id: own }],
  ['', 'tasks/cancel', { id: own }],
  ['', 'tasks/resubscribe', { id: own }],
  [
    '',
    'tasks/pushNotificationConfig/set',
    { taskId: own, pushNotificationConfig: { id: 'c', url: 'https://hooks.example/1' } },
  ],
  ['', 'tasks/pushNotificationConfig/get', { id: own, pushNotificationConfigId: 'c' }],
  ['', 'tasks/pushNotificationConfig/list', { id: own }],
  ['', 'tasks/pushNotificationConfig/delete', { id: own, pushNotificationConfigId: 'c' }],
];

/** Where a task is named by somebody, in some version or by some parser. */
const places = [
  'id',
  'taskId',
  'task_id',
  'TaskId',
  'taskID',
  'name',
  'parent',
  'message.taskId',
  'message.task_id',
  'message.referenceTaskIds',
  'message.reference_task_ids',
  'request.taskId',
  'configuration.taskPushNotificationConfig.taskId',
  'configuration.task_push_notification_config.task_id',
  'configuration.pushNotificationConfig.taskId',
  'configuration.pushNotification.taskId',
  'pushNotificationConfig.taskId',
  'config.name',
  'config.taskId',
] as const;

function valueAt(place: string): unknown {
  if (/reference/i.test(place)) return [foreign];
  return /name$|parent$/.test(place) ? `tasks/${foreign}` : foreign;
}

/** The params as text with one member more, before those there are or behind them. */
function smuggled(params: Record<string, unknown>, place: string, isFirst: boolean): string {
  const [head = '', ...inner] = place.split('.');
  const added = inner.reduceRight<unknown>((value, name) => ({ [name]: value }), valueAt(place));
  const known = params[head];
  const members = Object.entries(params).map(
    ([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`,
  );
  if (typeof known === 'object' && known !== null) {
    const both = isFirst ? merged(added, known) : merged(known, added);
    return `{${[...members.filter((member) => !member.startsWith(`"${head}":`)), `"${head}":${both}`].join(',')}}`;
  }
  const extra = `${JSON.stringify(head)}:${JSON.stringify(added)}`;
  return `{${(isFirst ? [extra, ...members] : [...members, extra]).join(',')}}`;
}

/** Both objects' members in one, some of them twice. */
function merged(one: unknown, other: unknown): string {
  return `${JSON.stringify(one).slice(0, -1)},${JSON.stringify(other).slice(1)}`;
}

/** The guarded members of what an agent was asked, by the protocol it speaks. */
function guardedOf({ method, target, body }: SeenRequest): readonly string[] {
  const { pathname } = new URL(target, 'http://agent.test');
  if (pathname.startsWith('/rpc')) {
    const { method: called } = JSON.parse(body);
    const found = operations.find(({ name, v0_3 }) => name === called || v0_3?.method === called);
    return (found?.name === called ? found?.guarded : found?.v0_3?.guarded) ?? [];
  }
  const matched = matchRest(method, pathname.slice('/rest'.length));
  return matched.ok ? matched.value.guarded : [];
}

const folded = (name: string) => name.toLowerCase().replaceAll(/[^a-z]/g, '');

/** The 0.3 proto calls a message `request`, and answers to that below `/v1/`. */
const namesOf = (head: string, target: string) =>
  head === 'message' && target.startsWith('/rest/v1/') ? ['message', 'request'] : [folded(head)];

/** What stands at a path, under any name that some parser takes for it. */
function valuesAt(value: unknown, [head, ...rest]: readonly string[], target: string): unknown[] {
  if (head === undefined) return [value];
  const names = namesOf(head, target);
  const members = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return members
    .filter(([name]) => names.includes(folded(name)))
    .flatMap(([, inner]) => valuesAt(inner, rest, target));
}

/** Whether an agent that reads its own protocol, as leniently as any parser does, is asked about another's task. */
function asksAboutForeign(request: SeenRequest): boolean {
  const { target, body } = request;
  const { pathname, searchParams } = new URL(target, 'http://agent.test');
  const asked = [...searchParams].filter(([name]) => /^(?:id|taskid|name|parent)$/.test(folded(name)));
  if (decodeURIComponent(pathname).includes(foreign) || JSON.stringify(asked).includes(foreign)) return true;
  if (body === '') return false;
  const { params, ...said } = JSON.parse(body);
  const values = guardedOf(request).flatMap((path) => valuesAt(params ?? said, path.split('.'), target));
  return JSON.stringify(values).includes(foreign);
}

function expectNotReached(): void {
  expect(gateway.agent.seen.splice(0).filter(asksAboutForeign)).toEqual([]);
}

describe('the task of another', () => {
  it("reaches no agent beside one's own, wherever it stands in a JSON-RPC request", async () => {
    const property = fc.asyncProperty(
      fc.constantFrom(...agentIds),
      fc.constantFrom(...methods),
      fc.constantFrom(...places),
      fc.boolean(),
      async (agentId, [version, method, params], place, isFirst) => {
        const text = smuggled(params, place, isFirst);
        const body = `{"jsonrpc":"2.0","id":1,"method":"${method}","params":${text}}`;
        await (await post(`/agents/${agentId}`, body, { authorization, 'a2a-version': version })).text();
        expectNotReached();
      },
    );
    await fc.assert(property, { numRuns: 300 });
  });

  const rest: readonly (readonly [method: string, path: string, body?: object])[] = [
    ['POST', '/message:send', { message: { ...message, taskId: own } }],
    ['GET', `/tasks/${own}`],
    ['POST', `/tasks/${own}:cancel`, {}],
    ['POST', `/tasks/${own}:subscribe`, {}],
    ['POST', `/tasks/${own}/pushNotificationConfigs`, { id: 'c', url: 'https://hooks.example/1' }],
    ['GET', `/tasks/${own}/pushNotificationConfigs/c`],
    ['GET', `/tasks/${own}/pushNotificationConfigs`],
    ['DELETE', `/tasks/${own}/pushNotificationConfigs/c`],
    ['POST', '/v1/message:send', { message: { ...protoMessage, taskId: own } }],
    ['GET', `/v1/tasks/${own}`],
    ['POST', `/v1/tasks/${own}:cancel`, { name: `tasks/${own}` }],
    ['POST', `/v1/tasks/${own}:subscribe`, {}],
    [
      'POST',
      `/v1/tasks/${own}/pushNotificationConfigs`,
      { pushNotificationConfig: { id: 'c', url: 'https://hooks.example/1' } },
    ],
    ['GET', `/v1/tasks/${own}/pushNotificationConfigs/c`],
    ['GET', `/v1/tasks/${own}/pushNotificationConfigs`],
    ['DELETE', `/v1/tasks/${own}/pushNotificationConfigs/c`],
  ];

  it("reaches no agent beside one's own, wherever it stands in path, query and body", async () => {
    const property = fc.asyncProperty(
      fc.constantFrom(...agentIds),
      fc.constantFrom(...rest),
      fc.constantFrom(...places),
      fc.boolean(),
      async (agentId, [method, path, body], place, isFirst) => {
        const headers = {
          authorization,
          'content-type': 'application/json',
          ...(path.startsWith('/v1') && legacy),
        };
        const query = isFirst
          ? `?${place}=${String(valueAt(place))}`
          : `?x=1&${place}=${own}&${place}=${foreign}`;
        const url = `/agents/${agentId}${path}${body === undefined || !isFirst ? query : ''}`;
        const text = body && smuggled(body as Record<string, unknown>, place, isFirst);
        await (
          await gateway.fetch(url, { method, headers, ...(text !== undefined && { body: text }) })
        ).text();
        expectNotReached();
      },
    );
    await fc.assert(property, { numRuns: 300 });
  });

  const spellings = ['ID', 'Task_Id', 'taskID', 'task-id', 'Name', 'PARENT', 'ta\u017fkId'] as const;

  it.each(spellings)("reaches no agent beside one's own as %s, in any operation on a task", async (name) => {
    const said = { [name]: /name|parent/i.test(name) ? `tasks/${foreign}` : foreign };
    const calls = methods.map(([version, method, params]) => {
      const body = { jsonrpc: '2.0', id: 1, method, params: { ...params, ...said } };
      return ['/agents/rpc', body, { 'a2a-version': version }] as const;
    });
    const posts = rest.filter(([method]) => method === 'POST');
    const restCalls = posts.map(([, path, body]) => {
      return [`/agents/rest`, { ...body, ...said }, path.startsWith('/v1') ? legacy : {}, path] as const;
    });
    for (const [agent, body, headers, path = ''] of [...calls, ...restCalls]) {
      if (/message/i.test(JSON.stringify([path, body.method]))) continue; // There these are nobody's names.
      for (const agentId of [`${agent}-1`, `${agent}-0`])
        await (await post(agentId + path, JSON.stringify(body), { authorization, ...headers })).text();
    }
    expect(gateway.agent.seen.filter(({ body }) => body.includes(foreign))).toEqual([]);
  });

  it.each([
    ['another path', 'GET', `/tasks/${own}%2F..%2F${foreign}`],
    ['a segment more', 'GET', `/tasks/${own}/../${foreign}`],
    ['encoded twice', 'GET', `/tasks/${foreign.replace('o', '%256f')}`],
    ['encoded', 'GET', `/tasks/${foreign.replace('o', '%6f')}`],
    ['a parameter of the path', 'GET', `/tasks/${foreign};x=1`],
    ['a parameter with space before its name', 'GET', `/tasks/${own}?+taskId=${foreign}`],
    ['a parameter with space behind its name', 'GET', `/tasks/${own}?name%20=tasks/${foreign}`],
    ['a parameter with a tab before its name', 'GET', `/tasks/${own}?%09parent=tasks/${foreign}`],
    ['another case of the verb', 'POST', `/tasks/${foreign}:CANCEL`],
  ])('reaches no agent by %s', async (_, method, path) => {
    for (const agentId of agentIds) {
      await (await gateway.fetch(`/agents/${agentId}${path}`, { method, headers: { authorization } })).text();
      expectNotReached();
    }
  });
});
