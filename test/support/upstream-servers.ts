import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { afterEach } from 'vitest';
import type { UpstreamRequest, UpstreamResponse } from '../../src/ports.ts';
import { createNodeUpstream, type NodeUpstreamOptions } from '../../src/upstream/node-upstream.ts';
import { createUpstream, type UpstreamOptions } from '../../src/upstream/undici-upstream.ts';

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Starts a server on a free loopback port; it and its connections end with the test. */
export async function listening(server: Server, scheme = 'http'): Promise<URL> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket.on('error', () => {}));
  });
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return new URL(`${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}/`);
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
  /** When the caller is gone. */
  gone: Promise<unknown>;
}

/** An agent that sends headers and `first`, or only takes the request, then leaves the rest to the test. */
export async function holding(answer: 'first' | 'nothing' = 'first'): Promise<Holding> {
  const server = createServer((_, outgoing) => {
    if (answer === 'first') outgoing.writeHead(200, { 'content-type': 'text/event-stream' }).write('first');
  });
  const socket = once(server, 'request').then(([{ socket }]) => socket as Socket);
  const gone = socket.then((held) => once(held, 'close'));
  return { url: await listening(server), socket, gone };
}

const loopback = { allowHttp: true, allowAddresses: ['127.0.0.0/8'] };

/** An upstream that may call loopback in plain HTTP; it ends with the test. */
export function upstream(options: UpstreamOptions = {}): ReturnType<typeof createUpstream> {
  const made = createUpstream({ rules: loopback, ...options });
  cleanups.push(() => made.close());
  return made;
}

/** The same, every call over HTTP/2. */
export function http2Upstream(options: UpstreamOptions = {}): ReturnType<typeof createUpstream> {
  const made = upstream(options);
  return { ...made, send: (request) => made.send({ ...request, http2: true }) };
}

/** The same on Node's own client. */
export function nodeUpstream(options: NodeUpstreamOptions = {}): ReturnType<typeof createNodeUpstream> {
  const made = createNodeUpstream({ rules: loopback, ...options });
  cleanups.push(() => made.close());
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
