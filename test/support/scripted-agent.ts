import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it reached an agent. */
export interface SeenRequest {
  method: string;
  /** The request target, letter for letter. */
  target: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export type Script = (request: SeenRequest, response: ServerResponse, incoming: IncomingMessage) => void;

/** An agent that answers what a test scripts, and remembers what it was asked. */
export interface ScriptedAgent {
  url: string;
  cardUrl: string;
  /** Requests since the start, card fetches left out. */
  seen: SeenRequest[];
  /** Connections open now. */
  openConnections(): Promise<number>;
  /** Sets what is answered to everything but the card. */
  script(script: Script): void;
  /** Sets the card; a text is served as it is. */
  card(card: Record<string, unknown> | string): void;
  close(): Promise<void>;
}

/** Answers JSON. */
export function answerJson(body: unknown, status = 200, type = 'application/json'): Script {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': type });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
}

/** A call to an agent whose answer the test gives. */
export interface HeldCall {
  request: SeenRequest;
  response: ServerResponse;
  /** Resolves when the gateway has closed the connection, or the answer is complete. */
  closed: Promise<void>;
}

/** The agent's next call, left unanswered. */
export function nextCall(agent: ScriptedAgent): Promise<HeldCall> {
  return new Promise((resolve) => {
    agent.script((request, response) => {
      const closed = new Promise<void>((close) => response.once('close', close));
      resolve({ request, response, closed });
    });
  });
}

/** Answers these pieces of an event stream, each in a write of its own, and ends. */
export function answerEvents(...pieces: string[]): Script {
  return (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const piece of pieces) response.write(piece);
    response.end();
  };
}

/** A card of both served bindings, every capability declared. */
export function cardAt(url: string, members: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    name: 'Scripted',
    description: 'Answers what it is told to.',
    version: '1.0.0',
    supportedInterfaces: [
      { url: `${url}/rpc`, protocolBinding: 'JSONRPC', protocolVersion: '1.0' },
      { url: `${url}/rest`, protocolBinding: 'HTTP+JSON', protocolVersion: '1.0' },
    ],
    capabilities: { streaming: true, pushNotifications: true, extendedAgentCard: true },
    defaultInputModes: ['text/plain'],
    defaultOutputModes: ['text/plain'],
    skills: [{ id: 'say', name: 'Say', description: 'Says.', tags: ['test'] }],
    ...members,
  };
}

export async function startScriptedAgent(): Promise<ScriptedAgent> {
  const seen: SeenRequest[] = [];
  let script: Script = answerJson({});
  let card = '';
  const server = createServer(async (incoming, response) => {
    if (incoming.url?.split('?', 1)[0] === '/.well-known/agent-card.json') {
      response.setHeader('content-type', 'application/json');
      response.end(card);
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer); // A request without encoding yields buffers.
    const { method = '', url = '', headers } = incoming;
    const request = { method, target: url, headers, body: Buffer.concat(chunks).toString('utf8') };
    seen.push(request);
    script(request, response, incoming);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  card = JSON.stringify(cardAt(url));
  return {
    url,
    cardUrl: `${url}/.well-known/agent-card.json`,
    seen,
    openConnections: () =>
      new Promise((resolve, reject) =>
        server.getConnections((error, count) => (error === null ? resolve(count) : reject(error))),
      ),
    script(next) {
      script = next;
    },
    card(next) {
      card = typeof next === 'string' ? next : JSON.stringify(next);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
