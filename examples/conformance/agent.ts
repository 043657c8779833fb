import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jsonRpcHandler, restHandler, UserBuilder } from '@a2a-js/sdk/server/express';
import express, { type Express } from 'express';
import { AGENT_CARD_PATH, jsonBody } from '../agents/agent.ts';
import { type Addresses, type CardOptions, publicCard, sdkCard } from './card.ts';
import { ConformanceExecutor } from './executor.ts';
import { listenGrpc } from './grpc-server.ts';
import { ConformanceHandler } from './handler.ts';
import { protocols as allProtocols, type Protocol } from './protocols.ts';
import { answerVendorError } from './vendor-error.ts';

export interface ConformanceAgentOptions {
  /** In order of preference. Default: all. */
  protocols?: readonly Protocol[];
  /** Of HTTP. Default 0, a free one. */
  port?: number;
  /** Default 0, a free one. */
  grpcPort?: number;
  /** What the agent calls a while; kits of A2A want 2 000. Default 2 000. */
  paceMs?: number;
  /** Whether the card declares it. Default true. */
  streaming?: boolean;
  /** Whether the card declares them. Default true. */
  pushNotifications?: boolean;
  /** `declared`: the card says there is one, and there is none. Default `served`. */
  extendedCard?: 'served' | 'declared' | 'none';
  /** Whether callers must know the agent's extension. Default false. */
  requireExtension?: boolean;
}

export interface ConformanceAgent {
  /** Without a trailing slash. */
  url: string;
  cardUrl: string;
  /** `host:port`; nothing is served there without a gRPC protocol. */
  grpcTarget: string;
  /** Ends all work and open streams, and frees the ports. */
  close(): Promise<void>;
}

/**
 * Starts an agent, on loopback, that behaves as the id of each message says (`behaviours.ts`, and `handler.ts` for
 * errors), over every binding of A2A 1.0 and 0.3 that it is told to offer: JSON-RPC at `/a2a/jsonrpc`, HTTP+JSON at the
 * root, of 0.3 below `/v1`, gRPC at a port of its own. All of them work on the same tasks.
 */
export async function startConformanceAgent(
  options: ConformanceAgentOptions = {},
): Promise<ConformanceAgent> {
  const app = express().disable('x-powered-by');
  const http = app.listen(options.port ?? 0, '127.0.0.1');
  await once(http, 'listening');
  // A listening TCP server always has an AddressInfo; the other types are of pipes and closed servers.
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const grpc = await listenGrpc(options.grpcPort ?? 0).catch((error) => {
    http.close();
    throw error;
  });
  const at = { url, grpcTarget: `127.0.0.1:${grpc.port}` };
  const executor = new ConformanceExecutor(options.paceMs ?? 2_000);
  const card = cardOptionsOf(options);
  const requestHandler = handlerOf(card, at, executor, options.extendedCard ?? 'served');
  mount(app, card, at, requestHandler);
  grpc.serve(requestHandler, card.protocols);
  return {
    ...at,
    cardUrl: `${url}${AGENT_CARD_PATH}`,
    async close() {
      executor.stop();
      grpc.close();
      await closeServer(http);
    },
  };
}

function cardOptionsOf(options: ConformanceAgentOptions): CardOptions {
  return {
    protocols: options.protocols ?? allProtocols,
    streaming: options.streaming ?? true,
    pushNotifications: options.pushNotifications ?? true,
    extendedCard: options.extendedCard !== 'none',
    requireExtension: options.requireExtension ?? false,
  };
}

function handlerOf(
  card: CardOptions,
  at: Addresses,
  executor: ConformanceExecutor,
  extendedCard: 'served' | 'declared' | 'none',
): ConformanceHandler {
  return new ConformanceHandler({
    card: sdkCard(card, at),
    executor,
    ...(extendedCard === 'served' && { extendedCard: sdkCard(card, at, { extended: true }) }),
  });
}

function mount(app: Express, card: CardOptions, at: Addresses, requestHandler: ConformanceHandler): void {
  const { protocols } = card;
  const userBuilder = UserBuilder.noAuthentication;
  const sdk = (older: Protocol) => ({
    requestHandler,
    userBuilder,
    legacyCompat: { enabled: protocols.includes(older) },
  });
  // Served by hand: the SDK's own card route writes its in-memory form of security schemes, not ProtoJSON.
  app.get(AGENT_CARD_PATH, (request, response) => {
    response.vary('A2A-Version').json(publicCard(card, at, request.get('a2a-version')));
  });
  if (protocols.some((protocol) => protocol.startsWith('jsonrpc-'))) {
    app.use('/a2a/jsonrpc', ...jsonBody('jsonrpc'), answerVendorError('jsonrpc'));
    app.use('/a2a/jsonrpc', jsonRpcHandler(sdk('jsonrpc-0.3')));
  }
  if (protocols.some((protocol) => protocol.startsWith('http-json-'))) {
    app.use(...jsonBody('rest'), answerVendorError('rest'), restHandler(sdk('http-json-0.3')));
  }
}

async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  // Open streams would hold the server for as long as their callers listen.
  server.closeAllConnections();
  await closed;
}
