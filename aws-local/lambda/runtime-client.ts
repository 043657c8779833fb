/**
 * Stands in for AWS's runtime interface client (aws-lambda-ric 4, the one of `nodejs24.x`), and runs as a plain Node
 * process of its own: loads a handler, asks the Runtime API for one event after the other, and posts what the handler
 * answers. It hands a streaming handler no more than AWS's client does, and treats its promise the same way.
 */
import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

type Stream = Record<string, unknown>;
type Handler = ((event: unknown, ...rest: unknown[]) => unknown) & { [streaming]?: 'response' };

const streaming = Symbol.for('aws.lambda.runtime.handler.streaming');
const preludeType = 'application/vnd.awslambda.http-integration-response';
const [hostname = '', port = ''] = (process.env.AWS_LAMBDA_RUNTIME_API ?? '').split(':');
const agent = new Agent({ keepAlive: true });

Object.assign(globalThis, {
  awslambda: {
    streamifyResponse(handler: Handler): Handler {
      handler[streaming] = 'response';
      return handler;
    },
    HttpResponseStream: {
      from(stream: Stream & { setContentType(type: string): void }, prelude: unknown): Stream {
        stream.setContentType(preludeType);
        const text = JSON.stringify(prelude);
        stream._onBeforeFirstWrite = (write: (chunk: string | Uint8Array) => void) => {
          write(text);
          write(new Uint8Array(8));
        };
        return stream;
      },
    },
  },
});

interface Received {
  event: unknown;
  id: string;
  context: Record<string, unknown>;
}

async function main(): Promise<void> {
  let handler: Handler;
  try {
    handler = await loadHandler(process.env._HANDLER ?? '');
  } catch (thrown) {
    await post('init/error', thrown);
    process.exit(1);
  }
  for (;;) {
    const received = await nextEvent();
    await (handler[streaming] === 'response' ? runStreaming : runBuffered)(handler, received);
  }
}

async function loadHandler(name: string): Promise<Handler> {
  const [file = '', member = ''] = name.split('.');
  const path = join(process.env.LAMBDA_TASK_ROOT ?? '', `${file}.mjs`);
  const module: unknown = await import(pathToFileURL(path).href);
  const handler: unknown = Reflect.get(module as object, member); // An imported module is an object.
  if (typeof handler !== 'function') {
    const error = new Error(`${name} is undefined or not exported`);
    error.name = 'Runtime.HandlerNotFound';
    throw error;
  }
  return handler as Handler; // Whether it takes events shows when it is called.
}

function nextEvent(): Promise<Received> {
  return new Promise((resolve) => {
    const asked = open('GET', 'invocation/next', async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer); // Without an encoding, buffers.
      const header = (name: string) => String(response.headers[name] ?? '');
      const id = header('lambda-runtime-aws-request-id');
      process.env._X_AMZN_TRACE_ID = header('lambda-runtime-trace-id');
      const deadlineMs = Number(header('lambda-runtime-deadline-ms'));
      const context = contextOf(id, header('lambda-runtime-invoked-function-arn'), deadlineMs);
      resolve({ event: JSON.parse(Buffer.concat(chunks).toString()), id, context });
    });
    // Nobody is there to ask any more: the local stack has gone, and this process goes with it.
    asked.on('error', () => process.exit(1)).end();
  });
}

function contextOf(id: string, functionArn: string, deadlineMs: number): Record<string, unknown> {
  return {
    awsRequestId: id,
    invokedFunctionArn: functionArn,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    getRemainingTimeInMillis: () => deadlineMs - Date.now(),
  };
}

async function runBuffered(handler: Handler, { event, id, context }: Received): Promise<void> {
  let body: string;
  try {
    body = JSON.stringify((await handler(event, context)) ?? null);
  } catch (thrown) {
    process.stderr.write(`Invoke Error ${describe(thrown)}\n`);
    return post(`invocation/${id}/error`, thrown);
  }
  await send(`invocation/${id}/response`, body);
}

async function runStreaming(handler: Handler, { event, id, context }: Received): Promise<void> {
  const { stream, answered, fail } = openStream(id);
  try {
    const result = handler(event, stream, context);
    if (!(result instanceof Promise)) throw new Error('Streaming does not support non-async handlers.');
    await result;
    // As AWS's client does: a stream that is never ended keeps the function until its time is over.
    await answered;
    if (stream.writableFinished !== true) throw new Error('Response stream is not finished.');
  } catch (thrown) {
    process.stderr.write(`Invoke Error ${describe(thrown)}\n`);
    await fail(thrown);
  }
}

