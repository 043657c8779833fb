import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Upstream, UpstreamRequest, UpstreamResponse } from '../../src/ports.ts';
import type { NodeUpstreamOptions } from '../../src/upstream/node-upstream.ts';
import {
  answering,
  createServer,
  failsWith,
  holding,
  listening,
  request,
  serving,
  textOf,
} from '../support/upstream-servers.ts';

export interface UpstreamContractOptions {
  /** An upstream that may call loopback in plain HTTP unless the rules say otherwise; it ends with the test. */
  open(options?: NodeUpstreamOptions): Upstream & { close(): Promise<void> };
  /** Whether a connection is kept for later calls. */
  keepsConnections: boolean;
  /** Whether it calls over HTTP/2, where a call has a stream, and what is told of the wire of HTTP/1.1 does not apply. */
  http2?: boolean;
}

/** What every adapter of the Upstream port promises of one call. */
export function upstreamContract(
  name: string,
  { open, keepsConnections, http2 = false }: UpstreamContractOptions,
): void {
  function get(url: URL, more: Partial<UpstreamRequest> = {}): Promise<UpstreamResponse> {
    return open().send(request(url, more));
  }

  describe(`the upstream contract: ${name}`, () => {
    describe('a call', () => {
      it.skipIf(http2)('goes out as given, asking for no encoding', async () => {
        const url = await serving(async (incoming, outgoing) => {
          let body = '';
          for await (const chunk of incoming) body += chunk;
          outgoing.end(
            JSON.stringify({ ...incoming.headers, body, line: `${incoming.method} ${incoming.url}` }),
          );
        });
        const response = await get(new URL('/a/b%2Fc?d=e', url), {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'accept-encoding': 'gzip', 'x-own': '1' },
          body: '{"ü":1}',
        });
        expect(JSON.parse(await textOf(response))).toEqual({
          host: url.host,
          connection: keepsConnections ? 'keep-alive' : 'close',
          'accept-encoding': 'identity',
          'content-type': 'application/json',
          'content-length': '8',
          'x-own': '1',
          body: '{"ü":1}',
          line: 'POST /a/b%2Fc?d=e',
        });
      });

      it('is answered with status, headers and body', async () => {
        const url = await serving((_, outgoing) => {
          outgoing.writeEarlyHints({ link: '</a>; rel=preload' });
          outgoing.writeHead(404, { 'x-many': ['a', 'b'] }).end('none');
        });
        const response = await get(url);
        expect([response.status, response.header('X-Many'), response.header('absent')]).toEqual([
          404,
          'a, b',
          undefined,
        ]);
        expect(await textOf(response)).toBe('none');
        await expect(response.bytes(1)).rejects.toThrow(TypeError);
        expect(() => response.chunks()).toThrow(TypeError);
      });

      it('may be answered with nothing', async () => {
        const url = await serving((_, outgoing) => outgoing.writeHead(204).end());
        expect(await textOf(await get(url))).toBe('');
        for await (const _ of (await get(url)).chunks()) expect.unreachable();
      });

      it.skipIf(http2)('may be answered in HTTP/1.0, up to the end of the connection', async () => {
        expect(await textOf(await get(await answering('HTTP/1.0 200 OK\r\n\r\nto the end')))).toBe(
          'to the end',
        );
      });

      it("finds a name through the system's resolver", async () => {
        const url = await serving((_, outgoing) => outgoing.end('ok'));
        const rules = { allowHttp: true, allowAddresses: ['127.0.0.0/8', '::1/128'] };
        const byName = request(new URL(`http://localhost:${url.port}/`));
        expect(await textOf(await open({ rules }).send(byName))).toBe('ok');
      });

      it('cannot name another host than its URL', async () => {
        const url = await serving((_, outgoing) => outgoing.end());
        await expect(get(url, { headers: { Host: 'other.example' } })).rejects.toThrow(TypeError);
      });

      it('with a header that splits the request never leaves', async () => {
        const url = await serving((_, outgoing) => outgoing.end());
        const sent = get(url, { headers: { 'x-own': 'a\r\nx-other: b' } });
        await expect(sent).rejects.toMatchObject(failsWith('internal'));
      });
    });

    describe('an agent that lies', () => {
      it.skipIf(http2).each([
        [
          'both lengths',
          'HTTP/1.1 200 OK\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
        ],
        [
          'both lengths, the other way',
          'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-length: 3\r\n\r\n0\r\n\r\n',
        ],
        ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabcd'],
        ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n'],
        ['a folded header', 'HTTP/1.1 200 OK\r\nx-a: b\r\n c\r\ncontent-length: 0\r\n\r\n'],
      ])('with %s is refused', async (_, text) => {
        const answered = answering(text)
          .then((url) => get(url))
          .then(textOf);
        await expect(answered).rejects.toMatchObject(
          failsWith('upstream_response_invalid', { problem: 'http' }),
        );
      });

      it.skipIf(http2)('with endless headers is refused', async () => {
        const url = await answering(`HTTP/1.1 200 OK\r\nx-a: ${'a'.repeat(20_000)}\r\n\r\n`);
        const problem = { problem: 'headers_too_large' };
        await expect(get(url)).rejects.toMatchObject(failsWith('upstream_response_invalid', problem));
      });

      it('with an encoded body is refused, and its connection closed', async () => {
        let closed: Promise<unknown> | undefined;
        const url = await serving((incoming, outgoing) => {
          closed = once(incoming.socket, 'close');
          outgoing.writeHead(200, { 'content-encoding': 'gzip' }).write(gzipSync('bomb'));
        });
        const problem = { problem: 'content_encoding' };
        await expect(get(url)).rejects.toMatchObject(failsWith('upstream_response_invalid', problem));
        await closed;
      });

      it('with an encoding that is none is not', async () => {
        const url = await serving((_, outgoing) =>
          outgoing.writeHead(200, { 'content-encoding': 'Identity' }).end('plain'),
        );
        expect(await textOf(await get(url))).toBe('plain');
      });

      it.each([
        ['its length', { 'content-length': '1000000' }],
        ['its bytes', {}],
      ])('with too large a body by %s is refused, and its connection closed', async (_, headers) => {
        let closed: Promise<unknown> | undefined;
        const url = await serving((incoming, outgoing) => {
          closed = once(incoming.socket, 'close');
          outgoing.writeHead(200, headers).write('a'.repeat(1_001));
        });
        const body = (await get(url)).bytes(1_000);
        await expect(body).rejects.toMatchObject(
          failsWith('upstream_response_too_large', { maxBytes: 1_000 }),
        );
        await closed;
      });

      it.skipIf(http2)('with too large a body that came whole is refused', async () => {
        const url = await answering(
          'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n',
        );
        await expect((await get(url)).bytes(4)).rejects.toMatchObject(
          failsWith('upstream_response_too_large'),
        );
        expect(await (await get(url)).bytes(5)).toHaveLength(5);
      });
    });

    describe('an agent that falls silent', () => {
      it('before the headers has timed out in phase headers', async () => {
        const url = await serving(() => {});
        const sent = get(url, { headersTimeoutMs: 50 });
        await expect(sent).rejects.toMatchObject(failsWith('upstream_timeout', { phase: 'headers' }));
      });

      it('before the connection has timed out in phase connect', async () => {
        const dial = () => new Promise<Socket>(() => {});
        const byConnector = open({ dial, connectTimeoutMs: 50 }).send(
          request(new URL('http://127.0.0.1:9999')),
        );
        await expect(byConnector).rejects.toMatchObject(failsWith('upstream_timeout', { phase: 'connect' }));
        const byCall = open({ dial }).send(
          request(new URL('http://127.0.0.1:9999'), { headersTimeoutMs: 50 }),
        );
        await expect(byCall).rejects.toMatchObject(failsWith('upstream_timeout', { phase: 'connect' }));
      });

      it('in a body has timed out, in a stream has stalled, after what came before', async () => {
        const { url } = await holding();
        const [body, stream] = await Promise.all([
          get(url, { idleTimeoutMs: 50 }),
          get(url, { idleTimeoutMs: 50 }),
        ]);
        const chunks = stream.chunks()[Symbol.asyncIterator]();
        expect(Buffer.from((await chunks.next()).value).toString()).toBe('first');
        await Promise.all([
          expect(body.bytes(100)).rejects.toMatchObject(failsWith('upstream_timeout', { phase: 'body' })),
          expect(chunks.next()).rejects.toMatchObject(failsWith('upstream_stalled', { idleTimeoutMs: 50 })),
        ]);
      });

      it('is borne in a stream without a limit for as long as another is, and not in a body', async () => {
        const answers: ServerResponse[] = [];
        const url = await serving((_, outgoing) => {
          answers.push(outgoing);
          outgoing.writeHead(200, { 'content-type': 'text/event-stream' }).write('first');
        });
        const stream = await get(url, { idleTimeoutMs: 0 });
        const chunks = stream.chunks()[Symbol.asyncIterator]();
        await chunks.next();
        const another = (await get(url, { idleTimeoutMs: 50 })).chunks()[Symbol.asyncIterator]();
        await another.next();
        await expect(another.next()).rejects.toMatchObject(failsWith('upstream_stalled'));
        const body = (await get(url, { idleTimeoutMs: 0, bytesTimeoutMs: 50 })).bytes(100);
        await expect(body).rejects.toMatchObject(failsWith('upstream_timeout', { phase: 'body' }));
        answers[0]?.write('second');
        expect(Buffer.from((await chunks.next()).value).toString()).toBe('second');
        stream.close();
      });
    });

    describe('an agent that hangs up', () => {
      it('before the headers has reset the call, which is not sent again', async () => {
        let calls = 0;
        const url = await serving((incoming) => {
          calls += 1;
          incoming.socket.destroy();
        });
        const sent = get(url, { method: 'POST', body: '{}' });
        await expect(sent).rejects.toMatchObject(failsWith('upstream_reset'));
        expect(calls).toBe(1);
      });

      it('in mid-body has reset it, after what came before', async () => {
        const { url, socket } = await holding();
        const chunks = (await get(url)).chunks()[Symbol.asyncIterator]();
        expect((await chunks.next()).value).toHaveLength(5);
        (await socket).resetAndDestroy();
        await expect(chunks.next()).rejects.toMatchObject(failsWith('upstream_reset'));
      });

      it.skipIf(http2).each([
        ['a length', 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc'],
        ['a length, closing', 'HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 10\r\n\r\nabc'],
        ['chunks', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\na\r\nabc'],
        [
          'chunks, closing',
          'HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\na\r\nabc',
        ],
      ])('short of %s has reset the body', async (_, text) => {
        const response = await get(await answering(text));
        await expect(response.bytes(100)).rejects.toMatchObject(failsWith('upstream_reset'));
      });

      it('between two calls is called again on a new connection', async () => {
        let calls = 0;
        const idle: Socket[] = [];
        const url = await serving((incoming, outgoing) => {
          idle.push(incoming.socket);
          calls += 1;
          incoming.resume().on('end', () => outgoing.end('ok'));
        });
        const up = open();
        const post = () => up.send(request(url, { method: 'POST', body: '{}' })).then(textOf);
        await post();
        idle[0]?.destroy();
        expect(await post()).toBe('ok');
        expect([calls, idle[0] === idle[1]]).toEqual([2, false]);
      });

      it('for good is unreachable', async () => {
        const server = createServer();
        const url = await listening(server);
        await once(server.close(), 'close');
        await expect(get(url)).rejects.toMatchObject(failsWith('upstream_unreachable'));
      });
    });
  });
}
