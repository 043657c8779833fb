import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { status } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ServedVersion, servedVersions } from '../src/protocol/version.ts';
import { cites } from './support/cites.ts';
import { startGateway, type TestGateway } from './support/gateway.ts';
import {
  type GrpcCaller,
  grpcCaller,
  grpcSettings,
  type OpenCall,
  outcomeOf,
  rpcEvent,
  rpcResult,
} from './support/grpc.ts';
import { wireCaller } from './support/grpc-wire.ts';
import { type HeldCall, nextCall } from './support/scripted-agent.ts';

/** Streams over gRPC: order, leaving, deadlines, slow callers, the end of the gateway. */

let gateway: TestGateway;
let token: string;
let alice: GrpcCaller;

beforeAll(async () => {
  gateway = await startGateway({ settings: { grpc: grpcSettings } });
  token = await gateway.issuer.token();
  alice = grpcCaller(gateway.grpcAddress, { token, authority: 'agent.grpc.test' });
});
afterAll(async () => {
  alice.close();
  await gateway.close();
});

/** A message in each version. Between them tasks and their artifacts are the same. */
const sends = {
  '1.0': { message: { messageId: 'm-1', role: 'ROLE_USER', parts: [{ text: 'hello' }] } },
  '0.3': { message: { messageId: 'm-1', role: 'ROLE_USER', content: [{ text: 'hello' }] } },
} as const;
const send = sends['1.0'];
const task = { id: 't-1', contextId: 'c-1', status: { state: 'TASK_STATE_WORKING' } };

function chunk(index: number, text = ''): object {
  const artifact = { artifactId: 'a-1', parts: [{ text: `${index} ${text}` }] };
  return { artifactUpdate: { taskId: 't-1', contextId: 'c-1', artifact, append: true } };
}

function startStream(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
}

/** A stream of which the caller has seen the task. */
async function openStream(version: ServedVersion): Promise<{ held: HeldCall; call: OpenCall }> {
  const next = nextCall(gateway.agent);
  const call = alice.open('SendStreamingMessage', sends[version], { version });
  const held = await next;
  startStream(held.response);
  held.response.write(rpcEvent({ task }));
  expect(await call.next()).toEqual({ task });
  return { held, call };
}

describe.each(servedVersions)('a stream over gRPC %s', (version) => {
  it('brings each event as it comes, in order, and ends when the agent ends it', async () => {
    cites('A2A-10.7-server-stream', 'A2A-3.5.2-order', `gRPC ${version}`);
    const { held, call } = await openStream(version);
    for (let index = 0; index < 50; index++) {
      held.response.write(rpcEvent(chunk(index)));
      expect(await call.next()).toEqual(chunk(index));
    }
    const done = { taskId: 't-1', contextId: 'c-1', status: { state: 'TASK_STATE_COMPLETED' } };
    held.response.end(`: a comment\n\n${rpcEvent({ statusUpdate: done })}`);
    expect(await call.next()).toMatchObject({ statusUpdate: done });
    expect(await call.next()).toBeUndefined();
    expect((await call.ended).code).toBe(status.OK);
  });

  it('has its initial metadata before the first event', async () => {
    const next = nextCall(gateway.agent);
    const call = alice.open('SendStreamingMessage', sends[version], { version });
    const { response } = await next;
    startStream(response);
    response.flushHeaders();
    expect((await call.head).get('x-request-id')).toHaveLength(1);
    response.end();
    expect((await outcomeOf(call)).code).toBe(status.OK);
  });

  it('cut off by the agent says so', async () => {
    cites('A2A-9.4.2-broken', `gRPC ${version}`);
    const { held, call } = await openStream(version);
    held.response.destroy();
    const { code, details } = await outcomeOf(call);
    expect(code).toBe(status.UNAVAILABLE);
    expect(details).toContainEqual(expect.objectContaining({ reason: 'UPSTREAM_RESET' }));
  });
});

describe.each(servedVersions)('a caller over gRPC %s who leaves', (version) => {
  it('by cancelling a stream releases the agent', async () => {
    cites('A2A-3.5.2-leaving', 'A2A-10.4-deadline', `gRPC ${version}`);
    const { held, call } = await openStream(version);
    call.stream.cancel();
    await held.closed;
    expect((await call.ended).code).toBe(status.CANCELLED);
  });

  it('by vanishing with its connection releases the agents of all its calls', async () => {
    const other = wireCaller(gateway.grpcAddress, token, { version, authority: 'agent.grpc.test' });
    const held: HeldCall[] = [];
    for (let count = 0; count < 5; count++) {
      const next = nextCall(gateway.agent);
      other.send('SendStreamingMessage', sends[version]);
      held.push(await next);
    }
    for (const { response } of held) {
      startStream(response);
      response.write(rpcEvent({ task }));
    }
    other.close();
    await Promise.all(held.map(({ closed }) => closed));
  });

  it('while the agent thinks releases it', async () => {
    const next = nextCall(gateway.agent);
    const call = alice.open('SendMessage', sends[version], { version });
    const { closed } = await next;
    call.stream.cancel();
    await closed;
  });

  it('leaves the task alone, and the streams of others', async () => {
    cites('A2A-3.5.2-leaving', `gRPC ${version}`);
    const one = await openStream(version);
    const other = await openStream(version);
    one.call.stream.cancel();
    await one.held.closed;
    other.held.response.end(rpcEvent(chunk(1)));
    expect(await other.call.next()).toEqual(chunk(1));
    expect(gateway.agent.seen.some(({ body }) => body.includes('CancelTask'))).toBe(false);
  });
});

