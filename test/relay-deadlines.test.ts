import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bindings, call, expectErrorEvent, expectRefusal } from './support/bindings.ts';
import { startGateway, type TestGateway } from './support/gateway.ts';
import { nextCall } from './support/scripted-agent.ts';
import { readStream } from './support/stream-reader.ts';

/** An agent that lets its callers wait longer than the settings allow is given up, and released. */

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway({
    settings: {
      deadlines: { headersTimeoutMs: 400, idleTimeoutMs: 1 },
      streams: { keepAliveMs: 60_000 },
    },
  });
});
afterAll(() => gateway.close());

describe.each(bindings)('an agent that falls silent in %s', (binding) => {
  it.each(['SendMessage', 'SendStreamingMessage'] as const)(
    'before it answers %s has timed out',
    async (operation) => {
      const held = nextCall(gateway.agent);
      const answer = call(gateway, binding, operation);
      await (await held).closed;
      await expectRefusal(await answer, binding, 'UPSTREAM_TIMEOUT', { phase: 'headers' });
    },
  );

  it('in the middle of its answer has timed out', async () => {
    const held = nextCall(gateway.agent);
    const answer = call(gateway, binding, 'GetTask');
    const { response, closed } = await held;
    response.writeHead(200, { 'content-type': 'application/json' }).write('{"jsonrpc":"2.0",');
    await closed;
    await expectRefusal(await answer, binding, 'UPSTREAM_TIMEOUT', { phase: 'body' });
  });

  it('in the middle of a stream has stalled, which an error event says', async () => {
    const held = nextCall(gateway.agent);
    const answer = call(gateway, binding, 'SendStreamingMessage');
    const { response, closed } = await held;
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\ndata: {"half":');
    const stream = readStream(await answer);
    expect(await stream.until('\n\n')).toBe('data: 1\n\n');
    expectErrorEvent(await stream.rest(), binding, 'UPSTREAM_STALLED', { idleTimeoutMs: '1' });
    await closed;
  });
});
