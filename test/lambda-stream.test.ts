import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Answerer, createAnswerer } from '../src/runtimes/lambda/answer-event.ts';
import type { StreamingHandler } from '../src/runtimes/lambda/awslambda.ts';
import { createStreamingHandler } from '../src/runtimes/lambda/stream.ts';
import { type Cast, castOf } from './scenarios/cast.ts';
import { bindings, call, expectRefusal } from './support/bindings.ts';
import { contextWith, eventOf, invoke, proxyEvent } from './support/lambda-events.ts';
import { errorInfo } from './support/raw.ts';
import { ResponseStream } from './support/response-stream.ts';
import { nextCall } from './support/scripted-agent.ts';
import { publicUrl, startStand } from './support/stand.ts';
import { readStream } from './support/stream-reader.ts';

/** Answers of a streaming function, as Lambda's runtime and API Gateway take them. */

const silent = { write: () => {} };

/** A function that answers so, whatever it is asked. */
function answering(answer: Answerer, log: Parameters<typeof createStreamingHandler>[0]['log'] = silent) {
  return createStreamingHandler({ answer, log });
}

/** Prelude and body as they were written. */
async function written(handler: StreamingHandler): Promise<{ stream: ResponseStream; parts: string[] }> {
  const stream = new ResponseStream();
  const done = handler(proxyEvent('/'), stream, contextWith());
  let text = '';
  for (let piece = await stream.take(); piece !== undefined; piece = await stream.take())
    text += Buffer.from(piece).toString('latin1');
  await done;
  return { stream, parts: text.split('\0'.repeat(8)) };
}

describe('a prelude', () => {
  it.each([200, 204, 304, 404])('is sent with status %i though there is no body', async (status) => {
    const { stream, parts } = await written(
      answering(async () => new Response(null, { status, headers: { etag: '"1"' } })),
    );
    expect(stream.contentType).toBe('application/vnd.awslambda.http-integration-response');
    const prelude = JSON.stringify({ statusCode: status, multiValueHeaders: { etag: ['"1"'] } });
    expect(parts).toEqual([prelude, '']);
  });

  it('is sent when the gateway throws, with a 500 that tells nothing', async () => {
    const logged: unknown[][] = [];
    const log = { write: (...line: unknown[]) => void logged.push(line) };
    const cause = new Error('inside');
    const gateway = () => Promise.reject(cause);
    const { parts } = await written(answering(createAnswerer({ gateway, publicUrl, log }), log));
    expect(JSON.parse(parts[0] ?? '')).toMatchObject({ statusCode: 500 });
    expect(errorInfo(parts[1] ?? '')).toEqual({ reason: 'INTERNAL', metadata: {} });
    expect(logged).toEqual([['error', 'answering failed', { failure: { code: 'internal' }, cause }]]);
  });

  it('keeps repeated headers apart, and leaves out those of one connection', async () => {
    const headers = new Headers([
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
      ['vary', 'Origin'],
      ['connection', 'close, X-Inner'],
      ['x-inner', '1'],
      ['keep-alive', 'timeout=5'],
      ['transfer-encoding', 'chunked'],
      ['proxy-authenticate', 'Basic'],
      ['te', 'trailers'],
      ['trailer', 'x'],
      ['upgrade', 'h2c'],
    ]);
    const { parts } = await written(answering(async () => new Response('', { headers })));
    expect(JSON.parse(parts[0] ?? '').multiValueHeaders).toEqual({
      'content-type': ['text/plain;charset=UTF-8'],
      'set-cookie': ['a=1', 'b=2'],
      vary: ['Origin'],
    });
  });
});

describe('a body', () => {
  let invocation: ReturnType<typeof invoke>;

  it('of any bytes comes as it is, NULs among them', async () => {
    const bytes = Uint8Array.from({ length: 5_000 }, (_, index) => (index < 32 ? 0 : index % 256));
    const { response, done } = invoke(
      answering(async () => new Response(bytes)),
      proxyEvent('/'),
    );
    expect(new Uint8Array(await (await response).arrayBuffer())).toEqual(bytes);
    await done;
  });

  it('that breaks off leaves an answer that does not look whole, and a line in the log', async () => {
    const logged: unknown[][] = [];
    const log = { write: (...line: unknown[]) => void logged.push(line) };
    const cause = new Error('broke');
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(Buffer.from('half')),
      pull: (controller) => controller.error(cause),
    });
    const { response, done } = invoke(
      answering(async () => new Response(body), log),
      proxyEvent('/'),
    );
    await expect((await response).text()).rejects.toThrow('broke off');
    await done;
    expect(logged).toEqual([['error', 'answer broke off', { cause }]]);
  });

  it('is out before the function waits for what is left to do', async () => {
    let release = () => {};
    const settling = new Promise<void>((begun) => {
      const settle = () => {
        begun();
        return new Promise<void>((resolve) => {
          release = resolve;
        });
      };
      const handler = createStreamingHandler({
        answer: async () => new Response('all'),
        log: silent,
        settle,
      });
      invocation = invoke(handler, proxyEvent('/'));
    });
    expect(await (await invocation.response).text()).toBe('all');
    await settling;
    let isDone = false;
    void invocation.done.then(() => {
      isDone = true;
    });
    await new Promise(setImmediate);
    expect(isDone).toBe(false);
    release();
    await invocation.done;
  });

  it('leaves no timer behind', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await written(answering(async () => new Response('whole')));
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it('that is waited for is given up when the caller leaves', async () => {
    let isCancelled = false;
    const body = new ReadableStream({
      pull: () => new Promise(() => {}),
      cancel() {
        isCancelled = true;
      },
    });
    const { stream, response, done } = invoke(
      answering(async () => new Response(body)),
      proxyEvent('/'),
    );
    await response;
    stream.destroy();
    await done;
    expect(isCancelled).toBe(true);
  });

  it('is not begun when the caller has left before', async () => {
    let isCancelled = false;
    const body = new ReadableStream({
      cancel() {
        isCancelled = true;
      },
    });
    const signal = { aborted: false };
    const handler = answering(async (_event, options) => {
      signal.aborted = options.signal.aborted;
      return new Response(body);
    });
    const stream = new ResponseStream();
    stream.destroy();
    await handler(proxyEvent('/'), stream, contextWith());
    expect([signal.aborted, isCancelled]).toEqual([true, true]);
  });
});

