import { once } from 'node:events';
import type { SendMessageRequest, StreamResponse } from '@a2a-js/sdk';
import { A2AService, grpcService, UserBuilder } from '@a2a-js/sdk/server/grpc';
import { Server, ServerCredentials, type ServerWritableStream } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sdkCard } from '../examples/conformance/card.ts';
import { ConformanceExecutor } from '../examples/conformance/executor.ts';
import { ConformanceHandler } from '../examples/conformance/handler.ts';
import type { BridgedAnswer } from '../src/bridge/bridge.ts';
import type { CoreAnswer, JsonObject } from '../src/bridge/core-call.ts';
import type { OperationName } from '../src/protocol/operations.ts';
import { type Authority, createAuthority } from './support/certificates.ts';
import { asking } from './support/grpc-agent.ts';
import { failsWith } from './support/upstream-servers.ts';

/** An agent of the official SDK behind the official server, which wants a certificate of whoever calls. */

const limits = { maxAnswerBytes: 10_000_000, maxEventBytes: 4_000_000 };

let authority: Authority;
let server: Server;
let origin: string;
/** Streams under way, as the server has them. */
const streams: ServerWritableStream<SendMessageRequest, StreamResponse>[] = [];
const executor = new ConformanceExecutor(10);

beforeAll(async () => {
  authority = await createAuthority();
  const { certificate, privateKey } = await authority.issue();
  server = new Server({ 'grpc.max_receive_message_length': 10_000_000 });
  const card = { streaming: true, pushNotifications: true, extendedCard: false, requireExtension: false };
  const at = { url: 'http://127.0.0.1', grpcTarget: '127.0.0.1:1' };
  const requestHandler = new ConformanceHandler({
    card: sdkCard({ protocols: ['grpc-1.0'], ...card }, at),
    executor,
  });
  const service = grpcService({ requestHandler, userBuilder: UserBuilder.noAuthentication });
  const sendStreamingMessage: typeof service.sendStreamingMessage = (call) => {
    streams.push(call);
    service.sendStreamingMessage(call);
  };
  server.addService(A2AService, { ...service, sendStreamingMessage });
  const keys = [{ cert_chain: Buffer.from(certificate), private_key: Buffer.from(privateKey) }];
  const credentials = ServerCredentials.createSsl(Buffer.from(authority.certificate), keys, true);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  origin = `https://127.0.0.1:${port}`;
});
afterAll(() => {
  executor.stop();
  server.forceShutdown();
});

async function ask(operation: OperationName, message: JsonObject): Promise<BridgedAnswer> {
  const clientCertificate = await authority.issue({ commonName: 'gateway' });
  const connection = { caCertificates: authority.certificate, clientCertificate };
  return asking({ origin }, operation, message, { connection, limits });
}

async function answer(operation: OperationName, message: JsonObject): Promise<CoreAnswer> {
  const asked = await ask(operation, message);
  return 'answer' in asked ? asked.answer : expect.unreachable();
}

function said(messageId: string, parts: readonly unknown[] = [{ text: 'hello' }]): JsonObject {
  return { message: { messageId, role: 'ROLE_USER', parts } };
}

describe('an agent of the official SDK', () => {
  it('is asked in mutual TLS, and not without', async () => {
    expect(await answer('SendMessage', said('tck-message-response-1'))).toMatchObject({
      ok: true,
      result: { message: { parts: [{ text: 'Direct message response' }] } },
    });
    const connection = { caCertificates: authority.certificate };
    const unproven = asking({ origin }, 'SendMessage', said('tck-message-response-2'), { connection });
    await expect(unproven).rejects.toMatchObject(failsWith('upstream_tls_failed'));
  });

  it('has of a message what was sent, large as it may be', async () => {
    const parts = [
      { raw: Buffer.alloc(3_000_000, 7).toString('base64'), mediaType: 'application/pdf', filename: 'a.pdf' },
      { data: { deep: [null, { n: 1.5 }] }, mediaType: 'application/json' },
    ];
    const sent = await answer('SendMessage', said('tck-input-required-large', parts));
    if (!sent.ok) return expect.unreachable(JSON.stringify(sent.error));
    expect(sent.result).toMatchObject({ task: { history: [{ parts }] } });
    const { id } = sent.result.task as { id: string };
    expect(await answer('GetTask', { id, historyLength: 1 })).toMatchObject({
      ok: true,
      result: { id, history: [{ parts }] },
    });
  });

  it('lists tasks with all that a page has', async () => {
    expect(await answer('ListTasks', { contextId: 'none', pageSize: 5 })).toEqual({
      ok: true,
      result: { tasks: [], nextPageToken: '', pageSize: expect.any(Number), totalSize: 0 },
    });
  });

  it('keeps push configurations', async () => {
    const sent = await answer('SendMessage', said('tck-input-required-push'));
    if (!sent.ok) return expect.unreachable();
    const { id: taskId } = sent.result.task as { id: string };
    const config = { taskId, id: 'c-1', url: 'https://hook.example/', token: 'secret' };
    expect(await answer('CreateTaskPushNotificationConfig', config)).toMatchObject({ result: config });
    expect(await answer('ListTaskPushNotificationConfigs', { taskId })).toMatchObject({
      result: { configs: [config] },
    });
    expect(await answer('DeleteTaskPushNotificationConfig', { taskId, id: 'c-1' })).toEqual({
      ok: true,
      result: {},
    });
    expect(await answer('ListTaskPushNotificationConfigs', { taskId })).toEqual({
      ok: true,
      result: { configs: [] },
    });
  });

  it('says what is wrong with its reason and what it says of it', async () => {
    expect(await answer('SendMessage', said('gw-task-not-cancelable'))).toMatchObject({
      ok: false,
      error: {
        reason: 'TASK_NOT_CANCELABLE',
        rpcCode: -32002,
        details: [{ domain: 'a2a-protocol.org', metadata: { provokedBy: 'message-id' } }],
      },
    });
  });

  it('sees its stream cancelled when it is left', async () => {
    const asked = await ask('SendStreamingMessage', said('tck-stream-artifact-chunked-left'));
    if (!('events' in asked)) return expect.unreachable();
    const events = asked.events[Symbol.asyncIterator]();
    expect((await events.next()).value).toMatchObject({ ok: true, result: { task: {} } });
    const stream = streams.at(-1) ?? expect.unreachable();
    const cancelled = once(stream, 'cancelled');
    await events.return?.();
    await cancelled;
    expect(stream.cancelled).toBe(true);
  });
});
