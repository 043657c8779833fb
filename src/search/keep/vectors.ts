import type { Log } from '../../ports.ts';
import { calibrate } from '../calibrate.ts';
import type { Embedder, EmbedderSource } from '../embedder.ts';
import type { KeptIndex, MissingVector } from '../kept-index.ts';

/** What the vectors of an index are made with. */
export interface VectorDeps {
  index: KeptIndex;
  embedders: { open(source: EmbedderSource): Promise<Embedder> };
  /** The configured model. */
  source: EmbedderSource;
  log: Log;
}

export interface FillOptions {
  signal: AbortSignal;
  /** Each text by itself, with something in place of one the model refuses. Default false. */
  oneByOne?: boolean;
  /** Default: as many as it takes. */
  maxBatches?: number;
  /** Hears after each batch how many vectors were put, and how many are still missing. */
  progress?(put: number, left: number): void;
}

/** Texts embedded at a time: a gateway that is killed loses no more than these. */
const batchSize = 32;

/** Makes the set of a model known to the index if it is not: what its scores mean is measured first. */
export async function beginSet({ index, source }: VectorDeps, embedder: Embedder): Promise<void> {
  const { sets } = await index.status();
  if (sets.some(({ modelId }) => modelId === embedder.model.id)) return;
  const calibration = await calibrate(embedder);
  await index.begin({ model: embedder.model, source, calibration });
}

/**
 * Embeds what has no vector in the set of this model, or a stale one. Answers whether nothing is left; false where it
 * ended for the signal or after `maxBatches`.
 * @throws whatever the model or the index does; what was embedded before is kept
 */
export async function fillSet(
  { index, log }: Pick<VectorDeps, 'index' | 'log'>,
  embedder: Embedder,
  { signal, oneByOne = false, maxBatches = Number.POSITIVE_INFINITY, progress }: FillOptions,
): Promise<boolean> {
  const modelId = embedder.model.id;
  for (let batch = 0; batch < maxBatches && !signal.aborted; batch += 1) {
    const { items, total } = await index.missing(modelId, batchSize);
    if (items.length === 0) return true;
    const vectors = oneByOne
      ? await embedEach(embedder, items, log)
      : await embedder.embed(
          items.map(({ text }) => text),
          'document',
        );
    const put = items.flatMap((item, at) => {
      const vector = vectors[at];
      return vector === undefined ? [] : [{ ...item, vector }];
    });
    await index.putVectors(modelId, put);
    progress?.(put.length, total - put.length);
  }
  return false;
}

/** One text that a model refuses, such as one its provider's filter objects to, must not keep out all others. */
async function embedEach(
  embedder: Embedder,
  items: readonly MissingVector[],
  log: Log,
): Promise<Float32Array[]> {
  const vectors: Float32Array[] = [];
  for (const { agentId, text } of items) {
    const name = text.split('. ', 1)[0]?.slice(0, 100) ?? '';
    const { vector, taken } = await firstEmbedded(embedder, [text, text, name, 'agent']);
    if (taken !== text) {
      const { id: modelId } = embedder.model;
      log.write('warn', 'search: text refused by the model', { agentId, modelId });
    }
    vectors.push(vector);
  }
  return vectors;
}

/** @throws what the last of them failed with: a model that refuses the word "agent" is not there. */
async function firstEmbedded(
  embedder: Embedder,
  texts: readonly string[],
): Promise<{ vector: Float32Array; taken: string }> {
  let failure: unknown;
  for (const taken of texts.filter((text) => text.trim() !== '')) {
    try {
      const [vector] = await embedder.embed([taken], 'document');
      if (vector !== undefined) return { vector, taken };
    } catch (cause) {
      failure = cause;
    }
  }
  throw failure;
}
