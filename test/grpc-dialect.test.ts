import { once } from 'node:events';
import { constants } from 'node:http2';
import { describe, expect, it } from 'vitest';
import type { CoreAnswer, JsonObject } from '../src/bridge/core-call.ts';
import { frameOf } from '../src/grpc/frames.ts';
import { grpcMethod } from '../src/grpc/methods.ts';
import { encodeStatus } from '../src/grpc/status-details.ts';
import { parseExact } from '../src/protocol/exact-json.ts';
import type { OperationName } from '../src/protocol/operations.ts';
import { createAuthority } from './support/certificates.ts';
import { cites } from './support/cites.ts';
import {
  answerBytes,
  answerGrpc,
  answerStatus,
  asking,
  type GrpcScript,
  grpcAgent,
} from './support/grpc-agent.ts';
import { failsWith } from './support/upstream-servers.ts';

async function answered(script: GrpcScript, operation: OperationName = 'GetTask'): Promise<CoreAnswer> {
  const asked = await asking(await grpcAgent(script), operation, { id: 't-1' });
  return 'answer' in asked ? asked.answer : expect.unreachable();
}

async function streamed(script: GrpcScript): Promise<CoreAnswer[]> {
  const asked = await asking(await grpcAgent(script), 'SubscribeToTask', { id: 't-1' });
  if (!('events' in asked)) return [asked.answer];
  const events: CoreAnswer[] = [];
  for await (const event of asked.events) events.push(event);
  return events;
}

const task = { id: 't-1', contextId: 'c-1', status: { state: 'TASK_STATE_WORKING' } };

describe('a call by gRPC', () => {
  it('has its method, its message with the tenant, and what gRPC wants of headers', async () => {
    const agent = await grpcAgent(answerGrpc([task]));
    const message = { id: 't-1', historyLength: 0, tenant: 'of the caller' };
    const asked = await asking(agent, 'GetTask', message, { tenant: 'blue' });
    expect(asked).toMatchObject({ answer: { ok: true, result: task } });
    expect(agent.calls[0]?.request).toEqual({ id: 't-1', historyLength: 0, tenant: 'blue' });
    expect(Object.fromEntries(Object.entries(agent.calls[0]?.headers ?? {}))).toEqual({
      ':method': 'POST',
      ':scheme': 'http',
      ':authority': new URL(agent.origin).host,
      ':path': '/lf.a2a.v1.A2AService/GetTask',
      'a2a-version': '1.0',
      'content-type': 'application/grpc',
      'grpc-accept-encoding': 'identity',
      'accept-encoding': 'identity',
      te: 'trailers',
    });
  });

  it('of 0.3 has its own service, names and answers, and no tenant', async () => {
    const agent = await grpcAgent(answerGrpc([{ ...task, status: { state: 'TASK_STATE_CANCELLED' } }]));
    const asked = await asking(agent, 'CancelTask', { id: 't-1' }, { version: '0.3', tenant: 'blue' });
    expect(asked).toMatchObject({
      answer: { ok: true, result: { status: { state: 'TASK_STATE_CANCELED' } } },
    });
    expect(agent.calls[0]?.request).toEqual({ name: 'tasks/t-1' });
    expect(agent.calls[0]?.headers[':path']).toBe('/a2a.v1.A2AService/CancelTask');
  });

  it('that 0.3 does not have is not sent', async () => {
    const agent = await grpcAgent(answerGrpc([]));
    await expect(asking(agent, 'ListTasks', {}, { version: '0.3' })).rejects.toMatchObject(
      failsWith('operation_unsupported', { capability: 'ListTasks' }),
    );
    expect(agent.calls).toEqual([]);
  });

  it('whose message protobuf cannot hold is not sent', async () => {
    const agent = await grpcAgent(answerGrpc([]));
    await expect(asking(agent, 'SendMessage', { message: { role: 'user' } })).rejects.toMatchObject(
      failsWith('parameter_invalid', { parameter: 'message.role' }),
    );
    expect(agent.calls).toEqual([]);
  });

  it('has numbers as doubles, however they were spelled', async () => {
    cites('A2A-5.5-numbers');
    const agent = await grpcAgent(answerGrpc([{ task }]));
    const message = parseExact('{"message":{"metadata":{"n":9007199254740993,"one":1.0}}}') as JsonObject;
    await asking(agent, 'SendMessage', message);
    expect(agent.calls[0]?.request).toEqual({ message: { metadata: { n: 9007199254740992, one: 1 } } });
  });

  it('goes by TLS, with a certificate of the gateway where the agent wants one', async () => {
    const authority = await createAuthority();
    const { certificate: cert, privateKey: key } = await authority.issue();
    const tls = { cert, key, ca: authority.certificate, requestCert: true, rejectUnauthorized: true };
    const agent = await grpcAgent(answerGrpc([task]), tls);
    const clientCertificate = await authority.issue({ commonName: 'gateway' });
    const connection = { caCertificates: authority.certificate, clientCertificate };
    expect(await asking(agent, 'GetTask', { id: 't-1' }, { connection })).toMatchObject({
      answer: { ok: true, result: task },
    });
    const unproven = asking(
      agent,
      'GetTask',
      { id: 't-1' },
      {
        connection: { caCertificates: authority.certificate },
      },
    );
    await expect(unproven).rejects.toMatchObject(failsWith('upstream_tls_failed'));
  });

  it('takes answers of several frames of HTTP/2, up to the limit', async () => {
    const large = { ...task, metadata: { text: 'x'.repeat(9_900) } };
    expect(await answered(answerGrpc([large]))).toEqual({ ok: true, result: large });
    const tooLarge = answered(answerGrpc([{ ...task, metadata: { text: 'x'.repeat(10_000) } }]));
    await expect(tooLarge).rejects.toMatchObject(failsWith('upstream_response_too_large'));
  });
});

