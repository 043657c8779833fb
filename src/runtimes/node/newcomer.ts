import { join } from 'node:path';
import { type ExampleAgents, startExampleAgents } from '../../../examples/agents/serve.ts';
import { parseSettings, type Settings } from '../../config.ts';
import type { Log } from '../../ports.ts';
import { type Assembly, assemble } from './assemble.ts';
import { createDevIssuer, type DevIssuer } from './dev-issuer.ts';
import { loadOrCreateSigningKeys } from './dev-issuer-keys.ts';
import { listen } from './http-server.ts';
import { seedExamples } from './newcomer-seed.ts';
import type { Running } from './serve.ts';

export interface NewcomerOptions {
  /** 0 picks a free one. */
  port: number;
  dataDir: string;
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
  const { port, dataDir, log } = options;
  const server = await listen({ host: '127.0.0.1', port }, log);
  const origin = server.origin;
  const running: { assembly?: Assembly; examples?: ExampleAgents } = {};
  const close = async () => {
    running.assembly?.endStreams();
    await server.close();
    await running.examples?.close();
    await running.assembly?.close();
  };
  try {
    const assembly = await assemble(newcomerSettings(origin, dataDir), log);
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

function newcomerSettings(origin: string, dataDir: string): Settings {
  const settings = {
    publicUrl: origin,
    issuers: [{ issuer: `${origin}/dev/issuer`, audiences: [origin] }],
    upstream: { allowHttp: true, allowAddresses: ['127.0.0.0/8', '::1/128'] },
    dataDir,
  };
  return parseSettings(settings, {});
}
