import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OperationName } from '../src/protocol/operations.ts';
import { clauseOf } from './requirements/operations.ts';
import { cites } from './support/cites.ts';
import { startGateway, type TestGateway } from './support/gateway.ts';
import {
  rpcEvents as events,
  type GrpcCaller,
  grpcCaller,
  grpcSettings,
  rpcResult as result,
} from './support/grpc.ts';
import type { Script } from './support/scripted-agent.ts';

/** Calls over gRPC, each to an agent that speaks JSON-RPC. */

let gateway: TestGateway;
let alice: GrpcCaller;

beforeAll(async () => {
  gateway = await startGateway({ settings: { grpc: grpcSettings } });
  alice = grpcCaller(gateway.grpcAddress, { token: await gateway.issuer.token() });
});
afterAll(async () => {
  alice.close();
  await gateway.close();
});

const message = { messageId: 'm-1', role: 'ROLE_USER', parts: [{ text: 'hello' }] };
const task = {
  id: 't-1',
  contextId: 'c-1',
  status: { state: 'TASK_STATE_WORKING', timestamp: '2026-01-02T03:04:05Z' },
};

const calls: readonly [OperationName, request: Record<string, unknown>, Script, messages: unknown[]][] = [
  ['SendMessage', { message }, result({ task }), [{ task }]],
  [
    'SendMessage',
    { message, configuration: { returnImmediately: true } },
    result({ message }),
    [{ message }],
  ],
  ['SendStreamingMessage', { message }, events({ task }, { message }), [{ task }, { message }]],
  ['SendStreamingMessage', { message }, result({ task }), [{ task }]],
  ['GetTask', { id: 't-1', historyLength: 2 }, result(task), [task]],
  [
    'ListTasks',
    { contextId: 'c-1', pageSize: 10 },
    result({ tasks: [task], nextPageToken: '', pageSize: 10, totalSize: 1 }),
    [{ tasks: [task], nextPageToken: '', pageSize: 10, totalSize: 1 }],
  ],
  ['CancelTask', { id: 't-1', metadata: { why: 'enough' } }, result(task), [task]],
  ['SubscribeToTask', { id: 't-1' }, events({ task }), [{ task }]],
];

describe('a call over gRPC', () => {
  it.each(calls)(
    '%s reaches the agent as it was said, and its answer the caller',
    async (name, request, script, messages) => {
      cites(
        clauseOf[name],
        'A2A-3.4-ids-unchanged',
        'A2A-10.1-services',
        'A2A-5.1-every-operation',
        'A2A-10.3-routing',
        'gRPC 1.0',
      );
      gateway.agent.script(script);
      const answered = await alice.call(name, { ...request, tenant: 'agent' });
      expect(answered).toMatchObject({ code: status.OK, messages });
      const seen = gateway.agent.seen.at(-1);
      expect(JSON.parse(seen?.body ?? '')).toMatchObject({ jsonrpc: '2.0', method: name, params: request });
      expect(seen?.headers['a2a-version']).toBe('1.0');
    },
  );

  it('gets the extended card as any caller does, with the interfaces of the gateway', async () => {
    cites('A2A-3.1.11-get-extended-card', 'A2A-13.3-rewritten', 'gRPC 1.0');
    const card = JSON.parse(await (await fetch(gateway.agent.cardUrl)).text());
    gateway.agent.script(result({ ...card, description: 'For those who are known.' }));
    const { messages, code } = await alice.call('GetExtendedAgentCard', { tenant: 'agent' });
    expect({ code, description: messages[0]?.description }).toEqual({
      code: status.OK,
      description: 'For those who are known.',
    });
    expect(JSON.stringify(messages)).not.toContain(gateway.agent.url);
  });

  it('keeps its tenant, its token and what else is not for the agent at the gateway', async () => {
    cites('A2A-7.3-identity-in-headers', 'gRPC 1.0');
    gateway.agent.script(result(task));
    await alice.call(
      'GetTask',
      { id: 't-1', tenant: 'agent' },
      { metadata: { cookie: 'c=1', 'x-user': 'root' } },
    );
    const seen = gateway.agent.seen.at(-1);
    expect(JSON.parse(seen?.body ?? '').params).toEqual({ id: 't-1' });
    expect(Object.keys(seen?.headers ?? {})).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(?:authorization|cookie|x-user|grpc-.*)$/)]),
    );
  });

  it('may repeat its tenant in the push configuration it carries', async () => {
    gateway.agent.script(result({ task }));
    const taskPushNotificationConfig = { url: 'https://127.0.0.1/1', tenant: 'agent' };
    const request = { message, tenant: 'agent', configuration: { taskPushNotificationConfig } };
    expect((await alice.call('SendMessage', request)).code).toBe(status.OK);
    const { params } = JSON.parse(gateway.agent.seen.at(-1)?.body ?? '');
    expect(Object.keys(params.configuration.taskPushNotificationConfig)).not.toContain('tenant');
  });

  it('hands on extensions, language and trace, and back which extensions are active', async () => {
    cites('A2A-10.2-metadata', 'gRPC 1.0');
    gateway.agent.script((request, response, incoming) => {
      response.setHeader('a2a-extensions', 'urn:one');
      result(task)(request, response, incoming);
    });
    const metadata = {
      'a2a-extensions': ['urn:one', 'urn:two'],
      'accept-language': 'pt',
      traceparent: '00-1',
    };
    const { head } = await alice.call('GetTask', { id: 't-1', tenant: 'agent' }, { metadata });
    expect(gateway.agent.seen.at(-1)?.headers).toMatchObject({
      'a2a-extensions': 'urn:one, urn:two',
      'accept-language': 'pt',
      traceparent: '00-1',
    });
    expect(head.get('a2a-extensions')).toEqual(['urn:one']);
    const [requestId] = head.get('x-request-id');
    expect(gateway.logged).toContainEqual(expect.objectContaining({ msg: 'request', requestId }));
  });

  it.each(['1.0', '1.0.7', ''])(
    'may say its version, which its service has said already: %j',
    async (version) => {
      gateway.agent.script(result(task));
      const metadata = { 'a2a-version': version };
      expect((await alice.call('GetTask', { id: 't-1', tenant: 'agent' }, { metadata })).code).toBe(
        status.OK,
      );
    },
  );

  it.each(['0.3', '2.0', 'one'])('may not say another version than its service: %s', async (version) => {
    cites('A2A-3.6.1-metadata', 'gRPC 1.0');
    const { code, details } = await alice.call(
      'GetTask',
      { id: 't-1', tenant: 'agent' },
      { metadata: { 'a2a-version': version } },
    );
    expect(code).toBe(status.FAILED_PRECONDITION);
    expect(details).toContainEqual(
      expect.objectContaining({ reason: 'VERSION_NOT_SUPPORTED', domain: 'a2a-protocol.org' }),
    );
  });
});