describe('a call to an agent', () => {
  let cast: Cast;
  let close: () => Promise<void>;
  /** Of the invocation made last, by anyone. */
  let last: ReturnType<typeof invoke>;
  let remainingMs = 60_000;

  beforeAll(async () => {
    const stand = await startStand({ streams: { keepAliveMs: 60_000 } });
    const { log } = stand;
    const answer = createAnswerer({ gateway: await stand.gateway(), publicUrl, log });
    const handler = createStreamingHandler({ answer, log });
    cast = await castOf({
      ...stand,
      publicUrl,
      maxBodyBytes: stand.settings.limits.maxBodyBytes,
      async fetch(path, init) {
        const event = await eventOf(new Request(`https://edge.test${path}`, init));
        last = invoke(handler, event, { context: contextWith(remainingMs) });
        return last.response;
      },
    });
    close = stand.close;
  });
  afterAll(() => close());

  const event = `data: ${'x'.repeat(65_528)}\n\n`;

  it('that streams faster than anyone reads is held back, and is whole when it is read after all', async () => {
    const events = 512;
    let count = 0;
    const allWritten = nextCall(cast.agent).then(async ({ response }) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (; count < events; count++) if (!response.write(event)) await once(response, 'drain');
      response.end();
    });
    const answer = await call(cast, 'JSON-RPC', 'SendStreamingMessage');
    const { done } = last;
    // Long enough to carry all of it, had the function taken it.
    for (let times = 0; times < 300; times++) await (await fetch(cast.agent.cardUrl)).text();
    expect(count).toBeLessThan(events / 2);
    let received = 0;
    for await (const piece of answer.body ?? []) received += piece.length;
    await Promise.all([allWritten, done]);
    expect(received).toBe(events * event.length);
  });

  it('ends when its caller leaves without reading, and leaves nothing waiting', async () => {
    const held = nextCall(cast.agent);
    const answer = call(cast, 'JSON-RPC', 'SendStreamingMessage');
    const { response, closed } = await held;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    while (response.write(event)); // Until the agent would have to wait.
    await answer;
    const { stream, done } = last;
    stream.destroy();
    await Promise.all([closed, done]);
    expect([stream.listenerCount('drain'), stream.listenerCount('finish')]).toEqual([0, 0]);
  });

  describe('with little time left', () => {
    beforeAll(() => {
      // Long enough for a call to reach the agent on a busy machine; when exactly it fires is shown beside `startDeadline`.
      remainingMs = 1_500;
    });

    it.each(bindings)('ends its stream with a comment, in %s', async (binding) => {
      const held = nextCall(cast.agent);
      const answer = call(cast, binding, 'SendStreamingMessage');
      const { response, closed } = await held;
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n');
      const stream = readStream(await answer);
      expect(await stream.until('\n\n')).toBe('data: 1\n\n');
      expect(await stream.rest()).toMatch(/^: .*subscribe again\n\n$/);
      await Promise.all([closed, last.done]);
    });

    it('lets the agent go though nobody reads the stream', async () => {
      const held = nextCall(cast.agent);
      const answer = call(cast, 'JSON-RPC', 'SendStreamingMessage');
      const { response, closed } = await held;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      while (response.write(event));
      await answer;
      await closed;
      last.stream.destroy();
      await last.done;
    });

    it.each(bindings)('is answered that it took too long, in %s', async (binding) => {
      const held = nextCall(cast.agent);
      const answer = call(cast, binding, 'SendMessage');
      const { closed } = await held;
      await expectRefusal(await answer, binding, 'UPSTREAM_TIMEOUT', { phase: 'deadline' });
      await Promise.all([closed, last.done]);
    });
  });
});
