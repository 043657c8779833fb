import * as z from 'zod';
import type { Upstream, UpstreamResponse } from '../../ports.ts';
import type { Embedder } from '../embedder.ts';
import { createDeadlines, type DeadlinesMs } from './deadlines.ts';
import { type Batch, createTextQueue } from './text-queue.ts';
import { cleanTexts, maxTexts, toUnitVector } from './texts.ts';

export interface OpenAiEmbedderOptions {
  upstream: Upstream;
  /** Base URL: `/embeddings` is put behind its path, its query stays. */
  url: string;
  model: string;
  dimensions: number;
  /** Sent as a bearer token, never logged. */
  apiKey?: string;
  /** Until the answer is read. Default 3000 for a query, 30 000 for documents: servers without a GPU are slow. */
  deadlinesMs?: DeadlinesMs;
}

/** Of one request, so that reading its answer takes some 5 ms of the event loop (measured). */
const maxNumbers = 32_768;
/** A number as text takes some 22 bytes; the rest is what servers put around. */
const maxBytesPerDimension = 32;
const maxBytesAround = 64 * 1024;
const maxErrorBytes = 16 * 1024;
const maxExcerptChars = 200;
/** The settings allow no more. */
const largestDimensions = 4_096;

const answerSchema = z.object({
  data: z.array(z.object({ index: z.int().min(0), embedding: z.array(z.number()) })),
});

/**
 * An endpoint in the style of OpenAI, called through the one way out and under its rules: `POST {url}/embeddings`, up to
 * 64 texts a request, fewer where vectors are long; at most 8 requests at once, two of them kept for queries. Nothing is
 * tried again here.
 *
 * `dimensions` is sent only once the server has answered vectors of another length: several servers refuse the member,
 * and where the model has this length by itself it says nothing. A server that then still answers another length is
 * refused.
 *
 * @throws TypeError where the key holds what no header can; the message does not hold it
 */
export function createOpenAiEmbedder(options: OpenAiEmbedderOptions): Embedder {
  const { upstream, model, dimensions, deadlinesMs = { query: 3_000, document: 30_000 } } = options;
  const base = baseOf(options.url);
  const url = endpointOf(base);
  const headers = headersWith(options.apiKey);
  const deadlines = createDeadlines(deadlinesMs);
  let asksDimensions = false;

  async function run(batch: Batch): Promise<Float32Array[]> {
    return deadlines.within(batch, async (signal) => {
      const asked = asksDimensions;
      const rows = await request(batch.texts, signal, asked);
      if (asked || rows.every((row) => row.length === dimensions)) return rows.map(toVector);
      const shortened = (await request(batch.texts, signal, true)).map(toVector);
      asksDimensions = true;
      return shortened;
    });
  }

  async function request(
    texts: readonly string[],
    signal: AbortSignal,
    withDimensions: boolean,
  ): Promise<number[][]> {
    const body = { model, input: texts, encoding_format: 'float', ...(withDimensions && { dimensions }) };
    const response = await upstream.send({
      ...{ method: 'POST', url, headers, body: JSON.stringify(body), caller: { signal } },
      ...{ headersTimeoutMs: deadlinesMs.document, idleTimeoutMs: deadlinesMs.document },
    });
    if (response.status !== 200) throw await refusalOf(response, options.apiKey);
    // Until it is known that the server shortens vectors they may be as long as any.
    const longest = withDimensions ? dimensions : Math.max(dimensions, largestDimensions);
    const bytes = await response.bytes(texts.length * longest * maxBytesPerDimension + maxBytesAround);
    return inOrder(answerSchema.parse(JSON.parse(new TextDecoder().decode(bytes))).data, texts.length);
  }

  function toVector(row: number[]): Float32Array {
    return toUnitVector(row, dimensions);
  }

  const queue = createTextQueue({
    run,
    maxBatchTexts: Math.min(maxTexts, Math.max(1, Math.floor(maxNumbers / dimensions))),
    ...{ lanes: 8, documentLanes: 6, maxBatchChars: Number.POSITIVE_INFINITY, maxWaitingTexts: 256 },
  });
  return {
    model: { id: `openai:${base.host}${base.pathname}:${model}:${dimensions}`, dimensions },
    embed: async (texts, purpose) => queue.embed(cleanTexts(texts), purpose),
    async close() {
      queue.close();
      deadlines.end();
    },
  };
}

/** A base URL without what ends its path, so that one endpoint has one name. */
function baseOf(text: string): URL {
  const url = new URL(text);
  url.pathname = url.pathname.replace(/\/+$/, '');
  url.hash = '';
  return url;
}

function endpointOf(base: URL): URL {
  const url = new URL(base);
  url.pathname = `${base.pathname.replace(/\/$/, '')}/embeddings`;
  return url;
}

function headersWith(apiKey: string | undefined): Record<string, string> {
  if (apiKey !== undefined && !/^[\x21-\x7e]+$/.test(apiKey)) {
    throw new TypeError('the API key holds a blank or another character that no header can');
  }
  return {
    'content-type': 'application/json',
    accept: 'application/json',
    'user-agent': 'a2a-gateway',
    ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
  };
}

/** Rows of an answer as the texts went in. */
function inOrder(data: z.output<typeof answerSchema>['data'], count: number): number[][] {
  if (data.length !== count) throw new Error(`the endpoint answers ${data.length} vectors, not ${count}`);
  const rows = new Map(data.map(({ index, embedding }) => [index, embedding]));
  return Array.from({ length: count }, (_, index) => {
    const row = rows.get(index);
    if (row === undefined) throw new Error(`the endpoint answers no vector of index ${index}`);
    return row;
  });
}

/** What to log of an answer that is none: its status, and what it says as long as that holds nothing of the key. */
async function refusalOf(response: UpstreamResponse, apiKey = ''): Promise<Error> {
  const { status } = response;
  const said = await excerptOf(response).catch(() => '');
  return new Error(
    `the endpoint answers ${status}${said === '' || holdsPart(said, apiKey) ? '' : `: ${said}`}`,
  );
}

async function excerptOf(response: UpstreamResponse): Promise<string> {
  const text = new TextDecoder().decode(await response.bytes(maxErrorBytes));
  return text
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, maxExcerptChars);
}

/** Servers like to repeat a wrong key with stars in its middle. */
function holdsPart(text: string, secret: string): boolean {
  const partChars = Math.min(4, secret.length);
  if (partChars === 0) return false;
  for (let at = 0; at + partChars <= secret.length; at++) {
    if (text.includes(secret.slice(at, at + partChars))) return true;
  }
  return false;
}