describe('a stream by gRPC', () => {
  const update = {
    statusUpdate: { taskId: 't-1', contextId: 'c-1', status: { state: 'TASK_STATE_COMPLETED' } },
  };

  it('has its events in order, however they are cut', async () => {
    const events = [{ task }, update, update];
    expect(await streamed(answerGrpc(events))).toEqual(events.map((result) => ({ ok: true, result })));
  });

  it('may end with an error after its events', async () => {
    const trailers = { 'grpc-status': '13', 'grpc-message': 'out of %25 order' };
    expect(await streamed(answerGrpc([{ task }], trailers))).toMatchObject([
      { ok: true },
      { ok: false, error: { status: 'INTERNAL', message: 'out of % order' } },
    ]);
  });

  it('may be an error alone, which is an answer', async () => {
    expect(await streamed(answerStatus(5))).toMatchObject([
      { ok: false, error: { reason: 'TASK_NOT_FOUND', rpcCode: -32001 } },
    ]);
  });

  it('that is left is cancelled at the agent', async () => {
    const agent = await grpcAgent(({ stream }) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
      stream.write(frameOf(grpcMethod('SubscribeToTask', '1.0')?.encodeResult({ task }) ?? new Uint8Array()));
    });
    const asked = await asking(agent, 'SubscribeToTask', { id: 't-1' });
    if (!('events' in asked)) return expect.unreachable();
    const iterator = asked.events[Symbol.asyncIterator]();
    expect((await iterator.next()).value).toEqual({ ok: true, result: { task } });
    const { stream } = agent.calls[0] ?? expect.unreachable();
    const closed = once(stream, 'close');
    await iterator.return?.();
    await closed;
    expect(stream.rstCode).toBe(constants.NGHTTP2_CANCEL);
  });

  it.each([
    [
      'too large an event',
      answerGrpc([{ task: { ...task, metadata: { text: 'x'.repeat(1_000) } } }]),
      'upstream_event_too_large',
    ],
    [
      'half an event',
      answerBytes(frameOf(new Uint8Array(9)).subarray(0, 7), { 'grpc-status': '0' }),
      'upstream_response_invalid',
    ],
    ['no status', answerBytes(frameOf(new Uint8Array())), 'upstream_reset'],
    [
      'rubbish',
      answerBytes(frameOf(Buffer.from([0xff, 0xff])), { 'grpc-status': '0' }),
      'upstream_response_invalid',
    ],
  ] as const)('of %s has failed', async (_, script, code) => {
    await expect(streamed(script)).rejects.toMatchObject(failsWith(code));
  });
});

describe('an error by gRPC', () => {
  const details = [
    {
      '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
      reason: 'TASK_NOT_CANCELABLE',
      domain: 'a2a-protocol.org',
      metadata: { state: 'done' },
    },
    {
      '@type': 'type.googleapis.com/google.rpc.BadRequest',
      fieldViolations: [{ field: 'id', description: 'of a finished task' }],
    },
    { '@type': 'type.example/vendor.Detail', value: 'AQID' },
  ];
  const packed = Buffer.from(encodeStatus({ code: 9, message: 'no', details })).toString('base64');

  it.each(['headers', 'trailers'])('keeps its details, in %s', async (place) => {
    const fields = {
      'grpc-status': '9',
      'grpc-message': 'no',
      'grpc-status-details-bin': packed.replace(/=+$/, ''),
    };
    const script = place === 'headers' ? answerStatus(9, fields) : answerBytes(new Uint8Array(), fields);
    expect(await answered(script, 'CancelTask')).toMatchObject({
      ok: false,
      error: { reason: 'TASK_NOT_CANCELABLE', rpcCode: -32002, message: 'no', details },
    });
  });

  it('has none where they cannot be read', async () => {
    for (const rubbish of ['!', 'AAAA', Buffer.from([0x0a, 0x7f]).toString('base64')])
      expect(await answered(answerStatus(3, { 'grpc-status-details-bin': rubbish }))).toMatchObject({
        ok: false,
        error: { status: 'INVALID_ARGUMENT', details: [] },
      });
  });

  it('of a number that is none is unknown', async () => {
    expect(await answered(answerStatus(99))).toMatchObject({ ok: false, error: { status: 'UNKNOWN' } });
  });
});

describe('what is no gRPC', () => {
  const html = { 'content-type': 'text/html' };
  it.each([
    ['a page', answerBytes(Buffer.from('<p>'), undefined, html), 'upstream_response_invalid'],
    [
      'a busy proxy',
      answerBytes(Buffer.from('<p>'), undefined, { ...html, ':status': 503 }),
      'upstream_unavailable',
    ],
    ['nothing at all', answerBytes(new Uint8Array()), 'upstream_reset'],
    [
      'a status without an answer',
      answerBytes(new Uint8Array(), { 'grpc-status': '0' }),
      'upstream_response_invalid',
    ],
    ['two answers', answerGrpc([task, task]), 'upstream_response_invalid'],
    [
      'half an answer',
      answerBytes(frameOf(new Uint8Array(9)).subarray(0, 7), { 'grpc-status': '0' }),
      'upstream_response_invalid',
    ],
    [
      'a compressed answer',
      answerBytes(Uint8Array.of(1, 0, 0, 0, 0), { 'grpc-status': '0' }),
      'upstream_response_invalid',
    ],
    [
      'rubbish',
      answerBytes(frameOf(Buffer.from([0xff, 0xff])), { 'grpc-status': '0' }),
      'upstream_response_invalid',
    ],
  ] as const)('is refused: %s', async (_, script, code) => {
    await expect(answered(script)).rejects.toMatchObject(failsWith(code));
  });
});
