import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bindings, call, message } from './support/bindings.ts';
import { permit, register, startGateway, type TestGateway } from './support/gateway.ts';
import { nextCall } from './support/scripted-agent.ts';
import { readStream } from './support/stream-reader.ts';

/** How long streams last: as long as the agent has them open, unless a limit says otherwise. */

const goodbye = ': the gateway is closing this stream; subscribe again\n\n';
let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway({ registration: { deadlines: { streamTotalTimeoutMs: 400 } } });
  await register(gateway, { agentId: 'patient' });
  await permit(gateway, 'demo', { allowedAgents: ['*'], operations: ['send', 'stream', 'read'] });
});
afterAll(() => gateway.close());

describe.each(bindings)('a stream in %s', (binding) => {
  it('that lasts too long ends in good order, says to subscribe again, and lets go of the agent', async () => {
    const held = nextCall(gateway.agent);
    const answer = call(gateway, binding, 'SendStreamingMessage');
    const { response, closed } = await held;
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\ndata: {"half":');
    expect(await (await answer).text()).toBe(`data: 1\n\n${goodbye}`);
    await closed;
  });

  it('that never falls silent ends all the same', async () => {
    const held = nextCall(gateway.agent);
    const answer = call(gateway, binding, 'SubscribeToTask');
    const { response, closed } = await held;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const dripping = setInterval(() => response.write('data: 1\n\n'), 1);
    const text = await (await answer).text();
    await closed;
    clearInterval(dripping);
    expect(text.replaceAll('data: 1\n\n', '')).toBe(goodbye);
  });

  it.each(['TASK_STATE_INPUT_REQUIRED', 'TASK_STATE_AUTH_REQUIRED'])(
    'that waits in %s is not ended for it, nor by the limits of others',
    async (state) => {
      const held = nextCall(gateway.agent);
      const answer = call(gateway, binding, 'SendStreamingMessage', {
        agentId: 'patient',
        params: { message },
      });
      const { response } = await held;
      const event = `data: {"statusUpdate":{"taskId":"t-1","status":{"state":"${state}"}}}\n\n`;
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(event);
      const stream = readStream(await answer);
      expect(await stream.until('\n\n')).toBe(event);
      await outlasted(binding);
      response.write('data: 2\n\n');
      expect(await stream.until('\n\n')).toBe('data: 2\n\n');
      response.end();
      expect(await stream.rest()).toBe('');
    },
  );
});

/** A stream of the agent that has a limit, begun later, is over. */
async function outlasted(binding: (typeof bindings)[number]): Promise<void> {
  gateway.agent.script((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
  });
  expect(await (await call(gateway, binding, 'SendStreamingMessage')).text()).toBe(goodbye);
}

describe('a silent stream', () => {
  /** Of a connection to this port, as Linux keeps it: `02` is the timer that asks whether the other side is still there. */
  function timersTo(port: number): string[] {
    const rows = readFileSync('/proc/net/tcp', 'utf8').split('\n').slice(1);
    const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
    return rows
      .map((row) => row.trim().split(/\s+/))
      .filter(([, , remote = '', state]) => remote.endsWith(`:${hexPort}`) && state === '01')
      .map(([, , , , , timer = '']) => timer.slice(0, 2));
  }

  it.skipIf(process.platform !== 'linux')('has its connection to the agent probed', async () => {
    const held = nextCall(gateway.agent);
    const answer = call(gateway, 'JSON-RPC', 'SendStreamingMessage', { agentId: 'patient' });
    const { response, request } = await held;
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n');
    const stream = readStream(await answer);
    await stream.until('\n\n');
    expect(request.body).toContain('SendStreamingMessage');
    const timers = timersTo(Number(new URL(gateway.agent.url).port));
    expect(timers.length).toBeGreaterThan(0);
    expect(new Set(timers)).toEqual(new Set(['02']));
    await stream.leave();
  });
});
