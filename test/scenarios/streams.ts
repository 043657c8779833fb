import { expect, it } from 'vitest';
import { bindings, call, expectErrorEvent, success } from '../support/bindings.ts';
import { cites } from '../support/cites.ts';
import { nextCall } from '../support/scripted-agent.ts';
import { readStream } from '../support/stream-reader.ts';
import type { Cast } from './cast.ts';

const streaming = bindings.flatMap((binding) =>
  (['SendStreamingMessage', 'SubscribeToTask'] as const).map((operation) => ({ binding, operation })),
);

/** Answers that come event by event. */
export function streamScenarios(cast: () => Cast): void {
  it.each(streaming)(
    'give each event of $operation before the agent sends the next, and end when it ends, in $binding',
    async ({ binding, operation }) => {
      cites(
        'A2A-9.4.2-as-they-come',
        'A2A-11.7-as-they-come',
        'A2A-3.5.2-order',
        'JSON-RPC 1.0',
        'HTTP+JSON 1.0',
      );
      const held = nextCall(cast().agent);
      const answer = call(cast(), binding, operation);
      const { response } = await held;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const events = ['1', '2', '3'].map(
        (n) => `data: ${success(binding, { statusUpdate: { taskId: 't-1', n } })}\n\n`,
      );
      response.write(events[0]);
      const streamed = await answer;
      expect(streamed.headers.get('content-type')).toBe('text/event-stream');
      const stream = readStream(streamed);
      expect(await stream.until('\n\n')).toBe(events[0]);
      for (const event of events.slice(1)) {
        response.write(event);
        expect(await stream.until('\n\n')).toBe(event);
      }
      response.end();
      expect(await stream.rest()).toBe('');
    },
  );

  it.each(bindings)('release the agent when their caller leaves, in %s', async (binding) => {
    cites('A2A-3.5.2-leaving', 'JSON-RPC 1.0', 'HTTP+JSON 1.0');
    const held = nextCall(cast().agent);
    const answer = call(cast(), binding, 'SendStreamingMessage');
    const { response, closed } = await held;
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\ndata: 2');
    const stream = readStream(await answer);
    await stream.until('\n\n');
    await stream.leave();
    await closed;
  });

  it.each(bindings)('say so when the agent breaks off, in %s', async (binding) => {
    cites('A2A-9.4.2-broken', 'JSON-RPC 1.0', 'HTTP+JSON 1.0');
    const held = nextCall(cast().agent);
    const answer = call(cast(), binding, 'SendStreamingMessage');
    const { response } = await held;
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n');
    const stream = readStream(await answer);
    expect(await stream.until('\n\n')).toBe('data: 1\n\n');
    response.destroy();
    expectErrorEvent(await stream.rest(), binding, 'UPSTREAM_RESET');
  });
}
