import { join } from 'node:path';
import { type ExampleAgents, startExampleAgents } from '../../../examples/agents/serve.ts';
import { ConfigError, parseSettings, type Settings } from '../../config.ts';
import type { Log } from '../../ports.ts';
import { type Assembly, assemble } from './assemble.ts';
import { createDevIssuer, type DevIssuer } from './dev-issuer.ts';
import { loadOrCreateSigningKeys } from './dev-issuer-keys.ts';
import { listen } from './http-server.ts';
import { seedExamples } from './newcomer-seed.ts';
import type { Running } from './serve.ts';

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
  const { listen: address, dataDir } = newcomerSettings(environment);
  const server = await listen(address, log);
  const origin = server.origin;
  const running: { assembly?: Assembly; examples?: ExampleAgents } = {};
  const close = async () => {
    running.assembly?.endStreams();
    await server.close();
    await running.examples?.close();
    await running.assembly?.close();
  };
  try {
    const assembly = await assemble(newcomerSettings(environment, origin), log);
    running.assembly = assembly;
    const issuer = await devIssuer(origin, dataDir);
    const examples = await startExampleAgents({
      ...options.examples,
      requireToken: { issuer: issuer.issuer, audience: exampleAudience, jwksUrl: issuer.jwksUrl },
    });
    running.examples = examples;
    server.serve(assembly.gateway, issuer);
    await seedExamples(assembly.gateway, { issuer, agents: examples.agents, gatewayUrl: origin });
    return { url: origin, close };
  } catch (error) {
    await close();
    throw error;
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
  /^A2A_GATEWAY_(?:PUBLIC_URL|AGENTS_PATH|ISSUERS|LISTEN_HOST|TESTING_\w+|UPSTREAM_\w+)$/;

/**
 * The settings of newcomer mode.
 * @param origin where it listens; the default serves to check the rest before it does
 * @throws ConfigError
 */
export function newcomerSettings(
  environment: NewcomerOptions['environment'],
  origin = 'http://127.0.0.1:8080',
): Settings {
  const fixed = Object.keys(environment).filter((name) => fixedVariables.test(name));
  if (fixed.length > 0)
    throw new ConfigError(fixed.map((name) => `${name}: not in newcomer mode; use serve`));
  const file = {
    publicUrl: origin,
    issuers: [{ issuer: `${origin}/dev/issuer`, audiences: [origin] }],
    upstream: { allowHttp: true, allowAddresses: ['127.0.0.0/8', '::1/128'] },
    log: { level: 'warn' },
  };
  return parseSettings(file, environment);
}
