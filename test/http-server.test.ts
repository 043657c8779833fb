import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type HttpServer, listen } from '../src/runtimes/node/http-server.ts';

function serving(): Promise<HttpServer> {
  return listen({ host: '127.0.0.1', port: 0 }, { write: () => {} });
}

function connectTo({ origin }: HttpServer) {
  return connect(Number(new URL(origin).port), '127.0.0.1');
}

afterEach(() => {
  vi.useRealTimers();
});

describe('a server told to close', () => {
  it('does not wait for connections that have asked for nothing, or for nothing more', async () => {
    const server = await serving();
    server.serve(async () => new Response('ok'));
    await (await fetch(server.origin)).text();
    const silent = connectTo(server);
    await once(silent, 'connect');
    await (await fetch(server.origin)).text(); // By now the server knows of the silent one.
    vi.useFakeTimers({ toFake: ['setTimeout'] }); // The grace never ends.
    await Promise.all([server.close(), once(silent.resume(), 'close')]);
  });

  it('lets a call under way finish, and does not keep its connection', async () => {
    const server = await serving();
    let finish = () => {};
    const begun = new Promise<void>((begin) => {
      server.serve(async () => {
        begin();
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        return new Response('ok');
      });
    });
    const answer = fetch(server.origin);
    await begun;
    vi.useFakeTimers({ toFake: ['setTimeout'] }); // The grace never ends.
    const closed = server.close();
    finish();
    expect(await (await answer).text()).toBe('ok');
    await closed;
  });

  it('ends a call that outlasts the grace', async () => {
    const server = await serving();
    const begun = new Promise<void>((begin) => {
      server.serve(() => {
        begin();
        return new Promise(() => {});
      });
    });
    const socket = connectTo(server);
    socket.write('GET / HTTP/1.1\r\nhost: gateway.test\r\n\r\n');
    await begun;
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    const closed = server.close();
    await vi.advanceTimersByTimeAsync(5_000);
    await Promise.all([closed, once(socket.resume(), 'close')]);
  });
});
