import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OperationName } from '../src/protocol/operations.ts';
import { bindings, call, success } from './support/bindings.ts';
import { cites } from './support/cites.ts';
import { startGateway, type TestGateway } from './support/gateway.ts';
import { answerEvents, answerJson, nextCall } from './support/scripted-agent.ts';
import { readStream } from './support/stream-reader.ts';

/** Event streams pass through as they come, byte for byte, no faster than they are read. */

const streaming: readonly OperationName[] = ['SendStreamingMessage', 'SubscribeToTask'];
let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway({ settings: { streams: { keepAliveMs: 60_000 } } });
});
afterAll(() => gateway.close());

describe.each(bindings)('a stream in %s', (binding) => {
  it.each(streaming)('of %s gives each event before the agent has sent the next', async (operation) => {
    cites(
      'A2A-9.4.2-as-they-come',
      'A2A-11.7-as-they-come',
      'A2A-3.5.2-order',
      'A2A-3.1.2-ends-as-the-agent',
      'JSON-RPC 1.0',
      'HTTP+JSON 1.0',
    );
    const held = nextCall(gateway.agent);
    const answer = call(gateway, binding, operation);
    const { response } = await held;
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    response.flushHeaders();
    const stream = readStream(await answer);
    for (const count of ['1', '2', '3']) {
      const event = `data: ${success(binding, { statusUpdate: { n: count } })}\n\n`;
      response.write(event);
      expect(await stream.until('\n\n')).toBe(event);
    }
    response.end();
    expect(await stream.rest()).toBe('');
  });

  it('says what it is, and that nothing may hold or store it', async () => {
    gateway.agent.script(answerEvents('data: {}\n\n'));
    const response = await call(gateway, binding, 'SendStreamingMessage');
    await response.text();
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
  });

  it.each([
    ['LF', '\n'],
    ['CR', '\r'],
    ['CRLF', '\r\n'],
  ])('keeps %s line ends, comments, ids and unknown fields, one byte a write', async (_, end) => {
    cites('SSE-9.2.6-unknown-fields', 'JSON-RPC 1.0', 'HTTP+JSON 1.0');
    const lines = [
      ': hi',
      '',
      'id: 7',
      'event: x',
      'retry: 1',
      'data: {"n": 9007199254740993,',
      'data:"☕":1.0}',
      '',
    ];
    const body = [...lines, 'data: {}', '', ''].join(end);
    gateway.agent.script((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.socket?.setNoDelay(true);
      for (const byte of Buffer.from(body)) response.write(Uint8Array.of(byte));
      response.end();
    });
    const response = await call(gateway, binding, 'SendStreamingMessage');
    expect(Buffer.from(await response.arrayBuffer()).toString()).toBe(body);
  });

  it('keeps what stands after the last whole event of a stream that ends in good order', async () => {
    gateway.agent.script(answerEvents('data: 1\n\n', 'data: 2\n'));
    const response = await call(gateway, binding, 'SendStreamingMessage');
    expect(await response.text()).toBe('data: 1\n\ndata: 2\n');
  });

  it('may be empty', async () => {
    gateway.agent.script(answerEvents());
    const response = await call(gateway, binding, 'SendStreamingMessage');
    expect([response.status, await response.text()]).toEqual([200, '']);
  });

  it('that nobody reads stalls the agent, and is whole when it is read after all', async () => {
    const events = 1_024;
    const event = `data: ${'x'.repeat(65_528)}\n\n`;
    let written = 0;
    const allWritten = nextCall(gateway.agent).then(async ({ response }) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (; written < events; written++) if (!response.write(event)) await once(response, 'drain');
      response.end();
    });
    const response = await call(gateway, binding, 'SendStreamingMessage');
    // Long enough to carry more than all of it, had the gateway taken it.
    for (let count = 0; count < 50; count++) await gateway.fetch('/health').then((health) => health.text());
    expect(written).toBeLessThan(events / 2);
    let received = 0;
    for await (const chunk of response.body ?? []) received += chunk.length;
    await allWritten;
    expect(received).toBe(events * event.length);
  });
});

describe('many open streams', () => {
  it('warn of nothing and leave the agent together', async () => {
    const warnings: string[] = [];
    const note = ({ message }: Error) => warnings.push(message);
    process.on('warning', note);
    const closed: Promise<void>[] = [];
    gateway.agent.script((_request, response) => {
      closed.push(new Promise((resolve) => response.once('close', resolve)));
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n');
    });
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => call(gateway, 'JSON-RPC', 'SendStreamingMessage')),
    );
    const streams = answers.map(readStream);
    for (const stream of streams) expect(await stream.until('\n\n')).toBe('data: 1\n\n');
    await Promise.all(streams.map((stream) => stream.leave()));
    await Promise.all(closed);
    process.off('warning', note);
    expect(warnings).toEqual([]);
  });
});

describe('silence', () => {
  let impatient: TestGateway;
  beforeAll(async () => {
    impatient = await startGateway({ settings: { streams: { keepAliveMs: 5 } } });
  });
  afterAll(() => impatient.close());

  it.each(bindings)('brings comments, never into the middle of an event, in %s', async (binding) => {
    cites('SSE-9.2.7-comments', 'JSON-RPC 1.0', 'HTTP+JSON 1.0');
    const held = nextCall(impatient.agent);
    const answer = call(impatient, binding, 'SendStreamingMessage');
    const { response } = await held;
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: {"half":');
    const stream = readStream(await answer);
    expect(await stream.until('\n\n')).toBe(': keep-alive\n\n');
    expect(await stream.until('\n\n')).toBe(': keep-alive\n\n');
    response.end('1}\n\n');
    const all = await stream.rest();
    expect(all.replaceAll(': keep-alive\n\n', '')).toBe('data: {"half":1}\n\n');
  });

  it('is borne where an answer is no stream', async () => {
    const held = nextCall(impatient.agent);
    const answer = call(impatient, 'JSON-RPC', 'SendMessage');
    const { response, request } = await held;
    await impatient.fetch('/health').then((health) => health.text());
    answerJson(success('JSON-RPC', {}))(request, response, response.req);
    expect(await (await answer).text()).toBe('{"jsonrpc":"2.0","id":1,"result":{}}');
  });
});
