import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { AGENT_CARD_PATH, type ExampleAgent } from './agent.ts';
import { createBooking } from './booking.ts';
import { createEcho } from './echo.ts';
import { createResearcher } from './researcher.ts';
import { createTokenGate, type TokenGate, type TokenRequirement } from './token-gate.ts';
import { createVeteran } from './veteran.ts';
import { createWriter } from './writer.ts';

export interface ExampleAgentsOptions {
  /** Time between two tokens of the writer. Default 40. */
  tokenDelayMs?: number;
  /** Time each step of the researcher takes. Default 500. */
  stepMs?: number;
  /** When given, the writer and the researcher demand such a token on everything but their card. */
  requireToken?: TokenRequirement;
}

export interface ServedAgent {
  agentId: string;
  baseUrl: string;
  cardUrl: string;
  /** Of the interfaces its card lists. */
  protocolVersion: '1.0' | '0.3';
  requiresToken: boolean;
}

export interface ExampleAgents {
  agents: ServedAgent[];
  /** Stops all work, ends open streams and frees the ports. Safe to call twice. */
  close(): Promise<void>;
}

/** Starts the five example agents, each a server of its own on a free loopback port. */
export async function startExampleAgents(options: ExampleAgentsOptions = {}): Promise<ExampleAgents> {
  const gate = options.requireToken && createTokenGate(options.requireToken);
  const running = await Promise.all([
    serve(createEcho()),
    serve(createWriter(options), gate),
    serve(createResearcher(options), gate),
    serve(createBooking()),
    serve(createVeteran()),
  ]);
  return {
    agents: running.map(({ served }) => served),
    async close() {
      await Promise.all(running.map(({ close }) => close()));
    },
  };
}

async function serve(
  agent: ExampleAgent,
  gate?: TokenGate,
): Promise<{ served: ServedAgent; close(): Promise<void> }> {
  const app = express().disable('x-powered-by');
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A listening TCP server always has an AddressInfo; the other types are of pipes and closed servers.
  const { port } = server.address() as AddressInfo;
  const baseUrl = `http://127.0.0.1:${port}`;
  agent.mount(app, gate ? { baseUrl, gate } : { baseUrl });
  const { agentId, protocolVersion } = agent;
  const cardUrl = `${baseUrl}${AGENT_CARD_PATH}`;
  return {
    served: { agentId, baseUrl, cardUrl, protocolVersion, requiresToken: gate !== undefined },
    close: () => closeServer(agent, server),
  };
}

async function closeServer(agent: ExampleAgent, server: Server): Promise<void> {
  if (!server.listening) return;
  agent.stop();
  const closed = once(server, 'close');
  server.close();
  // Open streams would hold the server for as long as their callers listen.
  server.closeAllConnections();
  await closed;
}
