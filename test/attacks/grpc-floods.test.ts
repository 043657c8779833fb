import { once } from 'node:events';
import { constants } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { grpcCaller, grpcSettings, rpcResult } from '../support/grpc.ts';
import { statusOfStream, wireCaller } from '../support/grpc-wire.ts';
import { nextCall } from '../support/scripted-agent.ts';

/** Attacks on the port for gRPC: by number, by time, by what is no gRPC. */

let gateway: TestGateway;
let token: string;

beforeAll(async () => {
  gateway = await startGateway({ settings: { grpc: { ...grpcSettings, maxConcurrentStreams: 4 } } });
  token = await gateway.issuer.token();
});
afterAll(() => gateway.close());

const task = { id: 't-1', contextId: 'c-1', status: { state: 'TASK_STATE_WORKING' } };
const getTask = { tenant: 'agent', id: 't-1' };

/** That the port still serves everyone else. */
async function expectServing(): Promise<void> {
  gateway.agent.script(rpcResult(task));
  const other = grpcCaller(gateway.grpcAddress, { token });
  expect((await other.call('GetTask', getTask)).code).toBe(status.OK);
  other.close();
}

async function unseen(attack: () => Promise<unknown>): Promise<void> {
  const { length } = gateway.agent.seen;
  await attack();
  expect(gateway.agent.seen.slice(length)).toEqual([]);
}

describe('metadata', () => {
  it('too large is refused before the message is read', () =>
    unseen(async () => {
      const mallory = wireCaller(gateway.grpcAddress, token);
      const stream = mallory.begin('GetTask', { 'x-flood': 'x'.repeat(20_000) });
      expect(await statusOfStream(stream)).toBe(status.RESOURCE_EXHAUSTED);
      mallory.close();
    }));

  it('in thousands of names ends the connection at most', async () => {
    const mallory = wireCaller(gateway.grpcAddress, token);
    const names = Array.from({ length: 5_000 }, (_, index) => [`x-${index}`, 'x'.repeat(20)]);
    await unseen(async () => {
      const stream = mallory.begin('GetTask', Object.fromEntries(names));
      expect(await statusOfStream(stream)).not.toBe(status.OK);
    });
    mallory.close();
    await expectServing();
  });

  it('that is more than ASCII is not heard', async () => {
    const mallory = wireCaller(gateway.grpcAddress, token);
    gateway.agent.script(rpcResult(task));
    const stream = mallory.send('GetTask', getTask, { 'a2a-extensions': 'urn:\u00e9' });
    expect(await statusOfStream(stream)).toBe(status.OK);
    expect(gateway.agent.seen.at(-1)?.headers).not.toHaveProperty('a2a-extensions');
    mallory.close();
  });
});

describe('many at once', () => {
  it('of calls on one connection wait, and reach the agent no more than allowed', async () => {
    const held = [];
    const mallory = wireCaller(gateway.grpcAddress, token);
    for (let count = 0; count < 4; count++) {
      const next = nextCall(gateway.agent);
      mallory.send('GetTask', getTask);
      held.push(await next);
    }
    await unseen(async () => {
      for (let count = 0; count < 20; count++) mallory.send('GetTask', getTask);
      await expectServingBeside();
    });
    mallory.close();
    await Promise.all(held.map(({ closed }) => closed));
    await expectServing();
  });

  it('of streams opened and reset at once end that connection, and no other', async () => {
    const mallory = wireCaller(gateway.grpcAddress, token);
    const gone = new Promise<void>((resolve) => mallory.session.once('close', resolve));
    const flood = () => {
      for (let count = 0; count < 200 && !mallory.session.destroyed; count++) {
        mallory.begin('GetTask').close(constants.NGHTTP2_CANCEL);
      }
      if (!mallory.session.destroyed) setImmediate(flood);
    };
    flood();
    await gone;
    await expectServing();
  });

  it('of pings do no harm', async () => {
    const mallory = wireCaller(gateway.grpcAddress, token);
    await once(mallory.session, 'connect');
    for (let count = 0; count < 5_000 && !mallory.session.destroyed; count++) mallory.session.ping(() => {});
    await expectServing();
    mallory.close();
  });
});

/** Metadata is read before anybody is asked, so that a refusal of it shows that the port answers. */
async function expectServingBeside(): Promise<void> {
  const nobody = grpcCaller(gateway.grpcAddress);
  for (let count = 0; count < 20; count++)
    expect((await nobody.call('GetTask', getTask)).code).toBe(status.UNAUTHENTICATED);
  nobody.close();
}

describe('what is no gRPC', () => {
  it.each([
    ['HTTP/1.1', 'GET / HTTP/1.1\r\nhost: x\r\n\r\n'],
    ['nothing anybody knows', '\0'.repeat(100)],
    ['half a preface', 'PRI * HTTP/2.0\r\n'],
  ])('is no harm: %s', async (_, text) => {
    const [host = '', port] = gateway.grpcAddress.split(':');
    const socket: Socket = connect(Number(port), host, () => socket.end(text));
    socket.resume();
    await once(socket, 'close');
    await expectServing();
  });

  it('is told apart by its media type', async () => {
    const mallory = wireCaller(gateway.grpcAddress, token);
    const stream = mallory.begin('GetTask', { 'content-type': 'application/json' });
    stream.end('{}');
    const [headers] = await once(stream, 'response');
    expect(headers[':status']).toBe(415);
    mallory.close();
  });
});

describe('a caller who sends slowly', () => {
  it('holds nobody up', async () => {
    const mallory = wireCaller(gateway.grpcAddress, token);
    const streams = Array.from({ length: 4 }, () => mallory.begin('SendMessage'));
    for (const stream of streams) stream.write(Uint8Array.of(0, 0, 0));
    await expectServing();
    mallory.close();
  });
});
