import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type RequestListener } from 'node:http';
import {
  createServer as createHttp2Server,
  createSecureServer as createSecureHttp2Server,
  type Http2ServerRequest,
} from 'node:http2';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import type { UpstreamRequest, UpstreamResponse } from '../../src/ports.ts';
import { createNodeUpstream, type NodeUpstreamOptions } from '../../src/upstream/node-upstream.ts';
import { createUpstream, type UpstreamOptions } from '../../src/upstream/undici-upstream.ts';
import { endWithTest } from './endings.ts';

/** Starts a server on a free loopback port; it and its connections end with the test. */
export async function listening(server: Server, scheme = 'http'): Promise<URL> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket.on('error', () => {}));
  });
  endWithTest(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return new URL(`${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}

/** A server in clear text for HTTP/1.1 and HTTP/2, told apart by how a connection begins (RFC 9113 §3.3). */
export function createServer(listener?: RequestListener): Server {
  const http1 = createHttpServer(listener);
  const http2 = createHttp2Server(listener as never);
  const server = createTcpServer((socket) => {
    socket.once('readable', () => {
      const first: Buffer | null = socket.read();
      if (first === null) return;
      socket.unshift(first);
      (first.toString('latin1', 0, 3) === 'PRI' ? http2 : http1).emit('connection', socket);
    });
  });
  for (const inner of [http1, http2]) inner.on('request', (...both) => server.emit('request', ...both));
  return server;
}

/** The same in TLS. */
export function createSecureServer(options: object, listener: RequestListener): Server {
  return createSecureHttp2Server({ allowHTTP1: true, ...options }, listener as never);
}

/** The host a request names; HTTP/2 has no field for it. */
export function hostOf({ headers }: IncomingMessage): string | undefined {
  const { ':authority': authority, host } = headers;
  return typeof authority === 'string' ? authority : host;
}

export function serving(listener: RequestListener): Promise<URL> {
  return listening(createServer(listener));
}

/** An agent that answers every request with these bytes, then hangs up. */
export function answering(text: string): Promise<URL> {
  return listening(createTcpServer((socket) => socket.once('data', () => socket.end(text))));
}

export interface Holding {
  url: URL;
  /** The agent's end of the connection, once it is called. */
  socket: Promise<Socket>;
  /** When the caller is gone: the connection with HTTP/1.1, the stream with HTTP/2. */
  gone: Promise<unknown>;
}

/** An agent that sends headers and `first`, or only takes the request, then leaves the rest to the test. */
export async function holding(answer: 'first' | 'nothing' = 'first'): Promise<Holding> {
  const server = createServer((_, outgoing) => {
    if (answer === 'first') outgoing.writeHead(200, { 'content-type': 'text/event-stream' }).write('first');
  });
  const connected = once(server, 'connection');
  const called = once(server, 'request');
  const socket = called.then(() => connected).then(([held]) => held as Socket);
  const gone = called.then(([incoming]) =>
    once((incoming as Http2ServerRequest).stream ?? incoming.socket, 'close'),
  );
  return { url: await listening(server), socket, gone };
}

const loopback = { allowHttp: true, allowAddresses: ['127.0.0.0/8'] };

/** An upstream that may call loopback in plain HTTP; it ends with the test. */
export function upstream(options: UpstreamOptions = {}): ReturnType<typeof createUpstream> {
  const made = createUpstream({ rules: loopback, ...options });
  endWithTest(() => made.close());
  return made;
}

/** The same, every call over HTTP/2. */
export function http2Upstream(options: UpstreamOptions = {}): ReturnType<typeof createUpstream> {
  // A test may wait for a connection's end, which is some time after its last call here.
  const made = upstream({ idleSessionMs: 50, ...options });
  return { ...made, send: (request) => made.send({ ...request, http2: true }) };
}

/** The same on Node's own client. */
export function nodeUpstream(options: NodeUpstreamOptions = {}): ReturnType<typeof createNodeUpstream> {
  const made = createNodeUpstream({ rules: loopback, ...options });
  endWithTest(() => made.close());
  return made;
}

export function request(url: URL, more: Partial<UpstreamRequest> = {}): UpstreamRequest {
  return { method: 'GET', url, headers: {}, headersTimeoutMs: 10_000, idleTimeoutMs: 10_000, ...more };
}

/** One call through an upstream of its own. */
export function get(url: URL, more: Partial<UpstreamRequest> = {}): Promise<UpstreamResponse> {
  return upstream().send(request(url, more));
}

export async function textOf(response: UpstreamResponse): Promise<string> {
  return Buffer.from(await response.bytes(1_000_000)).toString();
}

/** What a rejection is compared with. */
export function failsWith(code: string, evidence: object = {}): object {
  return { failure: { code, ...evidence } };
}
