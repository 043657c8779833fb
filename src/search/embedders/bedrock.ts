import { BedrockRuntimeClient, InvokeModelCommand } from '@aws-sdk/client-bedrock-runtime';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import * as z from 'zod';
import type { Embedder } from '../embedder.ts';
import { createDeadlines, type DeadlinesMs } from './deadlines.ts';
import { type Batch, createTextQueue } from './text-queue.ts';
import { cleanTexts, toUnitVector } from './texts.ts';

export interface BedrockEmbedderOptions {
  /** The embedder's own from here on: `close` destroys it. */
  client: BedrockRuntimeClient;
  /** A model that takes `inputText`, `dimensions` and `normalize`, such as `amazon.titan-embed-text-v2:0`. */
  modelId: string;
  dimensions: number;
  /** Until a text has its vector, tries and waits between them included. Default 3000 for a query, 10 000. */
  deadlinesMs?: DeadlinesMs;
}

const answerSchema = z.object({ embedding: z.array(z.number()) });

/**
 * A model of Amazon Bedrock: one text a call, at most 8 calls at once, two of them kept for queries. Throttled and
 * failed calls are tried again by the client, within the deadline. Region, credentials and endpoint are the client's.
 */
export function createBedrockEmbedder(options: BedrockEmbedderOptions): Embedder {
  const { client, modelId, dimensions, deadlinesMs = { query: 3_000, document: 10_000 } } = options;
  const deadlines = createDeadlines(deadlinesMs);

  async function run(batch: Batch): Promise<Float32Array[]> {
    const command = new InvokeModelCommand({
      modelId,
      contentType: 'application/json',
      accept: 'application/json',
      body: JSON.stringify({ inputText: batch.texts[0], dimensions, normalize: true }),
    });
    const { body } = await deadlines.within(batch, (abortSignal) => client.send(command, { abortSignal }));
    const { embedding } = answerSchema.parse(JSON.parse(new TextDecoder().decode(body)));
    return [toUnitVector(embedding, dimensions)];
  }

  const queue = createTextQueue({
    run,
    ...{ lanes: 8, documentLanes: 6, maxBatchTexts: 1, maxBatchChars: 0, maxWaitingTexts: 256 },
  });
  return {
    model: { id: `bedrock:${modelId}:${dimensions}`, dimensions },
    embed: async (texts, purpose) => queue.embed(cleanTexts(texts), purpose),
    async close() {
      queue.close();
      deadlines.end();
      client.destroy();
    },
  };
}

/**
 * A client for {@link createBedrockEmbedder}; region, credentials and endpoint come from where the AWS SDK looks for
 * them: environment, profile, role. It speaks HTTP/1.1, which whatever stands in for Bedrock speaks too, and which needs
 * no session that a frozen function would find dead.
 */
export function createBedrockClient(): BedrockRuntimeClient {
  return new BedrockRuntimeClient({
    maxAttempts: 3,
    requestHandler: new NodeHttpHandler({ connectionTimeout: 1_000, requestTimeout: 5_000 }),
  });
}
