import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * - `throttle`: refused before the server behind sees it
 * - `conflict`: a transaction is refused because of another one; DynamoDB Local itself never does that
 * - `server error`: status 500, the server behind sees nothing
 * - `lost answer`: the server behind does it, and the connection breaks before the answer
 */
export type Fault = 'throttle' | 'conflict' | 'server error' | 'lost answer';

/** What happens to a call, by its operation, its number from 0 and what it says. */
export type FaultOf = (operation: string, n: number, body: Buffer) => Fault | undefined;

export interface FaultProxy {
  endpoint: string;
  /** How many calls met each fault so far. */
  readonly met: Record<Fault, number>;
  close(): Promise<void>;
}

/**
 * An HTTP proxy before a DynamoDB, or another service of AWS that speaks as it does.
 * @param behind its endpoint, which may be known only when the first call comes
 */
export async function startFaultProxy(
  behind: string | (() => string),
  faultOf: FaultOf,
): Promise<FaultProxy> {
  const met = { throttle: 0, conflict: 0, 'server error': 0, 'lost answer': 0 };
  let calls = 0;
  const server = createServer(async (incoming, response) => {
    const operation = `${incoming.headers['x-amz-target']}`.split('.').at(-1) ?? '';
    const body = await bodyOf(incoming);
    const fault = faultOf(operation, calls++, body);
    if (fault !== undefined) met[fault]++;
    if (fault === 'throttle') return refuse(response, 400, 'ThrottlingException');
    if (fault === 'conflict') {
      return refuse(response, 400, 'TransactionCanceledException', [{ Code: 'TransactionConflict' }]);
    }
    if (fault === 'server error') return refuse(response, 500, 'InternalServerError');
    const answer = await forward(typeof behind === 'string' ? behind : behind(), incoming, body);
    const answerBody = await bodyOf(answer);
    if (fault === 'lost answer') return void incoming.socket.destroy();
    response.writeHead(answer.statusCode ?? 500, answer.headers).end(answerBody);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // A TCP server that listens has a port.
  return {
    endpoint: `http://127.0.0.1:${port}`,
    met,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function refuse(
  response: ServerResponse,
  status: number,
  name: string,
  CancellationReasons?: unknown[],
): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
  const __type = `com.amazonaws.dynamodb.v20120810#${name}`;
  response.end(JSON.stringify({ __type, message: 'by the proxy', CancellationReasons }));
}

async function forward(behind: string, incoming: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
  const outgoing = request(behind + incoming.url, { method: incoming.method, headers: incoming.headers });
  outgoing.end(body);
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
  return answer;
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer); // No encoding is set.
  return Buffer.concat(chunks);
}
