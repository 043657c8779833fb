import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { Issued } from './certificates.ts';
import { listening } from './upstream-servers.ts';

export interface ConnectProxyOptions {
  /** Asked-for authorities, and the ports of loopback they lead to. Others lead nowhere: 502. Default: all of 127.0.0.1. */
  leads?: Readonly<Record<string, number>>;
  /** Must be shown by whoever asks: 407 without. */
  authorization?: string;
  /** Speaks TLS, and asks for a client's certificate, but does not insist. */
  tls?: Issued;
  /** Further header lines of the answer, each with its end. */
  answerHeaders?: string;
}

export interface ConnectProxy {
  url: URL;
  /** Every tunnel that was asked for, in order. */
  asked: { authority: string; headers: IncomingHttpHeaders; clientCertificate: string | undefined }[];
  /** Requests that wanted no tunnel: there must be none. */
  others: string[];
}

/** A proxy for CONNECT (RFC 9110 §9.3.6) on loopback, which leads nowhere but to loopback; it ends with the test. */
export async function connectProxy(options: ConnectProxyOptions = {}): Promise<ConnectProxy> {
  const asked: ConnectProxy['asked'] = [];
  const others: string[] = [];
  const refuse: RequestListener = (incoming, outgoing) => {
    others.push(`${incoming.method} ${incoming.url}`);
    outgoing.writeHead(405).end();
  };
  const { tls } = options;
  const server =
    tls === undefined
      ? createServer(refuse)
      : createTlsServer(
          { cert: tls.certificate, key: tls.privateKey, requestCert: true, rejectUnauthorized: false },
          refuse,
        );
  server.on('connect', ({ url: authority = '', headers, socket }, client: Duplex, head: Buffer) => {
    asked.push({ authority, headers, clientCertificate: clientOf(socket) });
    const port = portOf(authority, options.leads);
    if (options.authorization !== undefined && headers['proxy-authorization'] !== options.authorization) {
      client.end('HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\n\r\n');
    } else if (port === undefined) client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    else join(client, head, port, options.answerHeaders ?? '');
  });
  return { url: await listening(server, tls === undefined ? 'http' : 'https'), asked, others };
}

function portOf(authority: string, leads: ConnectProxyOptions['leads']): number | undefined {
  if (leads !== undefined) return leads[authority];
  const [, port] = /^127\.0\.0\.1:(\d+)$/.exec(authority) ?? [];
  return port === undefined ? undefined : Number(port);
}

function join(client: Duplex, head: Buffer, port: number, answerHeaders: string): void {
  const agent = connect({ host: '127.0.0.1', port }, () => {
    client.write(`HTTP/1.1 200 Connection established\r\n${answerHeaders}\r\n`);
    agent.write(head);
    client.pipe(agent).pipe(client);
  });
  agent.on('error', () => client.destroy()).on('close', () => client.destroy());
  client.on('error', () => agent.destroy()).on('close', () => agent.destroy());
}

function clientOf(socket: Socket): string | undefined {
  const peer = 'getPeerCertificate' in socket ? (socket as TLSSocket).getPeerCertificate() : undefined;
  return peer?.subject === undefined ? undefined : String(peer.subject.CN);
}
