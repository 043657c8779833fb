import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cites } from './support/cites.ts';
import { startGateway, type TestGateway } from './support/gateway.ts';
import {
  type GrpcCaller,
  grpcCaller,
  grpcSettings,
  type Outcome,
  rpcError,
  rpcEvent,
  rpcResult,
} from './support/grpc.ts';
import { answerEvents, answerJson } from './support/scripted-agent.ts';

/** What a caller over gRPC is told when a call fails: by the agent, and by the gateway. */

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

const errorInfo = 'type.googleapis.com/google.rpc.ErrorInfo';
/** A map that is empty is not there on the wire. */
function protocolInfo(reason: string, metadata?: Record<string, string>): object {
  return { '@type': errorInfo, reason, domain: 'a2a-protocol.org', ...(metadata && { metadata }) };
}

function gatewayInfo(reason: string, metadata?: Record<string, string>): unknown {
  const info = { '@type': errorInfo, reason, domain: 'a2a-gateway', ...(metadata && { metadata }) };
  return expect.objectContaining(info);
}

function getTask(caller = alice, tenant = 'agent'): Promise<Outcome> {
  return caller.call('GetTask', { id: 't-1', tenant });
}

describe("an agent's error over gRPC", () => {
  it.each([
    [-32001, status.NOT_FOUND, 'TASK_NOT_FOUND'],
    [-32002, status.FAILED_PRECONDITION, 'TASK_NOT_CANCELABLE'],
    [-32003, status.FAILED_PRECONDITION, 'PUSH_NOTIFICATION_NOT_SUPPORTED'],
    [-32004, status.FAILED_PRECONDITION, 'UNSUPPORTED_OPERATION'],
    [-32005, status.INVALID_ARGUMENT, 'CONTENT_TYPE_NOT_SUPPORTED'],
    [-32006, status.INTERNAL, 'INVALID_AGENT_RESPONSE'],
    [-32007, status.FAILED_PRECONDITION, 'EXTENDED_AGENT_CARD_NOT_CONFIGURED'],
    [-32008, status.FAILED_PRECONDITION, 'EXTENSION_SUPPORT_REQUIRED'],
    [-32009, status.FAILED_PRECONDITION, 'VERSION_NOT_SUPPORTED'],
  ])('%i has the status and the reason of the protocol', async (code, expected, reason) => {
    cites('A2A-10.6-status-details', 'A2A-5.4-agent-errors', 'gRPC 1.0');
    gateway.agent.script(rpcError(code, 'So it is.'));
    const outcome = await getTask();
    expect(outcome).toMatchObject({ code: expected, text: 'So it is.', messages: [] });
    expect(outcome.details).toEqual([protocolInfo(reason)]);
  });

  it.each([
    [-32602, status.INVALID_ARGUMENT],
    [-32600, status.INVALID_ARGUMENT],
    [-32601, status.UNIMPLEMENTED],
    [-32603, status.INTERNAL],
  ])("%i of JSON-RPC's own has the nearest status", async (code, expected) => {
    gateway.agent.script(rpcError(code, 'So it is.'));
    expect(await getTask()).toMatchObject({ code: expected, text: 'So it is.' });
  });

  it('keeps all the details it came with', async () => {
    const details = [
      protocolInfo('TASK_NOT_FOUND', { taskId: 't-1' }),
      {
        '@type': 'type.googleapis.com/google.rpc.BadRequest',
        fieldViolations: [{ field: 'id', description: 'gone' }],
      },
    ];
    gateway.agent.script(rpcError(-32001, 'Gone.', details));
    expect((await getTask()).details).toEqual(details);
  });

  it('is known by its reason where the code says otherwise', async () => {
    cites('A2A-5.4-reason-first', 'gRPC 1.0');
    gateway.agent.script(rpcError(-32603, 'Gone.', [protocolInfo('TASK_NOT_FOUND')]));
    expect((await getTask()).code).toBe(status.NOT_FOUND);
  });

  it("of a vendor's keeps code, message and data", async () => {
    cites('A2A-5.4-vendor-errors', 'gRPC 1.0');
    gateway.agent.script(rpcError(-31_999, 'Out of paper.', { tray: 2, of: ['a', null] }));
    const outcome = await getTask();
    expect(outcome).toMatchObject({ code: status.INTERNAL, text: 'Out of paper.' });
    expect(outcome.details).toEqual([
      gatewayInfo('JSON_RPC_ERROR', { code: '-31999' }),
      { '@type': 'type.googleapis.com/google.protobuf.Value', value: { tray: 2, of: ['a', null] } },
    ]);
  });

  it('fits into trailers, however much there is of it', async () => {
    const data = { '@type': 'type.googleapis.com/google.protobuf.Value', value: 'x'.repeat(100_000) };
    gateway.agent.script(rpcError(-32001, 'y'.repeat(100_000), [protocolInfo('TASK_NOT_FOUND'), data]));
    const outcome = await getTask();
    expect(outcome.code).toBe(status.NOT_FOUND);
    expect(outcome.details).toEqual([protocolInfo('TASK_NOT_FOUND')]);
    expect(outcome.text).toMatch(/^y{1024}$/);
  });

  it.each(['half a pair \ud83d', 'line\nbreak %41 ü'])('may say anything: %j', async (text) => {
    gateway.agent.script(rpcError(-32001, text));
    expect(await getTask()).toMatchObject({ code: status.NOT_FOUND, text: text.replace('\ud83d', '\ufffd') });
  });

  it('in mid-stream ends the stream after what came before', async () => {
    const task = { id: 't-1', contextId: 'c-1', status: { state: 'TASK_STATE_WORKING' } };
    const error = { jsonrpc: '2.0', id: 1, error: { code: -32001, message: 'Gone.' } };
    gateway.agent.script(answerEvents(rpcEvent({ task }), `data: ${JSON.stringify(error)}\n\n`));
    const outcome = await alice.call('SubscribeToTask', { id: 't-1', tenant: 'agent' });
    expect(outcome).toMatchObject({ messages: [{ task }], code: status.NOT_FOUND, text: 'Gone.' });
    expect(outcome.details).toEqual([protocolInfo('TASK_NOT_FOUND')]);
  });
});

