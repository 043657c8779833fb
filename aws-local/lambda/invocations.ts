import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { FunctionError } from './function-error.ts';

/** What a function answered: one piece, or a stream that is read as fast as its reader wants. */
export type Answer =
  | { mode: 'buffered'; body: Buffer }
  | {
      mode: 'streaming';
      contentType: string;
      /**
       * Pulled, so a slow reader slows the function; leaving the loop early closes the connection.
       * @throws FunctionError where the function broke off
       */
      chunks: AsyncIterable<Uint8Array>;
      /** Closes the connection at once, a read under way included: nobody reads on. */
      close(): void;
    };

export interface InvokeOptions {
  deadlineMs: number;
  functionArn: string;
  reader?: AbortSignal | undefined;
}

export interface Invocation {
  id: string;
  resolve(answer: Answer): void;
  reject(error: FunctionError): void;
  /** The connection on which the runtime answers. */
  response?: IncomingMessage;
}

/** What one runtime is doing: waiting for an event, at one, or neither because it starts or has failed. */
export interface Invocations {
  /** The one under way. */
  current(): Invocation | undefined;
  idle(): Promise<void>;
  invoke(event: string, options: InvokeOptions): Promise<Answer>;
  /** The runtime asks for an event, which ends the invocation before. */
  next(response: ServerResponse): void;
  fail(error: FunctionError): void;
}

/** @param closeConnections ends every connection of the runtime: how it learns that nobody waits any more */
export function createInvocations(closeConnections: () => void): Invocations {
  let asking: ServerResponse | undefined;
  let current: Invocation | undefined;
  let failure: FunctionError | undefined;
  const waiting: { resolve(): void; reject(error: FunctionError): void }[] = [];

  function leave(invocation: Invocation): void {
    if (current !== invocation || invocation.response !== undefined) return;
    invocation.reject(readerLeft());
    closeConnections();
  }

  return {
    current: () => current,
    idle: () =>
      new Promise((resolve, reject) => {
        if (failure !== undefined) reject(failure);
        else if (asking !== undefined) resolve();
        else waiting.push({ resolve, reject });
      }),
    invoke: (event, options) =>
      new Promise((resolve, reject) => {
        if (failure !== undefined) return reject(failure);
        if (options.reader?.aborted) return reject(readerLeft());
        if (asking === undefined) return reject(new TypeError('the runtime does not wait for an event'));
        const invocation: Invocation = { id: randomUUID(), resolve, reject };
        current = invocation;
        options.reader?.addEventListener('abort', () => leave(invocation));
        asking.writeHead(200, headersOf(invocation.id, options)).end(event);
        asking = undefined;
      }),
    next(response) {
      current = undefined;
      asking = response;
      response.once('close', () => {
        if (asking === response) asking = undefined;
      });
      for (const waiter of waiting.splice(0)) waiter.resolve();
    },
    fail(error) {
      failure ??= error;
      for (const waiter of waiting.splice(0)) waiter.reject(error);
      current?.reject(error);
      current?.response?.destroy(error);
    },
  };
}

function readerLeft(): FunctionError {
  return new FunctionError('Runtime.ReaderLeft', 'nobody waits for the answer');
}

function headersOf(id: string, { deadlineMs, functionArn }: InvokeOptions) {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  return {
    'content-type': 'application/json',
    'lambda-runtime-aws-request-id': id,
    'lambda-runtime-deadline-ms': String(deadlineMs),
    'lambda-runtime-invoked-function-arn': functionArn,
    'lambda-runtime-trace-id': `Root=1-${seconds}-${id.replaceAll('-', '').slice(0, 24)};Sampled=0`,
  };
}
