import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { parseSettings, type Settings } from '../../src/config.ts';
import type { Log } from '../../src/ports.ts';
import { serve } from '../../src/runtimes/node/serve.ts';
import { type ConformanceAgent, type ConformanceAgentOptions, startConformanceAgent } from './agent.ts';
import { type AdminIssuer, startAdminIssuer } from './issuer.ts';

export interface ConformanceGatewayOptions {
  agent?: ConformanceAgentOptions;
  /** Default 0, a free one. */
  port?: number;
  /** In which versions the gateway offers the agent. Default: in all, whatever it speaks itself. */
  protocolVersions?: readonly ('1.0' | '0.3')[];
  log: Log;
}

export interface ConformanceGateway {
  /** What a kit is given: the agent as the gateway presents it. */
  agentUrl: string;
  cardUrl: string;
  /** The agent itself. */
  agent: ConformanceAgent;
  close(): Promise<void>;
}

const agentId = 'conformance';
const scope = 'conformance';
const audience = 'conformance';

/** Starts the conformance agent and, of `gateway.yaml`, a gateway before it that needs no token, agent registered and permitted. */
export async function startConformanceGateway(
  options: ConformanceGatewayOptions,
): Promise<ConformanceGateway> {
  const [agent, issuer] = await Promise.all([startConformanceAgent(options.agent), startAdminIssuer()]);
  const dataDir = mkdtempSync(join(tmpdir(), 'a2a-conformance-'));
  const ends: (() => Promise<void>)[] = [
    agent.close,
    issuer.close,
    async () => rmSync(dataDir, { recursive: true }),
  ];
  const close = async () => {
    for (const end of ends.splice(0)) await end();
  };
  try {
    const settings = settingsFor(issuer, options.port || (await freePort()), dataDir);
    const gateway = await serve(settings, options.log);
    ends.unshift(gateway.close);
    await register(gateway.url, agent, options.protocolVersions, await issuer.token(audience));
    const agentUrl = `${gateway.url}/agents/${agentId}`;
    return { agentUrl, cardUrl: `${agentUrl}/.well-known/agent-card.json`, agent, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function settingsFor({ issuer, jwksUrl }: AdminIssuer, port: number, dataDir: string): Settings {
  const file = parse(readFileSync(join(import.meta.dirname, 'gateway.yaml'), 'utf8'));
  return parseSettings(
    {
      ...file,
      publicUrl: `http://127.0.0.1:${port}`,
      listen: { ...file.listen, port },
      issuers: [{ issuer, jwksUrl, audiences: [audience], allowScopes: ['gateway:admin'] }],
      dataDir,
    },
    {},
  );
}

/** Cards name the port, so that it must be known before the gateway listens. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // A TCP server that listens has one.
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function register(
  gatewayUrl: string,
  { cardUrl }: ConformanceAgent,
  protocolVersions: ConformanceGatewayOptions['protocolVersions'],
  token: string,
): Promise<void> {
  await put('POST', '/admin/agents', { agentId, agentCardUrl: cardUrl, publicCard: true, protocolVersions });
  await put('PUT', `/admin/permissions/${scope}`, {
    allowedAgents: [agentId],
    operations: ['send', 'stream', 'read', 'cancel', 'push'],
  });

  async function put(method: string, path: string, body: unknown): Promise<void> {
    const answer = await fetch(gatewayUrl + path, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`);
  }
}