describe.each(servedVersions)('a deadline over gRPC %s', (version) => {
  it.each(['SendMessage', 'SendStreamingMessage'] as const)(
    'that passes ends %s at the agent too',
    async (name) => {
      const next = nextCall(gateway.agent);
      const call = alice.open(name, sends[version], { version, deadlineMs: 1_500 });
      const { closed } = await next;
      await closed;
      expect((await call.ended).code).toBe(status.DEADLINE_EXCEEDED);
    },
  );

  it('that passes ends a stream whose caller reads nothing', async () => {
    const other = wireCaller(gateway.grpcAddress, token, { version, authority: 'agent.grpc.test' });
    const next = nextCall(gateway.agent);
    other.send('SendStreamingMessage', sends[version], { 'grpc-timeout': '1500m' });
    const { response, closed } = await next;
    startStream(response);
    const event = rpcEvent(chunk(0, 'x'.repeat(65_536)));
    while (response.write(event)); // Until the agent would have to wait.
    await closed;
    other.close();
  });

  it('is told by the gateway itself where the caller only waits', async () => {
    cites('A2A-10.4-deadline', `gRPC ${version}`);
    const other = wireCaller(gateway.grpcAddress, token, { version, authority: 'agent.grpc.test' });
    const next = nextCall(gateway.agent);
    const stream = other.send('SendMessage', sends[version], { 'grpc-timeout': '1500m' });
    const { closed } = await next;
    const [headers] = await once(stream, 'response');
    expect(Number(headers['grpc-status'])).toBe(status.DEADLINE_EXCEEDED);
    await closed;
    other.close();
  });
});

describe('a slow caller over gRPC', () => {
  it('slows the agent, and loses nothing', async () => {
    const other = wireCaller(gateway.grpcAddress, token, { authority: 'agent.grpc.test' });
    const next = nextCall(gateway.agent);
    const stream = other.send('SendStreamingMessage', send);
    const { response } = await next;
    startStream(response);
    const text = 'x'.repeat(65_536);
    const enough = 400;
    let written = 0;
    const write = () => {
      while (written < enough) if (!response.write(rpcEvent(chunk(written++, text)))) return;
      response.end();
    };
    response.on('drain', write);
    write();
    // Much else is done meanwhile, in which an agent that nobody slows would have said all it has.
    const busy = grpcCaller(gateway.grpcAddress, { token, authority: 'agent.grpc.test' });
    gateway.agent.script(rpcResult(task));
    for (let count = 0; count < 50; count++) await busy.call('GetTask', { id: 't-1' });
    busy.close();
    expect(written).toBeLessThan(enough / 2);

    let received = 0;
    for await (const piece of stream) received += (piece as Buffer).length; // A stream without encoding has buffers.
    expect(written).toBe(enough);
    expect(received).toBeGreaterThan(enough * text.length);
    other.close();
  });
});

describe('the end of the gateway', () => {
  let own: TestGateway;
  afterEach(() => own.close());

  it('ends streams with a word to subscribe again, and lets calls finish', async () => {
    own = await startGateway({ settings: { grpc: grpcSettings } });
    const caller = grpcCaller(own.grpcAddress, {
      token: await own.issuer.token(),
      authority: 'agent.grpc.test',
    });
    let next = nextCall(own.agent);
    const stream = caller.open('SendStreamingMessage', send);
    const streaming = await next;
    startStream(streaming.response);
    streaming.response.write(rpcEvent({ task }));
    await stream.next();
    next = nextCall(own.agent);
    const unary = caller.call('GetTask', { tenant: 'agent', id: 't-1' });
    const waiting = await next;

    const restarted = own.restart();
    const { code, details } = await stream.ended;
    expect(code).toBe(status.UNAVAILABLE);
    expect(details).toContain('subscribe again');
    waiting.response.setHeader('content-type', 'application/json');
    waiting.response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, result: task }));
    expect(await unary).toMatchObject({ code: status.OK, messages: [task] });
    await restarted;
    caller.close();
  });
});
