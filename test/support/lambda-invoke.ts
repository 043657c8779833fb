import { createServer, type ServerResponse } from 'node:http';
import { EventStreamCodec } from '@smithy/eventstream-codec';
import {
  admitted,
  answerAwsError,
  closeServer,
  exampleKeys,
  type Keys,
  keysOf,
  listen,
  wireRequest,
} from './aws-service.ts';

/** Stands in for the Lambda API, as far as InvokeWithResponseStream goes. The SDK's own client is held against it. */
export interface LambdaApi {
  url: string;
  keys: Keys;
  functionArn: string;
  /** Invocations since the start, card fetches left out. */
  invoked: Invocation[];
  /** Sets what the function does with every event but those for its card. */
  script(script: FunctionScript): void;
  /** Sets the card the function answers, for the path all agents have. */
  card(card: unknown): void;
  /** Lambda itself refuses the next invocations; undefined: it does not. */
  refuse(refusal: { status: number; type: string; headers?: Record<string, string> } | undefined): void;
  close(): Promise<void>;
}

export interface Invocation {
  qualifier: string | null;
  event: HttpEvent;
}

/** Payload format 2.0, as far as functions read it. */
export interface HttpEvent {
  version: string;
  rawPath: string;
  rawQueryString: string;
  headers: Record<string, string>;
  queryStringParameters?: Record<string, string>;
  requestContext: {
    http: { method: string; path: string };
    requestId: string;
    time: string;
    timeEpoch: number;
  };
  body?: string;
  isBase64Encoded: boolean;
}

/** What a function can do with its answer. */
export interface FunctionAnswer {
  /** `awslambda.HttpResponseStream.from`: the head, eight NULs. */
  head(head: { statusCode?: number; headers?: Record<string, unknown> }): void;
  write(piece: string | Uint8Array): void;
  end(): void;
  /** The function ends with an error. */
  fail(code: string, details?: string): void;
  /** A message of the stream that is none of the function's. */
  message(headers: Record<string, string>, body?: string): void;
  /** The connection, for what Lambda never does. */
  response: ServerResponse;
}

export type FunctionScript = (event: HttpEvent, answer: FunctionAnswer) => void;

export const functionArn = 'arn:aws:lambda:eu-west-1:123456789012:function:my-agent';

/** Answers as a function that does not stream: its whole result as one payload. */
export function answerBuffered(result: unknown): FunctionScript {
  return (_event, answer) => {
    answer.write(typeof result === 'string' ? result : JSON.stringify(result));
    answer.end();
  };
}

/** Answers as one that streams. */
export function answerStreamed(
  head: Parameters<FunctionAnswer['head']>[0],
  ...pieces: (string | Uint8Array)[]
): FunctionScript {
  return (_event, answer) => {
    answer.head(head);
    for (const piece of pieces) answer.write(piece);
    answer.end();
  };
}

const encoder = new TextEncoder();
const codec = new EventStreamCodec(
  (bytes) => (typeof bytes === 'string' ? bytes : new TextDecoder().decode(bytes)),
  (text) => encoder.encode(text),
);

/** One message of an event stream. */
export function eventMessage(headers: Record<string, string>, body: string | Uint8Array = ''): Uint8Array {
  const typed = Object.entries(headers).map(([name, value]) => [name, { type: 'string' as const, value }]);
  const bytes = typeof body === 'string' ? encoder.encode(body) : body;
  return codec.encode({ headers: Object.fromEntries(typed), body: bytes });
}

export function payloadChunk(piece: string | Uint8Array): Uint8Array {
  const headers = {
    ':event-type': 'PayloadChunk',
    ':content-type': 'application/octet-stream',
    ':message-type': 'event',
  };
  return eventMessage(headers, piece);
}

export function invokeComplete(said: object = {}): Uint8Array {
  const headers = {
    ':event-type': 'InvokeComplete',
    ':content-type': 'application/json',
    ':message-type': 'event',
  };
  return eventMessage(headers, JSON.stringify(said));
}

function answerOn(response: ServerResponse): FunctionAnswer {
  response.writeHead(200, {
    'content-type': 'application/vnd.amazon.eventstream',
    'x-amz-executed-version': '$LATEST',
  });
  response.flushHeaders();
  return {
    head({ statusCode, headers = {} }) {
      const prelude = JSON.stringify({ ...(statusCode !== undefined && { statusCode }), headers });
      response.write(payloadChunk(Buffer.concat([Buffer.from(prelude), Buffer.alloc(8)])));
    },
    write: (piece) => void response.write(payloadChunk(piece)),
    end: () => void response.end(invokeComplete()),
    fail: (ErrorCode, ErrorDetails = '') => void response.end(invokeComplete({ ErrorCode, ErrorDetails })),
    message: (headers, body) => void response.write(eventMessage(headers, body)),
    response,
  };
}

export async function startLambda(): Promise<LambdaApi> {
  let script: FunctionScript = answerBuffered({ statusCode: 200, body: '{}' });
  let card: unknown = {};
  let refusal: Parameters<LambdaApi['refuse']>[0];
  const server = createServer(async (incoming, response) => {
    const request = await wireRequest(incoming);
    const { pathname, searchParams } = new URL(request.target, api.url);
    const [, name = ''] =
      /^\/2021-11-15\/functions\/([^/]+)\/response-streaming-invocations$/.exec(pathname) ?? [];
    const signed = {
      keys: api.keys,
      region: 'eu-west-1',
      service: 'lambda',
      nowMs: Date.now(),
      allowUnsigned: true,
    };
    if (!admitted(request, response, signed)) return;
    if (refusal !== undefined) return answerAwsError(response, refusal.status, refusal.type, refusal.headers);
    if (request.method !== 'POST' || decodeURIComponent(name) !== functionArn)
      return answerAwsError(response, 404, 'ResourceNotFoundException');
    const event = JSON.parse(Buffer.from(request.body).toString()) as HttpEvent; // What a caller sends; tests look at it.
    const answer = answerOn(response);
    if (event.rawPath === '/.well-known/agent-card.json') {
      answerBuffered({ statusCode: 200, body: JSON.stringify(card) })(event, answer);
      return;
    }
    api.invoked.push({ qualifier: searchParams.get('Qualifier'), event });
    script(event, answer);
  });
  const api: LambdaApi = {
    url: await listen(server),
    keys: keysOf(exampleKeys),
    functionArn,
    invoked: [],
    script(next) {
      script = next;
    },
    card(next) {
      card = next;
    },
    refuse(next) {
      refusal = next;
    },
    close: () => closeServer(server),
  };
  return api;
}
