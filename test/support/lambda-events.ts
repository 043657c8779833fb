import type { LambdaContext, StreamingHandler } from '../../src/runtimes/lambda/awslambda.ts';
import type { ProxyResult } from '../../src/runtimes/lambda/buffered.ts';
import type { ProxyEvent } from '../../src/runtimes/lambda/event.ts';
import { ResponseStream, toResponse } from './response-stream.ts';

/** How an API is reached: under its own host, with a stage, or under a custom domain, with its base path. */
export type Reached = { stage: string } | { basePath: string };

export interface EventOptions {
  method?: string;
  /** Repeated names become multiple values. */
  headers?: readonly (readonly [string, string])[];
  /** Bytes travel as base64, a text as it is. */
  body?: string | Uint8Array;
  reached?: Reached;
  /** In place of what API Gateway would send. */
  members?: Record<string, unknown>;
}

/** The event API Gateway makes of a request target, which it takes as it stands. */
export function proxyEvent(target: string, options: EventOptions = {}): ProxyEvent {
  const { method = 'GET', headers = [], body, reached = { stage: 'prod' }, members } = options;
  const mark = target.indexOf('?');
  const path = mark === -1 ? target : target.slice(0, mark);
  const query = mark === -1 ? [] : queryPairs(target.slice(mark + 1));
  const isStage = 'stage' in reached;
  const stage = isStage ? reached.stage : 'prod';
  return {
    httpMethod: method,
    path: isStage ? path : reached.basePath + path,
    headers: lastOf(headers),
    multiValueHeaders: allOf(headers),
    queryStringParameters: lastOf(query),
    multiValueQueryStringParameters: allOf(query),
    body: body === undefined ? null : typeof body === 'string' ? body : Buffer.from(body).toString('base64'),
    isBase64Encoded: body !== undefined && typeof body !== 'string',
    requestContext: { stage, path: isStage ? `/${stage}${path}` : reached.basePath + path },
    ...members,
  };
}

type Pairs = readonly (readonly [string, string])[];

/** API Gateway decodes the query as a form. */
function queryPairs(query: string): Pairs {
  return query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const [name = '', ...rest] = pair.split('=');
      return [formDecoded(name), formDecoded(rest.join('='))];
    });
}

function formDecoded(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}

function lastOf(pairs: Pairs): Record<string, string> | null {
  return pairs.length === 0 ? null : Object.fromEntries(pairs);
}

function allOf(pairs: Pairs): Record<string, string[]> | null {
  const all: Record<string, string[]> = Object.create(null);
  for (const [name, value] of pairs) all[name] = [...(all[name] ?? []), value];
  return pairs.length === 0 ? null : all;
}

/** The event of what would be fetched. */
export async function eventOf(request: Request): Promise<ProxyEvent> {
  const { pathname, search } = new URL(request.url);
  const bytes = new Uint8Array(await request.arrayBuffer());
  return proxyEvent(pathname + search, {
    method: request.method,
    headers: [...request.headers],
    ...(bytes.length > 0 && { body: bytes }),
  });
}

/** An invocation with this much time. Default 60 s. */
export function contextWith(remainingMs = 60_000): LambdaContext {
  return { getRemainingTimeInMillis: () => remainingMs };
}

/** A streamed invocation under way. */
export interface Invocation {
  stream: ResponseStream;
  /** The answer, once its prelude is here. */
  response: Promise<Response>;
  /** Resolves when the handler has ended. */
  done: Promise<void>;
}

/** Invokes a streaming handler; its caller leaves when the signal fires. */
export function invoke(
  handler: StreamingHandler,
  event: unknown,
  { context = contextWith(), signal }: { context?: LambdaContext; signal?: AbortSignal } = {},
): Invocation {
  const stream = new ResponseStream();
  signal?.addEventListener('abort', () => stream.destroy());
  const done = handler(event, stream, context);
  const response = toResponse(stream);
  response.catch(() => {}); // Whoever waits for it is told; one who has left does not.
  return { stream, response, done };
}

/** A buffered answer as a caller sees it. */
export function responseOf({ statusCode, multiValueHeaders, body, isBase64Encoded }: ProxyResult): Response {
  const headers = Object.entries(multiValueHeaders).flatMap(([name, values]) =>
    values.map((value): [string, string] => [name, value]),
  );
  const isBodiless = statusCode === 204 || statusCode === 304;
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  return new Response(isBodiless ? null : bytes, { status: statusCode, headers });
}
