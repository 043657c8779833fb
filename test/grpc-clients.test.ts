import {
  AgentCard,
  type Part,
  SendMessageRequest,
  type StreamResponse,
  type Task,
  TaskState,
} from '@a2a-js/sdk';
import { type RequestOptions, TenantTransportDecorator, type Transport } from '@a2a-js/sdk/client';
import { GrpcTransportFactory } from '@a2a-js/sdk/client/grpc';
import { LegacyGrpcTransport } from '@a2a-js/sdk/compat/v0_3/client/grpc';
import { TaskNotCancelableError, TaskNotFoundError } from '@a2a-js/sdk/errors';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConformanceAgent, startConformanceAgent } from '../examples/conformance/agent.ts';
import { cites } from './support/cites.ts';
import { permit, register, startGateway, type TestGateway } from './support/gateway.ts';
import { grpcSettings } from './support/grpc.ts';

/** The official SDK's clients for gRPC, of 1.0 and of 0.3, before agents of the SDK's that speak one thing each. */

const agentProtocols = ['jsonrpc-1.0', 'http-json-1.0', 'jsonrpc-0.3', 'grpc-1.0', 'grpc-0.3'] as const;

let gateway: TestGateway;
let agents: ConformanceAgent[];
let options: RequestOptions;

beforeAll(async () => {
  gateway = await startGateway({ settings: { grpc: grpcSettings }, registration: null });
  agents = await Promise.all(
    agentProtocols.map((protocol) => startConformanceAgent({ protocols: [protocol], paceMs: 50 })),
  );
  for (const [index, agent] of agents.entries()) {
    await register(gateway, { agentId: idOf(agentProtocols[index] ?? ''), agentCardUrl: agent.cardUrl });
  }
  const operations = ['send', 'stream', 'read', 'cancel', 'push'];
  await permit(gateway, 'demo', { allowedAgents: agentProtocols.map(idOf), operations });
  options = { serviceParameters: { authorization: `Bearer ${await gateway.issuer.token()}` } };
});
afterAll(async () => {
  await gateway.close();
  await Promise.all(agents.map((agent) => agent.close()));
});

function idOf(protocol: string): string {
  return protocol.replace('.', '-');
}

type Client = 'of 1.0' | 'of 0.3';
const clients: readonly Client[] = ['of 1.0', 'of 0.3'];

/** That of 1.0 by tenant, that of 0.3 by authority. */
async function transportOf(client: Client, agentId: string): Promise<Transport> {
  const endpoint = gateway.grpcAddress;
  if (client === 'of 0.3')
    return new LegacyGrpcTransport({ endpoint, grpcCallOptions: { host: `${agentId}.grpc.test` } });
  const transport = await new GrpcTransportFactory().create(endpoint, AgentCard.fromJSON({}));
  return new TenantTransportDecorator(transport, agentId);
}

function said(kind: string, more: Record<string, unknown> = {}): SendMessageRequest {
  const message = {
    messageId: `${kind}-${crypto.randomUUID()}`,
    role: 'ROLE_USER',
    parts: [{ text: 'hello' }],
  };
  return SendMessageRequest.fromJSON({ message, ...more });
}

function taskIn(result: Awaited<ReturnType<Transport['sendMessage']>>): Task {
  if ('messageId' in result) throw new Error('a message where a task was expected');
  return result;
}

function textsOf(parts: readonly Part[] = []): string[] {
  return parts.map(({ content }) => (content?.$case === 'text' ? content.value : (content?.$case ?? '')));
}

async function eventsOf(stream: AsyncIterable<StreamResponse>): Promise<StreamResponse['payload'][]> {
  const events = [];
  for await (const { payload } of stream) events.push(payload);
  return events;
}

const cells = clients.flatMap((client) => agentProtocols.map((protocol) => [client, protocol] as const));

