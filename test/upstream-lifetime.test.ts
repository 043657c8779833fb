import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { upstreamLifetimeContract } from './contract/upstream-lifetime.ts';
import {
  failsWith,
  holding,
  http2Upstream,
  listening,
  nodeUpstream,
  request,
  serving,
  textOf,
  upstream,
} from './support/upstream-servers.ts';

upstreamLifetimeContract('undici', { open: upstream, keepsConnections: true });
upstreamLifetimeContract('HTTP/2', { open: http2Upstream, keepsConnections: true, http2: true });
upstreamLifetimeContract("Node's own client", { open: nodeUpstream, keepsConnections: false });

describe('a connection of undici', () => {
  it('is kept for later calls', async () => {
    const sockets = new Set<Socket>();
    const url = await serving((incoming, outgoing) => {
      sockets.add(incoming.socket);
      outgoing.end('ok');
    });
    const up = upstream();
    for (let call = 0; call < 10; call++) await textOf(await up.send(request(url)));
    // Two take turns: the first is free again only a turn of the event loop after its answer.
    expect(sockets.size).toBeLessThanOrEqual(2);
  });

  it('closed by the agent between two calls is replaced without a failure', async () => {
    const server = createServer((incoming, outgoing) =>
      incoming.resume().on('end', () => outgoing.end('ok')),
    );
    let connections = 0;
    let calls = 0;
    server.on('connection', () => {
      connections += 1;
    });
    server.on('request', () => {
      calls += 1;
    });
    const url = await listening(server);
    const up = upstream();
    const post = () => up.send(request(url, { method: 'POST', body: '{}' })).then(textOf);
    await post();
    server.closeIdleConnections();
    expect(await post()).toBe('ok');
    expect([connections, calls]).toEqual([2, 2]);
  });

  it('over the limit of its origin waits until there is room', async () => {
    const { url, gone } = await holding();
    const up = upstream({ maxConnectionsPerOrigin: 1 });
    const first = await up.send(request(url));
    const second = up.send(request(url, { headersTimeoutMs: 50 }));
    await expect(second).rejects.toMatchObject(failsWith('upstream_timeout', { phase: 'connect' }));
    const third = up.send(request(url));
    first.close();
    await gone;
    expect((await third).status).toBe(200);
  });

  it('without a limit is made for every open stream', async () => {
    const { url } = await holding();
    const up = upstream();
    const streams = await Promise.all(Array.from({ length: 200 }, () => up.send(request(url))));
    expect(streams.every(({ status }) => status === 200)).toBe(true);
  });
});

describe("a connection of Node's own client", () => {
  it('serves one call and is closed after it', async () => {
    const closed: Promise<unknown>[] = [];
    const url = await serving((incoming, outgoing) => {
      closed.push(once(incoming.socket, 'close'));
      outgoing.end('ok');
    });
    const up = nodeUpstream();
    for (let call = 0; call < 3; call++) expect(await textOf(await up.send(request(url)))).toBe('ok');
    await Promise.all(closed);
    expect(closed).toHaveLength(3);
  });
});
