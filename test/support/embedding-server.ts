import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json as readJson } from 'node:stream/consumers';
import { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime';
import { NodeHttpHandler } from '@smithy/node-http-handler';

/** What goes wrong, for as many requests as is said. */
export type EmbeddingFault =
  | 'throttled'
  | 'broken'
  | 'unauthorized'
  | 'garbage'
  | 'other length'
  | 'other count'
  | 'twice the same index'
  | 'text for a number'
  | 'beyond floats'
  | 'zeros'
  | 'huge'
  | 'redirect'
  | 'silent'
  | 'stalling';

export interface EmbeddingRequest {
  path: string;
  headers: IncomingMessage['headers'];
  body: Record<string, unknown>;
}

export interface EmbeddingServer {
  /** Of the endpoint in the style of OpenAI. */
  openAiUrl: string;
  /** Where the client of Bedrock is sent. */
  bedrockUrl: string;
  requests: EmbeddingRequest[];
  /** Most requests that were under way at once. */
  mostUnderWay(): number;
  /** The next `times` requests fail so. Default: all. */
  fail(fault: EmbeddingFault, times?: number): void;
  /** Requests from now on wait until what this answers is called. */
  hold(): () => void;
  /** Resolves once this many requests have come. */
  received(count: number): Promise<void>;
  close(): Promise<void>;
}

export interface EmbeddingServerOptions {
  /** What the model answers by itself. Default 64. */
  dimensions?: number;
  /** What happens to `dimensions` on the wire of OpenAI. Default `obeys`. */
  dimensionsMember?: 'obeys' | 'ignores' | 'refuses';
}

/**
 * Both wires of an embedding service over one model, which knows words but not what they mean: texts that share words are
 * near to each other. Like real ones it refuses empty texts and text that is not Unicode.
 */
export async function startEmbeddingServer(options: EmbeddingServerOptions = {}): Promise<EmbeddingServer> {
  const requests: EmbeddingRequest[] = [];
  const fault: { kind?: EmbeddingFault; left: number } = { left: 0 };
  let underWay = 0;
  let mostUnderWay = 0;
  let gate = Promise.resolve();
  const server = createServer((incoming, outgoing) => {
    // A caller may leave before its body has come.
    serve(incoming, outgoing).catch(() => outgoing.destroy());
  });

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    underWay += 1;
    mostUnderWay = Math.max(mostUnderWay, underWay);
    let isUnderWay = true;
    const leave = () => {
      if (isUnderWay) underWay -= 1;
      isUnderWay = false;
    };
    outgoing.on('close', leave);
    const body = (await readJson(incoming)) as Record<string, unknown>;
    requests.push({ path: incoming.url ?? '', headers: incoming.headers, body });
    server.emit('received');
    await gate;
    // Before the answer, upon which the next request may come.
    leave();
    const wire = incoming.url?.startsWith('/model/') ? bedrockWire : openAiWire;
    const isFaulty = fault.kind !== undefined && fault.left-- > 0;
    if (isFaulty && fault.kind) answerFaulty(fault.kind, wire, { incoming, outgoing, body });
    else answer(outgoing, wire(body, options));
  }

  await once(server.listen(0, '127.0.0.1'), 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    openAiUrl: `${origin}/v1`,
    bedrockUrl: origin,
    requests,
    mostUnderWay: () => mostUnderWay,
    fail(kind, times = Number.POSITIVE_INFINITY) {
      Object.assign(fault, { kind, left: times });
    },
    hold() {
      let open = () => {};
      gate = new Promise((resolve) => {
        open = resolve;
      });
      return open;
    },
    async received(count) {
      while (requests.length < count) await once(server, 'received');
    },
    async close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

interface Answer {
  status: number;
  headers?: Record<string, string>;
  body: unknown;
}

type Wire = (body: Record<string, unknown>, options: EmbeddingServerOptions) => Answer;

const openAiWire: Wire = ({ input, dimensions }, { dimensions: own = 64, dimensionsMember = 'obeys' }) => {
  if (dimensions !== undefined && dimensionsMember === 'refuses') {
    return { status: 400, body: { error: { message: 'Model does not support matryoshka representation' } } };
  }
  if (!Array.isArray(input) || !input.every(isText))
    return { status: 400, body: { error: '$.input is invalid' } };
  const length = dimensionsMember === 'obeys' ? Number(dimensions ?? own) : own;
  const data = input.map((text: string, index) => ({
    object: 'embedding',
    index,
    embedding: embedding(text, length),
  }));
  // The order of the array means nothing, the index does.
  return { status: 200, body: { object: 'list', data: data.reverse(), model: 'words' } };
};

const bedrockWire: Wire = ({ inputText, dimensions }) =>
  isText(inputText)
    ? {
        status: 200,
        body: { embedding: embedding(inputText, Number(dimensions)), inputTextTokenCount: 1 },
      }
    : {
        status: 400,
        headers: { 'x-amzn-errortype': 'ValidationException' },
        body: { message: 'Malformed input' },
      };

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '' && !/\p{Surrogate}/u.test(value);
}

function answer(outgoing: ServerResponse, { status, headers, body }: Answer): void {
  outgoing.writeHead(status, { 'content-type': 'application/json', ...headers });
  outgoing.end(typeof body === 'string' ? body : JSON.stringify(body));
}

interface Exchange {
  incoming: IncomingMessage;
  outgoing: ServerResponse;
  body: Record<string, unknown>;
}

function answerFaulty(fault: EmbeddingFault, wire: Wire, { incoming, outgoing, body }: Exchange): void {
  if (fault === 'silent') return;
  if (fault === 'stalling') {
    outgoing.writeHead(200, { 'content-type': 'application/json' }).write('{');
    return;
  }
  const plain = plainFaults(incoming)[fault];
  const right = wire(body, {}).body as Spoilable; // No text of a test that asks for a fault is refused.
  answer(outgoing, plain ?? { status: 200, body: spoilt(fault, right) });
}

function plainFaults({ headers, url }: IncomingMessage): Partial<Record<EmbeddingFault, Answer>> {
  const key = headers.authorization?.replace(/^Bearer /, '') ?? '';
  return {
    throttled: {
      status: 429,
      headers: { 'x-amzn-errortype': 'ThrottlingException' },
      body: { message: 'slow down' },
    },
    broken: { status: 503, body: { message: 'the model is loading' } },
    unauthorized: {
      status: 401,
      headers: { 'x-amzn-errortype': 'UnrecognizedClientException' },
      body: { error: { message: `Incorrect API key provided: ${key.slice(0, 6)}****${key.slice(-4)}` } },
    },
    garbage: { status: 200, body: '<html>no such thing</html>' },
    huge: { status: 200, body: `{"data":[${'0.125,'.repeat(8_000_000)}0]}` },
    redirect: { status: 307, headers: { location: `/elsewhere${url}` }, body: '' },
  };
}

interface Spoilable {
  data?: { index: number; embedding: unknown[] }[];
  embedding?: unknown[];
}

function spoilt(fault: EmbeddingFault, right: Spoilable): unknown {
  const rows = right.data ?? [];
  if (fault === 'other count') return { ...right, data: rows.slice(1), embedding: undefined };
  if (fault === 'twice the same index') return { ...right, data: rows.map((row) => ({ ...row, index: 0 })) };
  const one = (embedding: unknown[]): unknown[] => {
    if (fault === 'other length') return embedding.slice(1);
    if (fault === 'zeros') return embedding.map(() => 0);
    if (fault === 'text for a number') return ['0.5', ...embedding.slice(1)];
    return [1e300, ...embedding.slice(1)];
  };
  return {
    ...right,
    ...(right.embedding && { embedding: one(right.embedding) }),
    data: rows.map((row) => ({ ...row, embedding: one(row.embedding) })),
  };
}

/** Each word is a step along one axis, told by its first letters. */
function embedding(text: string, dimensions: number): number[] {
  const vector = new Array<number>(dimensions).fill(0);
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [text]) {
    let hash = 7;
    for (const letter of word.slice(0, 5)) hash = (Math.imul(hash, 31) + (letter.codePointAt(0) ?? 0)) >>> 0;
    const axis = hash % dimensions;
    vector[axis] = (vector[axis] ?? 0) + 1;
  }
  return vector;
}

/** A client that finds the server as it would find any endpoint, and waits but a moment before it tries again. */
export function bedrockClient({ bedrockUrl }: EmbeddingServer): BedrockRuntimeClient {
  return new BedrockRuntimeClient({
    region: 'eu-central-1',
    endpoint: bedrockUrl,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    requestHandler: new NodeHttpHandler(),
    maxAttempts: 3,
  });
}
