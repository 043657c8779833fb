import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Binding, bindings, call, expectErrorEvent } from './support/bindings.ts';
import { cites } from './support/cites.ts';
import { rpc, startGateway, type TestGateway } from './support/gateway.ts';
import { nextCall } from './support/scripted-agent.ts';
import { readStream, type StreamReader } from './support/stream-reader.ts';

/** A stream that breaks off ends with an error event in the caller's binding, and never with half an event. */

const maxEventBytes = 1_024;
let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway({
    settings: { limits: { maxEventBytes }, streams: { keepAliveMs: 60_000 } },
  });
});
afterAll(() => gateway.close());

/** A stream whose first event was read. */
async function begun(
  binding: Binding,
): Promise<{ response: ServerResponse; stream: StreamReader; closed: Promise<void> }> {
  const held = nextCall(gateway.agent);
  const answer = call(gateway, binding, 'SendStreamingMessage');
  const { response, closed } = await held;
  response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n');
  const stream = readStream(await answer);
  expect(await stream.until('\n\n')).toBe('data: 1\n\n');
  return { response, stream, closed };
}

describe.each(bindings)('a stream in %s', (binding) => {
  beforeEach(() => cites('A2A-9.4.2-broken', 'JSON-RPC 1.0', 'HTTP+JSON 1.0'));

  it('reset between events ends with an error event', async () => {
    const { response, stream } = await begun(binding);
    response.socket?.resetAndDestroy();
    expectErrorEvent(await stream.rest(), binding, 'UPSTREAM_RESET');
  });

  it('closed in the middle of an event loses that event', async () => {
    const { response, stream } = await begun(binding);
    response.write('data: {"half":', () => response.destroy());
    expectErrorEvent(await stream.rest(), binding, 'UPSTREAM_RESET');
  });

  it('with an event above the limit ends there, and releases the agent', async () => {
    const { response, stream, closed } = await begun(binding);
    response.write(`data: ${'x'.repeat(maxEventBytes)}`);
    expectErrorEvent(await stream.rest(), binding, 'INVALID_AGENT_RESPONSE', {
      maxEventBytes: String(maxEventBytes),
    });
    await closed;
  });

  it('gives the events that came with the one above the limit', async () => {
    const { response, stream } = await begun(binding);
    response.end(`data: 2\n\ndata: ${'x'.repeat(maxEventBytes)}`);
    expect(await stream.until('\n\n')).toBe('data: 2\n\n');
    expectErrorEvent(await stream.rest(), binding, 'INVALID_AGENT_RESPONSE', {
      maxEventBytes: String(maxEventBytes),
    });
  });

  it('that is no HTTP any more ends with an error event', async () => {
    const { response, stream } = await begun(binding);
    response.socket?.write('no chunk size\r\n');
    expectErrorEvent(await stream.rest(), binding, 'INVALID_AGENT_RESPONSE', { problem: 'http' });
  });

  it('that broke is logged with what broke it', async () => {
    const { length } = gateway.logged;
    const { response, stream } = await begun(binding);
    response.socket?.resetAndDestroy();
    await stream.rest();
    const ended = gateway.logged.slice(length).find(({ msg }) => msg === 'stream ended');
    expect(ended).toMatchObject({ level: 40, agentId: 'agent', failure: { code: 'upstream_reset' } });
  });
});

describe('an error event in JSON-RPC', () => {
  it.each(['"a\\u0062 \\n"', '0', '9007199254740993', 'null'])(
    'has the id as the caller spelled it: %s',
    async (id) => {
      cites('A2A-9.1-id', 'JSON-RPC 1.0');
      const held = nextCall(gateway.agent);
      const body = `{"jsonrpc":"2.0","id":${id},"method":"SubscribeToTask","params":{"id":"t-1"}}`;
      const answer = gateway.fetch('/agents/agent', { ...rpc(''), body });
      const { response } = await held;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: 1\n\n', () => response.destroy());
      const text = await (await answer).text();
      expect(text.startsWith(`data: 1\n\nevent: error\ndata: {"jsonrpc":"2.0","id":${id},"error":`)).toBe(
        true,
      );
    },
  );
});