describe.each(cells)('the official client %s over gRPC, to an agent of %s', (client, protocol) => {
  let transport: Transport;
  beforeAll(async () => {
    transport = await transportOf(client, idOf(protocol));
  });

  it('sends and is answered with a task, or a message', async () => {
    cites('A2A-4.4.6-declared-work', 'A2A-5.1-any-to-any', 'gRPC 1.0', 'gRPC 0.3');
    const task = taskIn(await transport.sendMessage(said('tck-artifact-text'), options));
    expect(task.status?.state).toBe(TaskState.TASK_STATE_COMPLETED);
    expect(textsOf(task.artifacts[0]?.parts)).toEqual(['Generated text content']);
    const message = await transport.sendMessage(said('tck-message-response'), options);
    expect('parts' in message && textsOf(message.parts)).toEqual(['Direct message response']);
  });

  it('streams in order, to the end', async () => {
    cites('A2A-3.5.2-order', 'A2A-3.1.2-ends-as-the-agent', 'gRPC 1.0', 'gRPC 0.3');
    const events = await eventsOf(transport.sendMessageStream(said('tck-stream-artifact-chunked'), options));
    const texts = events.flatMap((event) =>
      event?.$case === 'artifactUpdate' ? textsOf(event.value.artifact?.parts) : [],
    );
    expect(texts).toEqual(['chunk-1 ', 'chunk-2']);
    const last = events.at(-1);
    expect(last?.$case === 'statusUpdate' && last.value.status?.state).toBe(TaskState.TASK_STATE_COMPLETED);
  });

  it('gets, subscribes to and cancels a task', async () => {
    const sent = said('gw-long-task', { configuration: { returnImmediately: true } });
    const { id } = taskIn(await transport.sendMessage(sent, options));
    const read = await transport.getTask({ id, tenant: '' }, options);
    expect(read.id).toBe(id);
    const stream = transport.resubscribeTask({ id, tenant: '' }, options);
    const first = await stream.next();
    expect(first.done === true ? undefined : first.value.payload?.$case).toBe('task');
    const canceled = await transport.cancelTask({ id, tenant: '', metadata: undefined }, options);
    expect(canceled.status?.state).toBe(TaskState.TASK_STATE_CANCELED);
    const last = (await eventsOf(stream)).at(-1);
    expect(last?.$case === 'statusUpdate' && last.value.status?.state).toBe(TaskState.TASK_STATE_CANCELED);
  });

  it('makes, reads, lists and deletes push notification configurations', async () => {
    const { id: taskId } = taskIn(await transport.sendMessage(said('tck-input-required'), options));
    const url = 'http://127.0.0.1/hook';
    const config = { taskId, id: 'hook', tenant: '', token: 't', authentication: undefined, url };
    expect(await transport.createTaskPushNotificationConfig(config, options)).toMatchObject({
      id: 'hook',
      url,
    });
    const key = { taskId, id: 'hook', tenant: '' };
    expect(await transport.getTaskPushNotificationConfig(key, options)).toMatchObject({ id: 'hook', url });
    const every = { taskId, tenant: '', pageSize: 10, pageToken: '' };
    const { configs } = await transport.listTaskPushNotificationConfig(every, options);
    expect(configs).toMatchObject([{ id: 'hook', url }]);
    await transport.deleteTaskPushNotificationConfig(key, options);
    expect((await transport.listTaskPushNotificationConfig(every, options)).configs).toEqual([]);
  });

  it('reads the extended card', async () => {
    const card = await transport.getExtendedAgentCard({ tenant: '' }, options);
    expect(card.skills.length).toBeGreaterThan(0);
    expect(JSON.stringify(AgentCard.toJSON(card))).not.toMatch(
      new RegExp(agents.map(({ url }) => url).join('|')),
    );
  });

  it('knows the errors of the agent for what they are', async () => {
    const missing = { id: 'never-was', tenant: '' };
    await expect(transport.getTask(missing, options)).rejects.toBeInstanceOf(TaskNotFoundError);
    const { id } = taskIn(await transport.sendMessage(said('tck-complete-task'), options));
    await expect(
      transport.cancelTask({ id, tenant: '', metadata: undefined }, options),
    ).rejects.toBeInstanceOf(TaskNotCancelableError);
  });
});

describe('the official client of 1.0 over gRPC', () => {
  it('lists tasks', async () => {
    const transport = await transportOf('of 1.0', 'jsonrpc-1-0');
    const { id, contextId } = taskIn(await transport.sendMessage(said('tck-complete-task'), options));
    const filter = { tenant: '', contextId, status: TaskState.TASK_STATE_UNSPECIFIED, pageToken: '' };
    const { tasks } = await transport.listTasks({ ...filter, statusTimestampAfter: undefined }, options);
    expect(tasks.map((task) => task.id)).toEqual([id]);
  });
});
