import { createServer, type Http2Server, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { UpstreamRequest, UpstreamResponse } from '../../src/ports.ts';
import { http2Upstream, listening, request } from './upstream-servers.ts';

export interface Http2Agent {
  url: URL;
  server: Http2Server;
  sessions: ServerHttp2Session[];
  sockets: Socket[];
}

export type Answer = (stream: ServerHttp2Stream, headers: Readonly<Record<string, unknown>>) => unknown;

/** An agent over bare HTTP/2. It ends with the test. */
export async function http2Agent(answer: Answer, options: object = {}): Promise<Http2Agent> {
  const server = createServer(options);
  const sessions: ServerHttp2Session[] = [];
  const sockets: Socket[] = [];
  server.on('session', (session) => sessions.push(session.on('error', () => {})));
  server.on('connection', (socket) => sockets.push(socket));
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    answer(stream, headers);
  });
  return { url: await listening(server), server, sessions, sockets };
}

export function post(url: URL, more: Partial<UpstreamRequest> = {}): UpstreamRequest {
  return request(url, { method: 'POST', body: 'x', ...more });
}

/** One call over HTTP/2 through an upstream of its own. */
export function get(url: URL, more: Partial<UpstreamRequest> = {}): Promise<UpstreamResponse> {
  return http2Upstream().send(post(url, more));
}