/** What of the request a handler gets to see: a stream in the manner of `Writable`, and no more. */
const members: readonly string[] = [
  ...['cork', 'destroy', 'end', 'uncork', 'write', 'addListener', 'on', 'once', 'prependListener'],
  ...['prependOnceListener', 'off', 'removeListener', 'removeAllListeners', 'setMaxListeners', 'emit'],
  ...['getMaxListeners', 'listeners', 'rawListeners', 'listenerCount', 'eventNames', 'setContentType'],
];
const properties: readonly string[] = [
  ...['destroyed', '_onBeforeFirstWrite', 'writableFinished', 'writableObjectMode', 'writableEnded'],
  ...['writableNeedDrain', 'writableHighWaterMark', 'writableCorked', 'writableLength', 'writable'],
];

function openStream(id: string) {
  let settle: { resolve(): void; reject(error: Error): void } = { resolve() {}, reject() {} };
  const answered = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject };
  });
  answered.catch(() => {}); // Looked at only once the handler is done.
  const posted = open('POST', `invocation/${id}/response`, (response) => {
    response.resume().once('end', () => settle.resolve());
  }) as ClientRequest & Stream; // It carries what AWS's client hangs on it.
  posted.setHeader('lambda-runtime-function-response-mode', 'streaming');
  posted.setHeader('transfer-encoding', 'chunked');
  posted.setHeader('trailer', 'Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body');
  posted.setHeader('content-type', 'application/octet-stream');
  posted.on('error', (error) => settle.reject(error));
  posted.on('close', () => settle.reject(new Error('the response connection was closed')));
  posted.setContentType = (type: string) => posted.setHeader('content-type', type);
  const write = posted.write.bind(posted) as (chunk: unknown, ...rest: unknown[]) => boolean; // Any overload.
  let isFirst = true;
  posted.write = (chunk: unknown, ...rest: unknown[]): boolean => {
    if (isFirst && typeof posted._onBeforeFirstWrite === 'function') posted._onBeforeFirstWrite(write);
    isFirst = false;
    return write(
      typeof chunk === 'string' || chunk instanceof Uint8Array ? chunk : JSON.stringify(chunk),
      ...rest,
    );
  };
  return { stream: facadeOf(posted), answered, fail: (thrown: unknown) => failStream(posted, thrown) };
}

function facadeOf(posted: Stream): Stream {
  const stream: Stream = {};
  for (const name of members) {
    const member = posted[name];
    if (typeof member === 'function') stream[name] = member.bind(posted);
  }
  for (const name of properties) {
    Object.defineProperty(stream, name, {
      get: () => posted[name],
      set: (value) => {
        posted[name] = value;
      },
    });
  }
  return stream;
}

/** An error in mid-stream travels behind the body, in trailers. */
function failStream(posted: ClientRequest, thrown: unknown): Promise<void> {
  if (posted.destroyed || posted.writableEnded) return Promise.resolve();
  const body = Buffer.from(JSON.stringify(errorOf(thrown))).toString('base64');
  posted.addTrailers({
    'Lambda-Runtime-Function-Error-Type': errorOf(thrown).errorType,
    'Lambda-Runtime-Function-Error-Body': body,
  });
  return new Promise((resolve) => {
    posted.once('close', resolve);
    posted.end();
  });
}

function post(path: string, thrown: unknown): Promise<void> {
  const error = errorOf(thrown);
  return send(path, JSON.stringify(error), { 'lambda-runtime-function-error-type': error.errorType });
}

function send(path: string, body: string, headers: Record<string, string> = {}): Promise<void> {
  return new Promise((resolve, reject) => {
    const posted = open('POST', path, (response) => response.resume().once('end', () => resolve()));
    for (const [name, value] of Object.entries(headers)) posted.setHeader(name, value);
    posted.setHeader('content-type', 'application/json');
    posted.on('error', reject).end(body);
  });
}

function open(
  method: string,
  path: string,
  onResponse: (response: IncomingMessage) => unknown,
): ClientRequest {
  return request({ hostname, port, agent, method, path: `/2018-06-01/runtime/${path}` }, onResponse);
}

function errorOf(thrown: unknown): { errorType: string; errorMessage: string; stackTrace: string[] } {
  if (!(thrown instanceof Error))
    return { errorType: typeof thrown, errorMessage: String(thrown), stackTrace: [] };
  const stackTrace = (thrown.stack ?? '').split('\n').slice(1);
  return { errorType: thrown.name, errorMessage: thrown.message, stackTrace };
}

function describe(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
}

// Last, when all of the module is there.
await main();
