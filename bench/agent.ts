import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { contextId, eventsPerStream, sendAnswer, streamEvent } from './messages.ts';

/**
 * The agent behind the proxies: answers at once, streams as fast as it is read, takes whatever credential it is shown.
 * With a certificate it speaks TLS, and demands one of its callers where it is told an authority.
 */
const tls = JSON.parse(process.argv[2] ?? 'null') as { cert: string; key: string; ca?: string } | null;
const server =
  tls === null
    ? createServer(answer)
    : createTlsServer({ ...tls, requestCert: tls.ca !== undefined, rejectUnauthorized: true }, answer);

function answer(request: IncomingMessage, response: ServerResponse): void {
  if (request.url === '/.well-known/agent-card.json') {
    response.setHeader('content-type', 'application/json').end(JSON.stringify(card()));
    return;
  }
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const asked = Buffer.concat(chunks);
    if (!asked.includes('SendStreamingMessage')) {
      const begun = asked.includes('"first"') ? sendAnswer.replace(contextId, randomUUID()) : sendAnswer;
      response.writeHead(200, { 'content-type': 'application/json' }).end(begun);
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    let sent = 0;
    const next = () => {
      response.write(streamEvent);
      if (++sent === eventsPerStream) response.end();
      else setImmediate(next);
    };
    next();
  });
}

function card(): unknown {
  return {
    name: 'Bench',
    description: 'Answers at once.',
    version: '1.0.0',
    supportedInterfaces: [{ url: `${origin()}/rpc`, protocolBinding: 'JSONRPC', protocolVersion: '1.0' }],
    capabilities: { streaming: true },
    defaultInputModes: ['text/plain'],
    defaultOutputModes: ['text/plain'],
    skills: [{ id: 'say', name: 'Say', description: 'Says.', tags: ['bench'] }],
  };
}

function origin(): string {
  // A name, as agents have: a literal address would be judged at every call.
  return `${tls === null ? 'http' : 'https'}://localhost:${(server.address() as AddressInfo).port}`;
}

// Longer than the turns of all the others, so that connections stay warm between two of one's own.
server.keepAliveTimeout = 120_000;
server.listen(0, '127.0.0.1', () => process.send?.({ url: origin() }));
process.on('disconnect', () => process.exit());
