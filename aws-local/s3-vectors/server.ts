import type { IncomingMessage, ServerResponse } from 'node:http';
import { listenOnLoopback } from '../listener.ts';
import { isOperation, type Operation, Operations } from './operations.ts';
import { ServiceError } from './service-error.ts';

/**
 * - `throttle`: refused before anything is done
 * - `unavailable`: the same, with status 503
 * - `lost answer`: it is done, and the connection breaks before the answer
 * - `silence`: nothing is done, and no answer comes
 */
export type S3VectorsFault = 'throttle' | 'unavailable' | 'lost answer' | 'silence';

export interface S3VectorsServerOptions {
  /** Default: one that is free. */
  port?: number;
  /** Buckets there are from the beginning. */
  vectorBucketNames?: readonly string[];
  /** Pages of QueryVectors and ListVectors are cut to this. Default: to the service's own limits. */
  pageSize?: number;
  /** A query holds only so many of the nearest vectors against its filter, and misses the others. Default: all. */
  examined?: number;
  /** Told every call, with its body; answers what is to go wrong with it, if anything. */
  meets?(
    operation: Operation,
    body: unknown,
  ): S3VectorsFault | undefined | Promise<S3VectorsFault | undefined>;
}

export interface S3VectorsServer {
  url: string;
  close(): Promise<void>;
}

const maxBodyBytes = 20 * 1_024 * 1_024;

/**
 * Amazon S3 Vectors on loopback, in memory: REST-JSON, the documented limits, filters and errors. Checks that a call is
 * signed but not by whom; has no tags, policies, keys or ARNs as addresses.
 */
export async function startS3VectorsServer(options: S3VectorsServerOptions = {}): Promise<S3VectorsServer> {
  const { port = 0, vectorBucketNames = [], pageSize = Infinity, examined = Infinity } = options;
  const operations = new Operations({ pageSize, examined });
  for (const name of vectorBucketNames) operations.run('CreateVectorBucket', { vectorBucketName: name });
  const listener = await listenOnLoopback(port);
  listener.serve((request, response) => {
    void serve(request, response, operations, options.meets ?? (() => undefined)).catch((error: unknown) => {
      if (response.headersSent) return void request.socket.destroy();
      const known = error instanceof ServiceError ? error : undefined;
      answer(response, known?.status ?? 500, { message: known?.message ?? 'internal' }, known?.name);
    });
  });
  return { url: listener.origin, close: listener.close };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  operations: Operations,
  meets: NonNullable<S3VectorsServerOptions['meets']>,
): Promise<void> {
  const text = await bodyOf(request);
  const operation = request.url?.slice(1) ?? '';
  if (request.method !== 'POST' || !isOperation(operation))
    return answer(response, 404, { message: 'unknown' });
  if (!request.headers.authorization?.startsWith('AWS4-HMAC-SHA256 '))
    throw new ServiceError('AccessDeniedException', 'the call is not signed');
  const body = parsed(text);
  const fault = await meets(operation, body);
  if (fault === 'silence') return;
  if (fault === 'throttle') throw new ServiceError('TooManyRequestsException', 'slow down');
  if (fault === 'unavailable') throw new ServiceError('ServiceUnavailableException', 'come back later');
  const result = operations.run(operation, body);
  if (fault === 'lost answer') return void request.socket.destroy();
  answer(response, 200, result);
}

function answer(response: ServerResponse, status: number, body: object, errorName?: string): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    ...(status >= 400 && { 'x-amzn-errortype': errorName ?? 'InternalServerException' }),
  });
  response.end(JSON.stringify(body));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length; // No encoding is set.
    if (bytes <= maxBodyBytes) chunks.push(chunk as Buffer);
  }
  if (bytes > maxBodyBytes) throw new ServiceError('ValidationException', 'more than 20 MiB');
  return Buffer.concat(chunks).toString();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ServiceError('ValidationException', 'no JSON');
  }
}
