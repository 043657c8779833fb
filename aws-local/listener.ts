import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export interface Listener {
  origin: string;
  /** Requests are answered from here on; those that came before wait. */
  serve(handler: Handler): void;
  /** Ends every connection at once. */
  close(): Promise<void>;
}

/** Beyond API Gateway's own limit, which the emulator applies itself. */
const maxHeaderBytes = 64 * 1024;

/** Listens on loopback before there is anything to serve: the stack is synthesised with its own address in it. */
export async function listenOnLoopback(port: number): Promise<Listener> {
  let serve: (handler: Handler) => void = () => {};
  const handler = new Promise<Handler>((resolve) => {
    serve = resolve;
  });
  const server = createServer({ maxHeaderSize: maxHeaderBytes }, async (request, response) =>
    (await handler)(request, response),
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, // A TCP server that listens has one.
    serve,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
