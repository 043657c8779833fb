import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FunctionError, parseFunctionError } from './function-error.ts';
import { type Answer, createInvocations, type Invocations, type InvokeOptions } from './invocations.ts';

export interface RuntimeApi {
  /** `host:port`, for `AWS_LAMBDA_RUNTIME_API`. */
  address: string;
  /** Resolves when the runtime asks for an event: after its start, and after each invocation. @throws FunctionError */
  idle(): Promise<void>;
  /**
   * Hands over one event; only when idle.
   * @param options.reader when it fires before the answer begins, nobody waits any more: connections are closed, on one
   *   of which the function would have streamed
   * @throws FunctionError
   */
  invoke(event: string, options: InvokeOptions): Promise<Answer>;
  /** Ends what is under way with an error: the process has died or its time is over. */
  fail(error: FunctionError): void;
  close(): Promise<void>;
}

const maxBufferedBytes = 6 * 1024 * 1024;
const prefix = '/2018-06-01/runtime/';

type Route = (request: IncomingMessage, response: ServerResponse) => unknown;

/** One execution environment's side of the Lambda Runtime API: it serves one runtime, one invocation at a time. */
export async function startRuntimeApi(): Promise<RuntimeApi> {
  const invocations = createInvocations(() => server.closeAllConnections());
  const server = createRuntimeServer(invocations);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`, // A TCP server that listens has one.
    idle: invocations.idle,
    invoke: invocations.invoke,
    fail: invocations.fail,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function createRuntimeServer(invocations: Invocations): Server {
  const routes: Record<string, Route> = {
    'GET invocation/next': (_, response) => invocations.next(response),
    'POST response': (request, response) => takeAnswer(invocations, request, response),
    'POST error': async (request, response) => {
      const invocation = invocations.current();
      invocation?.reject(parseFunctionError((await readAll(request)).toString(), errorTypeOf(request)));
      accept(response);
    },
    'POST init/error': async (request, response) => {
      invocations.fail(parseFunctionError((await readAll(request)).toString(), errorTypeOf(request)));
      accept(response);
    },
  };
  const server = createServer(async (request, response) => {
    const path = (request.url ?? '').startsWith(prefix) ? (request.url ?? '').slice(prefix.length) : '';
    const [, id, what] = /^invocation\/([^/]+)\/(response|error)$/.exec(path) ?? [];
    if (id !== undefined && id !== invocations.current()?.id) return refuse(response, request);
    const route = routes[`${request.method} ${what ?? path}`];
    if (route === undefined) return refuse(response, request, 404);
    // A runtime that dies while it posts is told of by its exit.
    await Promise.resolve(route(request, response)).catch(() => response.destroy());
  });
  // A function may think for as long as its timeout lets it, its response connection open and not a byte sent.
  return Object.assign(server, { requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 0 });
}

async function takeAnswer(
  invocations: Invocations,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const invocation = invocations.current();
  if (invocation === undefined || invocation.response !== undefined) return refuse(response, request);
  invocation.response = request;
  if (request.headers['lambda-runtime-function-response-mode'] === 'streaming') {
    request.once('end', () => accept(response));
    request.on('error', () => {}); // Who reads is told; there may be nobody.
    const contentType = request.headers['content-type'] ?? 'application/octet-stream';
    // A loop that is left takes the socket off the request first, and would leave the connection open.
    const { socket } = request;
    const close = () => void (request.complete || socket.destroy());
    invocation.resolve({ mode: 'streaming', contentType, chunks: chunksOf(request, close), close });
    return;
  }
  const body = await readAll(request);
  if (body.length <= maxBufferedBytes) invocation.resolve({ mode: 'buffered', body });
  else
    invocation.reject(new FunctionError('Function.ResponseSizeTooLarge', 'Response payload size exceeded'));
  accept(response);
}

async function* chunksOf(request: IncomingMessage, close: () => void): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of request) yield chunk as Buffer; // Without an encoding, buffers.
  } catch (cause) {
    if (cause instanceof FunctionError) throw cause;
    throw new FunctionError('Runtime.StreamError', 'The response stream ended early');
  } finally {
    close();
  }
  const errorType = request.trailers['lambda-runtime-function-error-type'];
  const errorBody = request.trailers['lambda-runtime-function-error-body'] ?? '';
  if (errorType !== undefined)
    throw parseFunctionError(Buffer.from(errorBody, 'base64').toString(), errorType);
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer); // Without an encoding, buffers.
  return Buffer.concat(chunks);
}

function errorTypeOf(request: IncomingMessage): string {
  const type = request.headers['lambda-runtime-function-error-type'];
  return typeof type === 'string' ? type : 'Unhandled';
}

function accept(response: ServerResponse): void {
  response.writeHead(202, { 'content-type': 'application/json' }).end('{"status":"OK"}');
}

function refuse(response: ServerResponse, request: IncomingMessage, status = 400): void {
  request.resume();
  const error = { errorType: 'InvalidRequestID', errorMessage: 'No such invocation is under way' };
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(error));
}
