import { type Anonymous, createAnonymous } from '../../access/anonymous.ts';
import { allowsAnonymous, type Settings } from '../../config.ts';
import type { Log } from '../../ports.ts';
import { type Assembly, assemble } from './assemble.ts';
import type { GrpcServer } from './grpc/listen.ts';
import { listen } from './http-server.ts';

/** A gateway that runs. */
export interface Running {
  url: string;
  /** Where it listens for gRPC, as `host:port`; absent where it does not. */
  grpcAddress?: string;
  close(): Promise<void>;
}

/** Starts the gateway as configured: empty, trusting the configured issuers only. @throws as `listen`, `assemble` */
export async function serve(settings: Settings, log: Log): Promise<Running> {
  const server = await listen(settings.listen, log);
  const running: { grpc?: GrpcServer; assembly?: Assembly } = {};
  const close = async () => {
    running.assembly?.endStreams();
    await Promise.all([server.close(), running.grpc?.close()]);
    await running.assembly?.close();
  };
  try {
    if (settings.grpc.enabled) running.grpc = await openGrpc(settings, log);
    const assembly = await assemble(settings, log, anonymousFor(settings, log));
    running.assembly = assembly;
    server.serve(assembly.gateway);
    running.grpc?.serve(assembly.gateway, settings);
    return { url: server.origin, ...(running.grpc && { grpcAddress: running.grpc.address }), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Loaded where it is wanted: nobody else waits for the library at the start. @throws as `listenGrpc` */
export async function openGrpc({ grpc }: Pick<Settings, 'grpc'>, log: Log): Promise<GrpcServer> {
  const { listenGrpc } = await import('./grpc/listen.ts');
  return listenGrpc(grpc, log);
}

/** Here alone: other runtimes have callers from elsewhere, and newcomer mode has clients of its own. */
function anonymousFor(settings: Settings, log: Log): { anonymous?: Anonymous } {
  if (!allowsAnonymous(settings)) return {};
  const { anonymous } = settings.testing;
  log.write(
    'warn',
    'ANYONE ON THIS MACHINE MAY CALL: requests without a token are taken for a test principal',
    {
      ...anonymous,
    },
  );
  return { anonymous: createAnonymous(anonymous) };
}
