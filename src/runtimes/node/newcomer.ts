import { join } from 'node:path';
import { type ExampleAgents, startExampleAgents } from '../../../examples/agents/serve.ts';
import { ConfigError, parseSettings, type Settings } from '../../config.ts';
import type { Log } from '../../ports.ts';
import { type Assembly, assemble } from './assemble.ts';
import { createDevIssuer, type DevIssuer } from './dev-issuer.ts';
import { loadOrCreateSigningKeys } from './dev-issuer-keys.ts';
import type { GrpcServer } from './grpc/listen.ts';
import { listen } from './http-server.ts';
import { ListenError } from './listen-error.ts';
import { seedExamples } from './newcomer-seed.ts';
import { openGrpc, type Running } from './serve.ts';

export interface NewcomerOptions {
  /** Settings by variables, as for `serve`, but for those this mode fixes. */
  environment: Readonly<Record<string, string | undefined>>;
  log: Log;
  /** Pace of the example agents; tests run them without pauses. */
  examples?: { tokenDelayMs?: number; stepMs?: number };
}

/** Audience of tokens for the example agents that want one. */
const exampleAudience = 'urn:a2a-gateway:example-agents';

/**
 * Newcomer mode: gateway, OpenID provider and example agents in one process, on loopback only. What it knows by heart
 * (clients, secrets, loopback backends) exists in no other mode.
 * @throws as `listen` and `assemble`
 */
export async function startNewcomer(options: NewcomerOptions): Promise<Running> {
  const { environment, log } = options;
  const { listen: address, grpc, dataDir } = newcomerSettings(environment);
  const server = await listen(address, log);
  const origin = server.origin;
  const running: { grpc?: GrpcServer; assembly?: Assembly; examples?: ExampleAgents } = {};
  const close = async () => {
    running.assembly?.endStreams();
    await Promise.all([server.close(), running.grpc?.close()]);
    await running.examples?.close();
    await running.assembly?.close();
  };
  try {
    if (grpc.enabled) running.grpc = await openFreeGrpc(grpc, environment, log);
    const settings = newcomerSettings(environment, origin, running.grpc?.address);
    const assembly = await assemble(settings, log);
    running.assembly = assembly;
    const issuer = await devIssuer(origin, dataDir);
    const examples = await startExampleAgents({
      ...options.examples,
      requireToken: { issuer: issuer.issuer, audience: exampleAudience, jwksUrl: issuer.jwksUrl },
    });
    running.examples = examples;
    server.serve(assembly.gateway, issuer);
    running.grpc?.serve(assembly.gateway, settings);
    await seedExamples(assembly.gateway, { issuer, agents: examples.agents, gatewayUrl: origin });
    return { url: origin, ...(running.grpc && { grpcAddress: running.grpc.address }), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** On the port that was named, or else on the usual one, or where that is taken on a free one: a newcomer has chosen none. */
async function openFreeGrpc(
  grpc: Settings['grpc'],
  environment: NewcomerOptions['environment'],
  log: Log,
): Promise<GrpcServer> {
  try {
    return await openGrpc({ grpc }, log);
  } catch (error) {
    if (!(error instanceof ListenError) || environment[grpcPortVariable] !== undefined) throw error;
    return openGrpc({ grpc: { ...grpc, listen: { ...grpc.listen, port: 0 } } }, log);
  }
}

async function devIssuer(origin: string, dataDir: string): Promise<DevIssuer> {
  const signingKeys = await loadOrCreateSigningKeys(join(dataDir, 'dev-issuer.json'));
  return createDevIssuer({
    issuer: `${origin}/dev/issuer`,
    audience: origin,
    agentAudience: exampleAudience,
    signingKeys,
  });
}

/** Variables this mode does not take: with another issuer, address or way out, or callers without a token, it would not be this mode. */
const fixedVariables =
  /^A2A_GATEWAY_(?:PUBLIC_URL|AGENTS_PATH|ISSUERS|LISTEN_HOST|TESTING_\w+|UPSTREAM_\w+|PUSH_UPSTREAM_\w+|GRPC_(?!ENABLED|LISTEN_PORT|MAX)\w+)$/;
const grpcPortVariable = 'A2A_GATEWAY_GRPC_LISTEN_PORT';

const onThisMachine = { allowHttp: true, allowAddresses: ['127.0.0.0/8', '::1/128'] };

/**
 * The settings of newcomer mode.
 * @param origin where it listens; the default serves to check the rest before it does
 * @param publicAuthority where it listens for gRPC; likewise
 * @throws ConfigError
 */
export function newcomerSettings(
  environment: NewcomerOptions['environment'],
  origin = 'http://127.0.0.1:8080',
  publicAuthority = '127.0.0.1:50051',
): Settings {
  const fixed = Object.keys(environment).filter((name) => fixedVariables.test(name));
  if (fixed.length > 0)
    throw new ConfigError(fixed.map((name) => `${name}: not in newcomer mode; use serve`));
  const file = {
    publicUrl: origin,
    issuers: [{ issuer: `${origin}/dev/issuer`, audiences: [origin] }],
    upstream: onThisMachine,
    push: { upstream: onThisMachine },
    grpc: { enabled: true, publicAuthority },
    log: { level: 'warn' },
  };
  return parseSettings(file, environment);
}
