import { readFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createSecureContext } from 'node:tls';
import { logVerbosity, Server, ServerCredentials, setLogVerbosity } from '@grpc/grpc-js';
import { ConfigError, type Settings } from '../../../config.ts';
import type { Gateway } from '../../../gateway.ts';
import type { Log } from '../../../ports.ts';
import { listenError } from '../listen-error.ts';
import { type CallDeps, callHandler, type GrpcCall } from './call.ts';
import { createGuard } from './guard.ts';
import { healthHandler, healthPath } from './health.ts';
import { servedMethods } from './served-methods.ts';

/** As of request line and headers over HTTP. */
const maxMetadataBytes = 16 * 1024;
/** As Node has it for requests over HTTP. */
const requestTimeoutMs = 300_000;
/** How long a caller may leave a ping unanswered. */
const pingTimeoutMs = 20_000;
/** Calls that are no streams may finish for this long after the gateway was told to close. */
const graceMs = 5_000;

type GrpcListenSettings = Pick<Settings, 'publicUrl' | 'agentsPath' | 'limits' | 'streams' | 'grpc'>;

export interface GrpcServer {
  /** Where it listens, as `host:port`. */
  address: string;
  /** Calls are answered from here on; connections that came before wait. */
  serve(gateway: Gateway, settings: GrpcListenSettings): void;
  /** Takes no more calls, lets those under way finish, then ends every connection. */
  close(): Promise<void>;
}

/**
 * Listens first and serves when told: cards name the port.
 * @throws ListenError; ConfigError for a certificate or key that cannot be used
 */
export async function listenGrpc({ listen, tls }: Settings['grpc'], log: Log): Promise<GrpcServer> {
  // The library writes to the console what callers send that it cannot take: their text, as often as they like.
  setLogVerbosity(logVerbosity.NONE);
  const credentials = await credentialsOf(tls);
  const sockets = new Set<Socket>();
  const waiting: Socket[] = [];
  let take = (socket: Socket): void => void waiting.push(socket);
  // A listener of our own: the library's writes to the console when it cannot listen, and cannot end idle sockets.
  const listener = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    take(socket);
  });
  await new Promise<void>((resolve, reject) => {
    listener.once('error', (error) => reject(listenError(error, listen, 'grpc.listen.port')));
    listener.listen(listen.port, listen.host, resolve);
  });
  let server: Server | undefined;
  const { port } = listener.address() as AddressInfo; // A TCP server that listens has one.
  return {
    address: `${listen.host.includes(':') ? `[${listen.host}]` : listen.host}:${port}`,
    serve(gateway, settings) {
      server = createServerOf(settings, callDepsOf(gateway, settings, log));
      const { injectConnection } = server.createConnectionInjector(credentials);
      take = injectConnection;
      for (const socket of waiting.splice(0)) injectConnection(socket);
    },
    async close() {
      const closed = new Promise((resolve) => listener.close(resolve));
      // Whoever has not said a word yet has no call that could finish.
      for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
      const timer = setTimeout(() => server?.forceShutdown(), graceMs);
      await new Promise<void>((resolve) =>
        server === undefined ? resolve() : server.tryShutdown(() => resolve()),
      );
      clearTimeout(timer);
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function callDepsOf(gateway: Gateway, settings: GrpcListenSettings, log: Log): CallDeps {
  return { gateway, place: settings, maxEventBytes: settings.limits.maxEventBytes, log };
}

function createServerOf({ limits, streams, grpc }: GrpcListenSettings, deps: CallDeps): Server {
  const server = new Server({
    'grpc.max_receive_message_length': limits.maxBodyBytes,
    'grpc.max_concurrent_streams': grpc.maxConcurrentStreams,
    // A stream has no comments here: pings keep it known to be alive, and find callers that are gone.
    'grpc.keepalive_time_ms': streams.keepAliveMs,
    'grpc.keepalive_timeout_ms': pingTimeoutMs,
    'grpc.enable_channelz': 0,
    interceptors: [createGuard({ maxMetadataBytes, requestTimeoutMs })],
  });
  const same = (bytes: Buffer) => bytes;
  server.register(healthPath, healthHandler(deps.gateway, deps.place.publicUrl), same, same, 'unary');
  const bytes = (message: Uint8Array) => Buffer.from(message.buffer, message.byteOffset, message.byteLength);
  for (const method of servedMethods) {
    const handler = callHandler(method, deps);
    // One kind of handler for all: on the wire a call with one answer is a stream of one.
    server.register(method.path, (call: GrpcCall) => handler(call), bytes, same, 'serverStream');
  }
  return server;
}

async function credentialsOf({ certificateFile, privateKeyFile }: Settings['grpc']['tls']) {
  if (certificateFile === undefined || privateKeyFile === undefined)
    return ServerCredentials.createInsecure();
  const [certificate, privateKey] = await Promise.all([
    pemOf('certificateFile', certificateFile),
    pemOf('privateKeyFile', privateKeyFile),
  ]);
  try {
    createSecureContext({ cert: certificate, key: privateKey }); // The library would notice at the first connection only.
    return ServerCredentials.createSsl(null, [{ cert_chain: certificate, private_key: privateKey }]);
  } catch (cause) {
    throw new ConfigError([`setting grpc.tls: ${wordsOf(cause)}`]);
  }
}

async function pemOf(setting: string, file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new ConfigError([`setting grpc.tls.${setting}: ${wordsOf(cause)}`]);
  }
}

function wordsOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
