import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bindings, call, success } from './support/bindings.ts';
import { cites } from './support/cites.ts';
import { startGateway, type TestGateway } from './support/gateway.ts';
import { answerEvents, nextCall } from './support/scripted-agent.ts';
import { readStream } from './support/stream-reader.ts';

/** When a stream ends is the agent's word, whatever the state of its task. */

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

const eventOf = (binding: (typeof bindings)[number], result: object) =>
  `data: ${success(binding, result)}\n\n`;

describe.each(bindings)('a stream in %s', (binding) => {
  it.each(['TASK_STATE_INPUT_REQUIRED', 'TASK_STATE_AUTH_REQUIRED', 'TASK_STATE_COMPLETED'])(
    'goes on after %s until the agent ends it',
    async (state) => {
      cites('A2A-7.6.1-interrupted', 'A2A-3.1.2-ends-as-the-agent', 'JSON-RPC 1.0', 'HTTP+JSON 1.0');
      const held = nextCall(gateway.agent);
      const answer = call(gateway, binding, 'SendStreamingMessage');
      const { response } = await held;
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      const stream = readStream(await answer);
      for (const next of [state, 'TASK_STATE_WORKING', 'TASK_STATE_COMPLETED']) {
        const event = eventOf(binding, { statusUpdate: { taskId: 't-1', status: { state: next } } });
        response.write(event);
        expect(await stream.until('\n\n')).toBe(event);
      }
      response.end();
      expect(await stream.rest()).toBe('');
    },
  );

  it('of one message is that event, and ends', async () => {
    cites('A2A-3.1.2-message-stream', 'JSON-RPC 1.0', 'HTTP+JSON 1.0');
    const event = eventOf(binding, { message: { messageId: 'm-2', role: 'ROLE_AGENT', parts: [] } });
    gateway.agent.script(answerEvents(event));
    expect(await (await call(gateway, binding, 'SendStreamingMessage')).text()).toBe(event);
  });
});
