import { type StreamResponse, TaskState } from '@a2a-js/sdk';
import { LegacyJsonRpcTransport, LegacyRestTransport } from '@a2a-js/sdk/compat/v0_3/client';
import { TaskNotCancelableError, TaskNotFoundError } from '@a2a-js/sdk/errors';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { said, taskOf, textOf } from '../examples/caller.ts';
import { cites } from './support/cites.ts';
import { permit, register, startGateway, type TestGateway } from './support/gateway.ts';
import { type LegacyAgent, startLegacyAgent } from './support/legacy-agent.ts';
import { errorInfo } from './support/raw.ts';

/** The official SDK on both sides of the gateway, in HTTP+JSON of 0.3 on at least one of them. */

let gateway: TestGateway;
let agents: LegacyAgent[];

beforeAll(async () => {
  gateway = await startGateway({ registration: null });
  agents = await Promise.all([startLegacyAgent('HTTP+JSON'), startLegacyAgent('JSONRPC')]);
  const [http, rpc] = agents.map(({ cardUrl }) => cardUrl);
  await register(gateway, { agentId: 'over-http', agentCardUrl: http });
  await register(gateway, { agentId: 'over-rpc', agentCardUrl: rpc });
  const operations = ['send', 'stream', 'read', 'cancel', 'push'];
  await permit(gateway, 'demo', { allowedAgents: ['over-http', 'over-rpc'], operations });
});
afterAll(async () => {
  await gateway.close();
  await Promise.all(agents.map((agent) => agent.close()));
});

/** With a token and nothing that the client does not send itself. */
async function authenticated(): Promise<typeof fetch> {
  const token = await gateway.issuer.token();
  return (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set('authorization', `Bearer ${token}`);
    return fetch(input, { ...init, headers });
  };
}

type Client = LegacyJsonRpcTransport | LegacyRestTransport;

async function clientOver(binding: string, agentId: string): Promise<Client> {
  const how = { endpoint: `${gateway.url}/agents/${agentId}`, fetchImpl: await authenticated() };
  return binding === 'HTTP+JSON' ? new LegacyRestTransport(how) : new LegacyJsonRpcTransport(how);
}

function lastState(events: readonly StreamResponse[]): TaskState | undefined {
  const payload = events.at(-1)?.payload;
  return payload?.$case === 'statusUpdate' ? payload.value.status?.state : undefined;
}

describe.each([
  ['HTTP+JSON', 'over-http'],
  ['HTTP+JSON', 'over-rpc'],
  ['JSONRPC', 'over-http'],
])('a client of %s with the agent %s', (binding, agentId) => {
  const connect = () => clientOver(binding, agentId);

  it('sends a message and gets the task', async () => {
    cites('A2A-0.3-3.2.3-http-json', 'HTTP+JSON 0.3');
    const client = await connect();
    const task = taskOf(await client.sendMessage(said('hello')));
    expect(task.status?.state).toBe(TaskState.TASK_STATE_COMPLETED);
    expect(textOf(task.artifacts[0]?.parts)).toBe('hello');
    const got = await client.getTask({ id: task.id, tenant: '', historyLength: 1 });
    expect(got).toMatchObject({ id: task.id, contextId: task.contextId });
  });

  it('streams, the task first', async () => {
    const client = await connect();
    const events: StreamResponse[] = [];
    for await (const event of client.sendMessageStream(said('hello'))) events.push(event);
    expect(events[0]?.payload?.$case).toBe('task');
    expect(lastState(events)).toBe(TaskState.TASK_STATE_COMPLETED);
  });

  it('subscribes to a task at work, and cancels it', async () => {
    cites('A2A-4.4.6-declared-work', 'HTTP+JSON 0.3');
    const client = await connect();
    const { id } = taskOf(await client.sendMessage(said('wait', { returnImmediately: true })));
    const events: StreamResponse[] = [];
    for await (const event of client.resubscribeTask({ id, tenant: '' })) {
      if (events.push(event) > 1) continue;
      const canceled = await client.cancelTask({ id, tenant: '', metadata: undefined });
      expect(canceled.status?.state).toBe(TaskState.TASK_STATE_CANCELED);
    }
    expect(lastState(events)).toBe(TaskState.TASK_STATE_CANCELED);
  });

  it('makes, reads, lists and deletes push notification configurations', async () => {
    const client = await connect();
    const { id: taskId } = taskOf(await client.sendMessage(said('hello')));
    const url = 'https://127.0.0.1/1';
    const config = { taskId, id: 'hook', tenant: '', token: 't', authentication: undefined, url };
    expect(await client.createTaskPushNotificationConfig(config)).toMatchObject({ taskId, id: 'hook', url });
    const key = { taskId, id: 'hook', tenant: '' };
    expect(await client.getTaskPushNotificationConfig(key)).toMatchObject({ id: 'hook', url });
    const every = { taskId, tenant: '', pageSize: 10, pageToken: '' };
    const listed = await client.listTaskPushNotificationConfig(every);
    expect(listed.configs.map(({ id }) => id)).toEqual(['hook']);
    await client.deleteTaskPushNotificationConfig(key);
    expect((await client.listTaskPushNotificationConfig(every)).configs).toEqual([]);
  });

  it("gets the agent's errors as its own", async () => {
    const client = await connect();
    await expect(client.getTask({ id: 'never-was', tenant: '' })).rejects.toBeInstanceOf(TaskNotFoundError);
    const { id } = taskOf(await client.sendMessage(said('hello')));
    const done = { id, tenant: '', metadata: undefined };
    await expect(client.cancelTask(done)).rejects.toBeInstanceOf(TaskNotCancelableError);
  });

  it('gets an extended card that names the gateway, and how to sign in there', async () => {
    cites('A2A-13.3-rewritten', 'A2A-3.1.11-get-extended-card', 'HTTP+JSON 0.3');
    const card = await (await connect()).getExtendedAgentCard({ tenant: '' });
    expect(card.description).toBe('For those who may.');
    expect(Object.keys(card.securitySchemes)).toEqual(['gateway']);
    expect(card.securityRequirements.map(({ schemes }) => Object.keys(schemes))).toEqual([['gateway']]);
    for (const agent of agents) expect(JSON.stringify(card)).not.toContain(agent.url);
  });
});

