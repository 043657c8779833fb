import { createUseLiteEmbedder } from '../src/search/embedders/use-lite.ts';

/** A model in place of one of Bedrock's. */
export interface SentenceEncoder {
  /** The vector of a text, of this many numbers. */
  embed(text: string, dimensions: number): Promise<Float32Array>;
  close(): Promise<void>;
}

/**
 * The Universal Sentence Encoder Lite, loaded before anyone waits for it: functions give Bedrock three seconds for a query.
 * It has 512 numbers; where more are asked for the others are 0.
 */
export async function startSentenceEncoder(): Promise<SentenceEncoder> {
  const embedder = createUseLiteEmbedder();
  await embedder.embed(['ready'], 'query');
  return {
    async embed(text, dimensions) {
      // Bedrock is not told which a text is. As a document a short one is read as a query is.
      const [values = new Float32Array()] = await embedder.embed([text], 'document');
      const vector = new Float32Array(dimensions);
      vector.set(values.subarray(0, dimensions));
      return vector;
    },
    close: () => embedder.close(),
  };
}
