import { type StreamResponse, TaskState } from '@a2a-js/sdk';
import {
  type Client,
  ClientFactory,
  DefaultAgentCardResolver,
  JsonRpcTransportFactory,
} from '@a2a-js/sdk/client';
import { LegacyJsonRpcTransport, parseLegacyAgentCard } from '@a2a-js/sdk/compat/v0_3/client';
import { TaskNotCancelableError, TaskNotFoundError } from '@a2a-js/sdk/errors';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { said, taskOf, textOf } from '../examples/caller.ts';
import { cites } from './support/cites.ts';
import { permit, register, startGateway, type TestGateway } from './support/gateway.ts';
import { type LegacyAgent, startLegacyAgent } from './support/legacy-agent.ts';

/** The official SDK on both sides of the gateway, the agent in 0.3. */

let gateway: TestGateway;
let agent: LegacyAgent;
const cardPath = '/agents/veteran/.well-known/agent-card.json';

beforeAll(async () => {
  [gateway, agent] = await Promise.all([startGateway({ registration: null }), startLegacyAgent()]);
  await register(gateway, { agentId: 'veteran', agentCardUrl: agent.cardUrl });
  const operations = ['send', 'stream', 'read', 'cancel', 'push'];
  await permit(gateway, 'demo', { allowedAgents: ['veteran'], operations });
});
afterAll(async () => {
  await gateway.close();
  await agent.close();
});

/** With a token, and to where the gateway of the test really listens. No header that the client does not send itself. */
async function authenticated(): Promise<typeof fetch> {
  const token = await gateway.issuer.token();
  return (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set('authorization', `Bearer ${token}`);
    return fetch(String(input).replace('http://127.0.0.1:1/', `${gateway.url}/`), { ...init, headers });
  };
}

/** What a client of 0.3 does: no version anywhere, the card as 0.3 lays it out. */
async function transportOf03(): Promise<LegacyJsonRpcTransport> {
  const fetchImpl = await authenticated();
  const published: unknown = await (await fetchImpl(gateway.url + cardPath)).json();
  const [preferred] = parseLegacyAgentCard(published).supportedInterfaces;
  return new LegacyJsonRpcTransport({ endpoint: preferred?.url ?? '', fetchImpl });
}

/** A client of 1.0 that can speak 0.3 too, and learns from the card that it need not. */
async function clientOf10(): Promise<Client> {
  const [fetchImpl, legacyCompat] = [await authenticated(), { enabled: true }];
  const factory = new ClientFactory({
    transports: [new JsonRpcTransportFactory({ fetchImpl, legacyCompat })],
    cardResolver: new DefaultAgentCardResolver({ fetchImpl, legacyCompat }),
  });
  return factory.createFromUrl(gateway.url + cardPath, '');
}

async function collect(events: AsyncIterable<StreamResponse>): Promise<StreamResponse[]> {
  const all: StreamResponse[] = [];
  for await (const event of events) all.push(event);
  return all;
}

function lastState(events: readonly StreamResponse[]): TaskState | undefined {
  const payload = events.at(-1)?.payload;
  return payload?.$case === 'statusUpdate' ? payload.value.status?.state : undefined;
}

describe.each([
  ['of 0.3', transportOf03],
  ['of 1.0 that knows 0.3', clientOf10],
])('a client %s', (_, connect) => {
  it('sends a message and gets the task', async () => {
    const client = await connect();
    const task = taskOf(await client.sendMessage(said('hello')));
    expect(task.status?.state).toBe(TaskState.TASK_STATE_COMPLETED);
    expect(textOf(task.artifacts[0]?.parts)).toBe('hello');
    expect(await client.getTask({ id: task.id, tenant: '' })).toMatchObject({ id: task.id });
  });

  it('streams', async () => {
    cites('A2A-3.1.2-send-streaming-message', 'JSON-RPC 0.3');
    const client = await connect();
    const events = await collect(client.sendMessageStream(said('hello')));
    expect(events[0]?.payload?.$case).toBe('task');
    expect(lastState(events)).toBe(TaskState.TASK_STATE_COMPLETED);
  });

  it('subscribes to a task at work, and cancels it', async () => {
    cites('A2A-3.1.6-subscribe-to-task', 'A2A-3.1.5-cancel-task', 'JSON-RPC 0.3');
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
    cites('A2A-5.4-agent-errors', 'JSON-RPC 0.3');
    const client = await connect();
    const missing = { id: 'never-was', tenant: '' };
    await expect(client.getTask(missing)).rejects.toBeInstanceOf(TaskNotFoundError);
    const { id } = taskOf(await client.sendMessage(said('hello')));
    const done = { id, tenant: '', metadata: undefined };
    await expect(client.cancelTask(done)).rejects.toBeInstanceOf(TaskNotCancelableError);
  });
});

describe('the extended card', () => {
  it('reaches a client of 0.3 in its layout, and names the gateway', async () => {
    const transport = await transportOf03();
    const card = await transport.getExtendedAgentCard({ tenant: '' });
    expect(card.description).toBe('For those who may.');
    const urls = new Set(card.supportedInterfaces.map(({ url }) => url));
    expect([...urls]).toEqual(['http://127.0.0.1:1/agents/veteran']);
    expect(JSON.stringify(card)).not.toContain(agent.url);
  });

  it('reaches a client of 1.0 that knows 0.3', async () => {
    const card = await (await clientOf10()).getAgentCard();
    expect(card.description).toBe('For those who may.');
    expect(JSON.stringify(card)).not.toContain(agent.url);
  });
});

it('a client of 1.0 that knows 0.3 too speaks 1.0, and never learns that the agent does not', async () => {
  expect((await clientOf10()).protocolVersion).toBe('1.0');
});
