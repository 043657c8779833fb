import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A notification as it reached a receiver. */
export interface Received {
  /** The request target, letter for letter. */
  target: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Says what becomes of a notification: a status, with headers if need be, or whatever it writes itself. */
export type Answer = (received: Received, response: ServerResponse) => number | undefined;

/** A caller's webhook that answers what a test scripts, 204 by itself, and remembers what it was sent. */
export interface Receiver {
  url: string;
  /** Each attempt, whatever was answered. */
  received: readonly Received[];
  bodies(): string[];
  answer(answer: Answer): void;
  /** Resolves when there are so many. */
  until(count: number): Promise<void>;
  close(): Promise<void>;
}

/** @param port where it listens. Default: a free one */
export async function startReceiver(port = 0): Promise<Receiver> {
  const received: Received[] = [];
  const waiting = new Set<() => void>();
  let answer: Answer = () => 204;
  const server = createServer(async (incoming, response) => {
    let body = '';
    for await (const chunk of incoming.setEncoding('utf8')) body += chunk;
    const one = { target: incoming.url ?? '', headers: incoming.headers, body };
    received.push(one);
    const status = answer(one, response);
    if (status !== undefined) response.writeHead(status).end();
    for (const look of waiting) look();
  });
  await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    bodies: () => received.map(({ body }) => body),
    answer(given) {
      answer = given;
    },
    until(count) {
      return new Promise((resolve) => {
        const look = () => {
          if (received.length < count) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      });
    },
    close() {
      server.closeAllConnections();
      return new Promise((closed) => server.close(() => closed()));
    },
  };
}
