import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';
import { listenOnLoopback } from './listener.ts';

export interface BedrockServerOptions {
  /** Default: one that is free. */
  port?: number;
  /** The vector of a text, of this many numbers; its length is made 1 where that is asked for. */
  embed(text: string, dimensions: number): Promise<ArrayLike<number>>;
}

export interface BedrockServer {
  url: string;
  close(): Promise<void>;
}

const maxBodyBytes = 1_024 * 1_024;
const invokePath = /^\/model\/([^/]{1,2048})\/invoke$/;

/** What Titan Text Embeddings V2 takes. */
const inputSchema = z.strictObject({
  inputText: z.string().min(1).max(50_000),
  dimensions: z.union([z.literal(256), z.literal(512), z.literal(1_024)]).default(1_024),
  normalize: z.boolean().default(true),
});

/** Amazon Bedrock on loopback, as far as embeddings of Titan's shape go: any model's id is taken for one of them. */
export async function startBedrockServer({ port = 0, embed }: BedrockServerOptions): Promise<BedrockServer> {
  const listener = await listenOnLoopback(port);
  listener.serve((request, response) => {
    void serve(request, response, embed).catch(() =>
      answer(response, 500, { message: 'internal' }, 'InternalServerException'),
    );
  });
  return { url: listener.origin, close: listener.close };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  embed: BedrockServerOptions['embed'],
): Promise<void> {
  const text = await bodyOf(request);
  if (request.method !== 'POST' || !invokePath.test(request.url ?? ''))
    return answer(response, 404, { message: 'no such model' }, 'ResourceNotFoundException');
  const input = inputSchema.safeParse(parsed(text));
  // A text of blanks has no token for Titan.
  if (!input.success || input.data.inputText.trim() === '')
    return answer(response, 400, { message: 'malformed input' }, 'ValidationException');
  const { inputText, dimensions, normalize } = input.data;
  const vector = [...Array.from(await embed(inputText, dimensions))];
  const length = Math.hypot(...vector);
  const embedding = normalize && length > 0 ? vector.map((value) => value / length) : vector;
  const inputTextTokenCount = inputText.split(/\s+/).length;
  answer(response, 200, { embedding, embeddingsByType: { float: embedding }, inputTextTokenCount });
}

function answer(response: ServerResponse, status: number, body: object, errorName?: string): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    ...(errorName !== undefined && { 'x-amzn-errortype': errorName }),
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
  return bytes > maxBodyBytes ? '' : Buffer.concat(chunks).toString();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
