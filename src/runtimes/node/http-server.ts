import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { type Failure, factsOf, fail } from '../../failure.ts';
import { canonicalTarget } from '../../http/path.ts';
import type { Log } from '../../ports.ts';
import { restErrorBody } from '../../protocol/errors.ts';
import { listenError } from './listen-error.ts';

/** Longer than the idle timeouts of common load balancers, so that they are the ones to close a connection. */
const keepAliveTimeoutMs = 75_000;
/** From the first byte to the last of a request's headers. */
const headersTimeoutMs = 30_000;
/** Request line and headers together. */
const maxHeaderBytes = 16 * 1024;
/** Calls that are not streams may finish for this long after the gateway was told to close. */
const graceMs = 5_000;
/** How often, while closing, connections are looked for whose call has ended. */
const sweepMs = 50;

/** Something beside the gateway that answers some paths of the same server. */
export interface SideHandler {
  owns(path: string): boolean;
  handle(request: IncomingMessage, response: ServerResponse): void;
}

export interface HttpServer {
  /** Where it listens, such as `http://127.0.0.1:8080`. */
  origin: string;
  /** Requests are answered from here on; those that came before wait. */
  serve(gateway: (request: Request) => Promise<Response>, side?: SideHandler): void;
  /** Stops listening, lets calls under way finish, then ends every connection. */
  close(): Promise<void>;
}

/**
 * Listens first and serves when told: the issuer of newcomer mode and the gateway both need to know the port.
 * @throws ListenError, one line for an operator
 */
export async function listen({ host, port }: { host: string; port: number }, log: Log): Promise<HttpServer> {
  let serve: (listener: Listener) => void = () => {};
  const listener = new Promise<Listener>((resolve) => {
    serve = resolve;
  });
  const server = createServer(
    { keepAliveTimeout: keepAliveTimeoutMs, headersTimeout: headersTimeoutMs, maxHeaderSize: maxHeaderBytes },
    async (request, response) => (await listener)(request, response),
  );
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(listenError(error, { host, port }, 'PORT')),
    );
    server.listen(port, host, resolve);
  });
  const { port: actualPort } = server.address() as AddressInfo; // A TCP server that listens has one.
  return {
    origin: `http://${host.includes(':') ? `[${host}]` : host}:${actualPort}`,
    serve: (gateway, side) => serve(createListener(gateway, side, log)),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      // Clients connect ahead of need, and Node takes no connection for idle that has not asked for anything yet.
      for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
      // A kept connection stays open behind the last answer unless somebody looks.
      const sweep = setInterval(() => server.closeIdleConnections(), sweepMs);
      const timer = setTimeout(() => server.closeAllConnections(), graceMs);
      await closed;
      clearInterval(sweep);
      clearTimeout(timer);
    },
  };
}

/** A name or an address, and a port. The URL is made of Host and target, and with `x/y` as Host it has another path. */
const plainHost = /^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;
const oddHost = fail({ code: 'path_refused', rule: 'host' });

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

function createListener(
  gateway: (request: Request) => Promise<Response>,
  side: SideHandler | undefined,
  log: Log,
): Listener {
  const listener = getRequestListener(gateway);
  return (request, response) => {
    const target = plainHost.test(request.headers.host ?? '') ? canonicalTarget(request.url ?? '') : oddHost;
    if (!target.ok) {
      // The target itself stays out of the log: it is an attacker's text, or holds ids.
      log.write('info', 'target refused', { failure: target.failure });
      refuse(response, target.failure);
    } else if (side?.owns(target.value.path)) side.handle(request, response);
    else void listener(request, response);
  };
}

function refuse(response: ServerResponse, failure: Failure): void {
  response.writeHead(factsOf(failure.code).httpStatus, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    connection: 'close',
  });
  response.end(restErrorBody(failure));
}