describe('what is no answer of an agent', () => {
  it.each([
    ['text', answerJson('hello', 200, 'text/plain')],
    ['another id', answerJson({ jsonrpc: '2.0', id: 2, result: {} })],
    ['a number for a text', rpcResult({ id: 7, contextId: 'c-1' })],
    ['no object', rpcResult('done')],
  ])('is told as such: %s', async (_, script) => {
    gateway.agent.script(script);
    const outcome = await getTask();
    expect(outcome.code).toBe(status.INTERNAL);
    expect(outcome.details).toContainEqual(
      expect.objectContaining({ reason: 'INVALID_AGENT_RESPONSE', domain: 'a2a-protocol.org' }),
    );
  });

  it.each([
    'data: {"jsonrpc":"2.0"\n\n',
    'data: 7\n\n',
    'data: {"jsonrpc":"2.0","id":1,"result":{"task":7}}\n\n',
  ])('ends a stream that has it for an event: %j', async (event) => {
    gateway.agent.script(answerEvents(event, rpcEvent({})));
    const outcome = await alice.call('SubscribeToTask', { id: 't-1', tenant: 'agent' });
    expect(outcome).toMatchObject({ code: status.INTERNAL, messages: [] });
    expect(outcome.details).toContainEqual(expect.objectContaining({ reason: 'INVALID_AGENT_RESPONSE' }));
  });

  it.each([
    ['a result', (deep: string) => `"result":{"id":"t-1","metadata":{"a":${deep}}}`],
    [
      'a detail of an error',
      (deep: string) =>
        `"error":{"code":-32001,"message":"x","data":[{"@type":"t/google.protobuf.Value","value":${deep}}]}`,
    ],
    ['data of an error', (deep: string) => `"error":{"code":-31999,"message":"x","data":${deep}}`],
  ])('is no harm where %s is nested without end', async (_, member) => {
    const deep = '['.repeat(50_000) + ']'.repeat(50_000);
    gateway.agent.script(answerJson(`{"jsonrpc":"2.0","id":1,${member(deep)}}`));
    expect((await getTask()).code).not.toBe(status.OK);
    gateway.agent.script(rpcResult({ id: 't-1', contextId: 'c-1', status: { state: 'TASK_STATE_WORKING' } }));
    expect((await getTask()).code).toBe(status.OK);
  });
});

describe("the gateway's own refusal over gRPC", () => {
  it('asks for a token, and says where one is had', async () => {
    cites('A2A-7.4-authenticate', 'A2A-7.4-challenge', 'gRPC 1.0');
    const nobody = grpcCaller(gateway.grpcAddress);
    const { code, details, trailers } = await getTask(nobody);
    nobody.close();
    expect(code).toBe(status.UNAUTHENTICATED);
    expect(details).toEqual([gatewayInfo('TOKEN_MISSING')]);
    expect(String(trailers.get('www-authenticate'))).toMatch(/^Bearer .*resource_metadata="/);
    expect(trailers.get('x-request-id')).toHaveLength(1);
  });

  it.each(['No/Id', '..', 'agent ', 'a'.repeat(64), '\u0000'])(
    'of a tenant that is no agent id says so: %j',
    async (tenant) => {
      const { code, details } = await getTask(alice, tenant);
      expect(code).toBe(status.INVALID_ARGUMENT);
      expect(details).toContainEqual(
        gatewayInfo('PARAMETER_INVALID', { parameter: 'tenant', problem: 'agent_id' }),
      );
    },
  );

  it('of a message that is none says so', async () => {
    const path = '/lf.a2a.v1.A2AService/GetTask';
    const outcome = await alice.raw(path, Uint8Array.of(0xff, 0xff, 0xff));
    expect(outcome.code).toBe(status.INVALID_ARGUMENT);
    expect(outcome.details).toEqual([gatewayInfo('BODY_MALFORMED')]);
  });

  it('of a method that is none, in a service that is one, says so', async () => {
    const { code } = await alice.raw('/lf.a2a.v1.A2AService/DropTask', new Uint8Array());
    expect(code).toBe(status.UNIMPLEMENTED);
  });

  it('tells what is wrong with which member', async () => {
    const request = { tenant: 'agent', taskId: 't-1', url: 'https://127.0.0.1/1', id: 'i'.repeat(2_000) };
    const { code, details } = await alice.call('CreateTaskPushNotificationConfig', request);
    expect(code).toBe(status.INVALID_ARGUMENT);
    expect(details).toContainEqual(gatewayInfo('MEMBER_REFUSED', { member: 'params.id', rule: 'length' }));
    expect(details).toContainEqual(
      expect.objectContaining({ fieldViolations: [{ field: 'params.id', description: 'length' }] }),
    );
  });

  it('of an agent that is away says when to come again', async () => {
    gateway.agent.script((_request, response) => {
      response.writeHead(503, { 'retry-after': '7' }).end();
    });
    const { code, details, trailers } = await getTask();
    expect(code).toBe(status.UNAVAILABLE);
    expect(details).toEqual([gatewayInfo('UPSTREAM_UNAVAILABLE')]);
    expect(trailers.get('retry-after')).toEqual(['7']);
  });
});
