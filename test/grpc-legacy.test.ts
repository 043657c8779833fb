import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OperationName } from '../src/protocol/operations.ts';
import { clauseOf } from './requirements/operations.ts';
import { cites } from './support/cites.ts';
import { permit, register, startGateway, type TestGateway } from './support/gateway.ts';
import {
  rpcEvents as events,
  type GrpcCaller,
  grpcCaller,
  grpcSettings,
  rpcResult as result,
} from './support/grpc.ts';
import type { Script } from './support/scripted-agent.ts';

/** Calls over gRPC of 0.3, which go by way of 1.0, to an agent that speaks JSON-RPC of 1.0. */

let gateway: TestGateway;
let alice: GrpcCaller;
let aliceAtCurrent: GrpcCaller;
let aliceAtAncient: GrpcCaller;

beforeAll(async () => {
  gateway = await startGateway({ settings: { grpc: grpcSettings } });
  await register(gateway, { agentId: 'current', protocolVersions: ['1.0'] });
  await register(gateway, { agentId: 'ancient', protocolVersions: ['0.3'] });
  await permit(gateway, 'demo', {
    allowedAgents: ['agent', 'current', 'ancient'],
    operations: ['send', 'stream', 'read', 'cancel', 'push'],
  });
  const token = await gateway.issuer.token();
  alice = grpcCaller(gateway.grpcAddress, { token, authority: 'agent.grpc.test' });
  aliceAtCurrent = grpcCaller(gateway.grpcAddress, { token, authority: 'current.grpc.test' });
  aliceAtAncient = grpcCaller(gateway.grpcAddress, { token, authority: 'ancient.grpc.test' });
});
afterAll(async () => {
  alice.close();
  aliceAtCurrent.close();
  aliceAtAncient.close();
  await gateway.close();
});

const version = '0.3';
const said = { messageId: 'm-1', role: 'ROLE_USER', content: [{ text: 'hello' }] };
const message = { messageId: 'm-1', role: 'ROLE_USER', parts: [{ text: 'hello' }] };
const ids = { taskId: 't-1', contextId: 'c-1' };
const working = { state: 'TASK_STATE_WORKING' };
const task = { id: 't-1', contextId: 'c-1', status: working };
interface Row {
  name: OperationName;
  request: Record<string, unknown>;
  /** As it reaches the agent. */
  params: Record<string, unknown>;
  script: Script;
  messages: unknown[];
}

const rows: readonly Row[] = [
  {
    name: 'SendMessage',
    request: { message: said },
    params: { message },
    script: result({ task }),
    messages: [{ task }],
  },
  {
    name: 'SendStreamingMessage',
    request: { message: said },
    params: { message },
    script: events({ task }, { statusUpdate: { ...ids, status: { state: 'TASK_STATE_CANCELED' } } }),
    messages: [
      { task },
      { statusUpdate: { ...ids, status: { state: 'TASK_STATE_CANCELLED' }, final: true } },
    ],
  },
  {
    name: 'SubscribeToTask',
    request: { name: 'tasks/t-1' },
    params: { id: 't-1' },
    script: events({ task }, { statusUpdate: { ...ids, status: { state: 'TASK_STATE_INPUT_REQUIRED' } } }),
    messages: [
      { task },
      { statusUpdate: { ...ids, status: { state: 'TASK_STATE_INPUT_REQUIRED' } } },
      { statusUpdate: { ...ids, status: { state: 'TASK_STATE_INPUT_REQUIRED' }, final: true } },
    ],
  },
  {
    name: 'GetTask',
    request: { name: 'tasks/t-1' },
    params: { id: 't-1' },
    script: result(task),
    messages: [task],
  },
  {
    name: 'CancelTask',
    request: { name: 'tasks/t-1' },
    params: { id: 't-1' },
    script: result(task),
    messages: [task],
  },
];

