import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Binding,
  bindings,
  call,
  expectErrorEvent,
  expectRefusal,
  success,
} from './support/bindings.ts';
import { cites } from './support/cites.ts';
import { permit, register, startGateway, type TestGateway } from './support/gateway.ts';
import { nextCall } from './support/scripted-agent.ts';
import { readStream } from './support/stream-reader.ts';

/** An agent that lets its callers wait longer than the settings allow is given up, and released. */

const hour = 3_600_000;
let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway({
    settings: {
      deadlines: { headersTimeoutMs: 400, idleTimeoutMs: 1 },
      streams: { keepAliveMs: 60_000, idleTimeoutMs: 1, replay: { maxStreamBytes: 0 } },
    },
  });
  await permit(gateway, 'demo', { allowedAgents: ['*'], operations: ['send', 'stream', 'read'] });
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

  it('has as long in a stream as its own registration says', async () => {
    const agentId = `pausing-${binding.length}`;
    await register(gateway, { agentId, deadlines: { streamIdleTimeoutMs: 0 } });
    const held = nextCall(gateway.agent);
    const answer = call(gateway, binding, 'SendStreamingMessage', { agentId });
    const { response } = await held;
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n');
    const stream = readStream(await answer);
    expect(await stream.until('\n\n')).toBe('data: 1\n\n');
    await stalled(binding);
    response.end('data: 2\n\n');
    expect(await stream.rest()).toBe('data: 2\n\n');
  });

  it('in the refusal of a stream has timed out, however long a stream may be silent', async () => {
    const agentId = `mumbling-${binding.length}`;
    await register(gateway, { agentId, deadlines: { streamIdleTimeoutMs: 0 } });
    const held = nextCall(gateway.agent);
    const answer = call(gateway, binding, 'SendStreamingMessage', { agentId });
    const { response, closed } = await held;
    response.writeHead(400, { 'content-type': 'application/json' }).write('{"error":');
    await closed;
    await expectRefusal(await answer, binding, 'UPSTREAM_TIMEOUT', { phase: 'body' });
  });

  it('has as long as its own registration says', async () => {
    cites('A2A-3.2.2-waiting', 'JSON-RPC 1.0', 'HTTP+JSON 1.0');
    const agentId = `patient-${binding.length}`;
    await register(gateway, { agentId, deadlines: { headersTimeoutMs: hour, idleTimeoutMs: hour } });
    const held = nextCall(gateway.agent);
    const answer = call(gateway, binding, 'GetTask', { agentId });
    const { response } = await held;
    // Another's call, begun later, has timed out before each next step.
    await timedOut(binding, 'headers');
    const [first, ...rest] = success(binding, {});
    response.writeHead(200, { 'content-type': 'application/json' }).write(first);
    await timedOut(binding, 'body');
    response.end(rest.join(''));
    expect([(await answer).status, await (await answer).text()]).toEqual([200, success(binding, {})]);
  });
});

/** A stream of the agent without deadlines of its own, begun later, is given up for its silence. */
async function stalled(binding: Binding): Promise<void> {
  gateway.agent.script((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n');
  });
  const text = await (await call(gateway, binding, 'SendStreamingMessage')).text();
  expectErrorEvent(text.slice('data: 1\n\n'.length), binding, 'UPSTREAM_STALLED', { idleTimeoutMs: '1' });
}

/** A call to the agent without deadlines of its own fails, at the one the settings have for this phase. */
async function timedOut(binding: Binding, phase: 'headers' | 'body'): Promise<void> {
  gateway.agent.script((_, response) => {
    if (phase === 'body') response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
  });
  await expectRefusal(await call(gateway, binding, 'GetTask'), binding, 'UPSTREAM_TIMEOUT', { phase });
}
