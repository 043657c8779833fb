import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FunctionError } from './lambda/function-error.ts';
import type { LocalFunction } from './lambda/function-pool.ts';

export interface InvokeApi {
  /** For `aws lambda invoke --endpoint-url`, and for curl. */
  endpoint: string;
  close(): Promise<void>;
}

/** Lambda's Invoke operation, for functions nothing here calls by itself: a schedule's, above all. */
export async function startInvokeApi(functions: readonly LocalFunction[]): Promise<InvokeApi> {
  const byName = new Map(functions.map((each) => [each.definition.name, each]));
  const server = createServer(async (request, response) => {
    const [, name = ''] = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(request.url ?? '') ?? [];
    const localFunction = byName.get(decodeURIComponent(name));
    if (request.method !== 'POST' || localFunction === undefined)
      return answer(response, 404, { Message: `Function not found: ${name}`, Type: 'User' });
    await invoke(localFunction, request, response).catch(() => response.destroy());
  });
  server.requestTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, // A TCP server that listens has one.
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function invoke(
  localFunction: LocalFunction,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer); // Without an encoding, buffers.
  const text = Buffer.concat(chunks).toString();
  try {
    const result = await localFunction.invoke(JSON.parse(text === '' ? '{}' : text));
    if (result.mode === 'buffered') {
      response.writeHead(200, { 'content-type': 'application/json', 'x-amz-executed-version': '$LATEST' });
      response.end(result.body);
    } else {
      for await (const chunk of result.chunks) response.write(chunk);
      response.end();
    }
  } catch (error) {
    if (!(error instanceof FunctionError)) throw error;
    response.setHeader('x-amz-function-error', 'Unhandled');
    answer(response, 200, { errorType: error.errorType, errorMessage: error.message });
  }
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