it.each([
  ['no operation', 'GET', '/v1/nothing', 404, 'ROUTE_NOT_FOUND'],
  ['an operation that 0.3 has not', 'GET', '/v1/tasks', 404, 'ROUTE_NOT_FOUND'],
  ['an operation by another method', 'PUT', '/v1/card', 405, 'METHOD_NOT_ALLOWED'],
])('%s is refused in the words of 0.3, by its path', async (_, method, path, status, reason) => {
  const send = await authenticated();
  const answer = await send(`${gateway.url}/agents/over-rpc${path}`, { method });
  const text = await answer.text();
  expect([answer.status, errorInfo(text)?.reason]).toEqual([status, reason]);
  expect(JSON.parse(text)).toEqual({
    code: expect.any(Number),
    message: expect.any(String),
    data: expect.any(Array),
  });
});

describe('the body of the Python SDK', () => {
  const message = { message_id: 'm-1', role: 'ROLE_USER', content: [{ text: 'hello' }] };

  async function sent(agentId: string, body: unknown, path = '/v1/message:send'): Promise<Response> {
    const send = await authenticated();
    return send(`${gateway.url}/agents/${agentId}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'a2a-version': '0.3' },
      body: JSON.stringify(body),
    });
  }

  it.each(['over-http', 'over-rpc'])('is understood with the agent %s', async (agentId) => {
    const answer = await sent(agentId, { request: message, configuration: { blocking: true } });
    const { task } = (await answer.json()) as { task: { id: string; status: { state: string } } };
    expect(task.status.state).toBe('TASK_STATE_COMPLETED');
    const again = await sent(agentId, { request: { ...message, task_id: 'never-was' } });
    expect([again.status, ((await again.json()) as { code: number }).code]).toEqual([404, -32001]);
  });

  it('is understood where it makes a push configuration, of the task in the path alone', async () => {
    const answer = await sent('over-rpc', { request: message, configuration: { blocking: true } });
    const { task } = (await answer.json()) as { task: { id: string } };
    const path = `/v1/tasks/${task.id}/pushNotificationConfigs`;
    const config = { push_notification_config: { id: 'c', url: 'https://127.0.0.1/1' } };
    const around = { parent: `tasks/${task.id}`, config_id: 'c', config };
    expect(await (await sent('over-rpc', around, path)).json()).toEqual({
      name: `tasks/${task.id}/pushNotificationConfigs/c`,
      pushNotificationConfig: { id: 'c', url: 'https://127.0.0.1/1' },
    });
    const elsewhere = await sent('over-rpc', { ...around, parent: 'tasks/other' }, path);
    expect(errorInfo(await elsewhere.text())).toMatchObject({ metadata: { member: 'parent', rule: 'path' } });
  });
});