describe('a call over gRPC of 0.3', () => {
  it.each(rows)('$name reaches the agent in 1.0 and is answered in 0.3', async (row) => {
    cites(
      clauseOf[row.name],
      'A2A-3.4-ids-unchanged',
      'A2A-0.3-7.2-final',
      'A2A-10.1-services',
      'A2A-5.1-every-operation',
      'A2A-10.3-routing',
      'gRPC 0.3',
    );
    gateway.agent.script(row.script);
    const { code, text, messages } = await alice.call(row.name, row.request, { version });
    expect({ code, text }).toEqual({ code: status.OK, text: 'OK' });
    expect(messages).toMatchObject(row.messages);
    expect(messages.length).toBe(row.messages.length);
    const seen = gateway.agent.seen.at(-1);
    expect(JSON.parse(seen?.body ?? '')).toMatchObject({ method: row.name, params: row.params });
    expect(seen?.headers['a2a-version']).toBe('1.0');
  });

  it('names extensions as 0.3 does, both ways', async () => {
    cites('A2A-10.2-metadata', 'gRPC 0.3');
    gateway.agent.script((request, response, incoming) => {
      response.setHeader('a2a-extensions', 'urn:one');
      result(task)(request, response, incoming);
    });
    const metadata = { 'x-a2a-extensions': 'urn:one' };
    const { head } = await alice.call('GetTask', { name: 'tasks/t-1' }, { version, metadata });
    expect(gateway.agent.seen.at(-1)?.headers['a2a-extensions']).toBe('urn:one');
    expect(head.get('x-a2a-extensions')).toEqual(['urn:one']);
  });

  it('gets the extended card in the layout of 0.3, with the interfaces and the security of the gateway', async () => {
    cites('A2A-3.1.11-get-extended-card', 'A2A-13.3-rewritten', 'gRPC 0.3');
    const card = JSON.parse(await (await fetch(gateway.agent.cardUrl)).text());
    gateway.agent.script(result({ ...card, description: 'For those who are known.' }));
    const { messages, code } = await alice.call('GetExtendedAgentCard', {}, { version });
    expect(code).toBe(status.OK);
    expect(messages[0]).toMatchObject({
      description: 'For those who are known.',
      protocolVersion: '0.3.0',
      url: expect.stringContaining('/agents/agent'),
      supportsAuthenticatedExtendedCard: true,
      security: [{ schemes: expect.any(Object) }],
    });
    expect(Object.values(messages[0]?.securitySchemes ?? {})).toContainEqual(
      expect.objectContaining({ oauth2SecurityScheme: expect.any(Object) }),
    );
    expect(JSON.stringify(messages)).not.toContain(gateway.agent.url);
  });

  it('is refused by an agent that is published in 1.0 alone, which answers 1.0 there', async () => {
    cites('A2A-3.6.2-restricted', 'A2A-3.6.2-unsupported', 'gRPC 0.3');
    const { code, details } = await aliceAtCurrent.call('GetTask', { name: 'tasks/t-1' }, { version });
    expect(code).toBe(status.FAILED_PRECONDITION);
    expect(details).toContainEqual(
      expect.objectContaining({
        reason: 'VERSION_NOT_SUPPORTED',
        metadata: expect.objectContaining({ requested: '0.3' }),
      }),
    );
    gateway.agent.script(result(task));
    expect((await aliceAtCurrent.call('GetTask', { id: 't-1' })).code).toBe(status.OK);
  });

  it('is answered by an agent that is published in 0.3 alone, which refuses 1.0 there', async () => {
    cites('A2A-3.6.2-restricted', 'A2A-3.6.2-unsupported', 'gRPC 1.0');
    const { code, details } = await aliceAtAncient.call('GetTask', { id: 't-1' });
    expect(code).toBe(status.FAILED_PRECONDITION);
    const metadata = { requested: '1.0', supported: '0.3' };
    expect(details).toContainEqual(expect.objectContaining({ reason: 'VERSION_NOT_SUPPORTED', metadata }));
    gateway.agent.script(result(task));
    expect((await aliceAtAncient.call('GetTask', { name: 'tasks/t-1' }, { version })).code).toBe(status.OK);
  });

  it.each(['1.0', '2.0'])('may not say another version than its service: %s', async (other) => {
    cites('A2A-3.6.1-metadata', 'gRPC 0.3');
    const metadata = { 'a2a-version': other };
    const { code } = await alice.call('GetTask', { name: 'tasks/t-1' }, { version, metadata });
    expect(code).toBe(status.FAILED_PRECONDITION);
  });

  it('names a task by a name that is one', async () => {
    const { code, details } = await alice.call('GetTask', { name: 't-1' }, { version });
    expect(code).toBe(status.INVALID_ARGUMENT);
    expect(details).toContainEqual(expect.objectContaining({ reason: 'PARAMETER_INVALID' }));
  });

  it('has no agent where nothing names one', async () => {
    const bob = grpcCaller(gateway.grpcAddress, {
      token: await gateway.issuer.token(),
      authority: 'grpc.test',
    });
    const { code, details } = await bob.call('GetTask', { name: 'tasks/t-1' }, { version });
    bob.close();
    expect(code).toBe(status.INVALID_ARGUMENT);
    expect(details).toContainEqual(
      expect.objectContaining({
        reason: 'PARAMETER_INVALID',
        metadata: expect.objectContaining({ parameter: 'tenant' }),
      }),
    );
  });
});
