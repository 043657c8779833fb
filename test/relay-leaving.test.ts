import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bindings, call } from './support/bindings.ts';
import { cites } from './support/cites.ts';
import { startGateway, type TestGateway } from './support/gateway.ts';
import { nextCall } from './support/scripted-agent.ts';
import { readStream } from './support/stream-reader.ts';

/** A caller who leaves ends the call to the agent, in whatever phase it is. */

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

describe.each(bindings)('a caller who leaves in %s', (binding) => {
  beforeEach(() => cites('A2A-3.5.2-leaving', 'JSON-RPC 1.0', 'HTTP+JSON 1.0'));

  it('while the agent thinks releases it', async () => {
    const held = nextCall(gateway.agent);
    const left = new AbortController();
    const answer = call(gateway, binding, 'SendMessage', { signal: left.signal });
    const { closed } = await held;
    left.abort();
    await expect(answer).rejects.toThrow('aborted');
    await closed;
  });

  it('in the middle of an answer releases the agent', async () => {
    const held = nextCall(gateway.agent);
    const left = new AbortController();
    const answer = call(gateway, binding, 'GetTask', { signal: left.signal });
    const { response, closed } = await held;
    response.writeHead(200, { 'content-type': 'application/json' }).write('{');
    left.abort();
    await expect(answer).rejects.toThrow('aborted');
    await closed;
  });

  it.each(['SendStreamingMessage', 'SubscribeToTask'] as const)(
    'before the agent has begun the stream of %s releases it',
    async (operation) => {
      const held = nextCall(gateway.agent);
      const left = new AbortController();
      const answer = call(gateway, binding, operation, { signal: left.signal });
      const { closed } = await held;
      left.abort();
      await expect(answer).rejects.toThrow('aborted');
      await closed;
    },
  );

  it('before the first event releases the agent', async () => {
    const held = nextCall(gateway.agent);
    const answer = call(gateway, binding, 'SendStreamingMessage');
    const { response, closed } = await held;
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    await (await answer).body?.cancel();
    await closed;
  });

  it.each([
    ['between two events', 'data: 1\n\n'],
    ['in the middle of an event', 'data: 1\n\ndata: 2'],
  ])('%s releases the agent', async (_, sent) => {
    const held = nextCall(gateway.agent);
    const answer = call(gateway, binding, 'SendStreamingMessage');
    const { response, closed } = await held;
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(sent);
    const stream = readStream(await answer);
    await stream.until('\n\n');
    await stream.leave();
    await closed;
  });

  it('without reading what the agent keeps sending releases it', async () => {
    const held = nextCall(gateway.agent);
    const left = new AbortController();
    const answer = call(gateway, binding, 'SendStreamingMessage', { signal: left.signal });
    const { response, closed } = await held;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const event = `data: ${'x'.repeat(65_528)}\n\n`;
    while (response.write(event)); // Until the agent would have to wait.
    await answer;
    left.abort();
    await closed;
  });
});

describe('who left', () => {
  it('is noted quietly, and is no failure of the agent', async () => {
    const { length } = gateway.logged;
    const held = nextCall(gateway.agent);
    const answer = call(gateway, 'JSON-RPC', 'SendStreamingMessage');
    const { response, closed } = await held;
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n');
    const stream = readStream(await answer);
    await stream.until('\n\n');
    await stream.leave();
    await closed;
    const ended = gateway.logged.slice(length).find(({ msg }) => msg === 'stream ended');
    expect(ended).toMatchObject({ level: 20, bytes: 9, failure: { code: 'caller_left' } });
  });
});
