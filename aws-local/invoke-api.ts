import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerEvents } from './invoke-stream.ts';
import { FunctionError } from './lambda/function-error.ts';
import type { LocalFunction } from './lambda/function-pool.ts';

export interface InvokeApi {
  /** For `aws lambda invoke --endpoint-url`, and for curl. */
  endpoint: string;
  close(): Promise<void>;
}

const operations = {
  '2015-03-31/functions/invocations': invoke,
  '2021-11-15/functions/response-streaming-invocations': invokeWithResponseStream,
} as const;

/**
 * Lambda's operations Invoke and InvokeWithResponseStream, for functions nothing here calls by itself: a schedule's, and
 * those that agents run on. A function is named by its name or its ARN. No signature is verified.
 */
export async function startInvokeApi(functions: readonly LocalFunction[]): Promise<InvokeApi> {
  const byName = new Map(
    functions.flatMap((each) => [
      [each.definition.name, each] as const,
      [each.definition.arn, each] as const,
    ]),
  );
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const [, version, name = '', kind] = /^\/([^/]+)\/functions\/([^/]+)\/([^/]+)$/.exec(pathname) ?? [];
    const operation = Object.entries(operations).find(
      ([path]) => path === `${version}/functions/${kind}`,
    )?.[1];
    const localFunction = byName.get(decodeURIComponent(name));
    if (request.method !== 'POST' || operation === undefined || localFunction === undefined)
      return answer(response, 404, { Message: `Function not found: ${name}`, Type: 'User' });
    await operation(localFunction, request, response).catch(() => response.destroy());
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
  const event = await eventOf(request);
  try {
    const result = await localFunction.invoke(event);
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

async function invokeWithResponseStream(
  localFunction: LocalFunction,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const event = await eventOf(request);
  const left = new AbortController();
  response.on('close', () => left.abort());
  try {
    await answerEvents(localFunction.invoke(event, left.signal), response);
  } catch (error) {
    if (!(error instanceof FunctionError)) throw error;
    response.setHeader('x-amzn-errortype', error.errorType);
    answer(response, 429, {
      Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
      message: error.message,
    });
  }
}

async function eventOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer); // Without an encoding, buffers.
  const text = Buffer.concat(chunks).toString();
  return JSON.parse(text === '' ? '{}' : text);
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
