import { GatewayError } from '../../failure.ts';
import { inPieces } from '../../in-parallel.ts';
import type { Log } from '../../ports.ts';
import type { SearchDocument } from '../document.ts';
import type { Embedder } from '../embedder.ts';
import { type AgentMetadata, fromMetadata, isSameMetadata, toMetadata } from './metadata.ts';
import { isRefused, type VectorBucket } from './vector-bucket.ts';

/** A set that vectors are put into. */
export interface Target {
  indexName: string;
  modelId: string;
  embedder(): Promise<Embedder>;
  /** False: an older set on its way out. Where its model cannot be reached any more it keeps its old vectors. */
  isRequired: boolean;
}

export interface Placed {
  /** Worth another try: the model could not be reached. */
  failed: string[];
  /** Refused by S3 Vectors for what they are. */
  refused: string[];
  /** Why `failed` did. */
  cause?: unknown;
}

interface Wanted {
  key: string;
  metadata: AgentMetadata;
  text: string;
  values: Float32Array | undefined;
}

const textsPerEmbedding = 64;

/**
 * Puts agents into one set: writes those that are not there as they are, with a new vector only where the text is another,
 * and removes the ids that have no document.
 *
 * @param isAnew makes every vector again
 * @throws what S3 Vectors' client throws, unless it is about one agent
 */
export async function place(
  { bucket, log }: { bucket: VectorBucket; log: Log },
  target: Target,
  documents: ReadonlyMap<string, SearchDocument | undefined>,
  isAnew: boolean,
): Promise<Placed> {
  const gone = [...documents].filter(([, document]) => document === undefined).map(([id]) => id);
  // First, so that what must not be found any more does not wait for a model.
  await bucket.delete(target.indexName, gone);
  const wanted = await outdated(bucket, target, documents, isAnew);
  const { ready, failed, cause } = await embedded(target, wanted, log);
  const refused = await put(bucket, target, ready, log);
  return { failed, refused, ...(failed.length > 0 && { cause }) };
}

async function outdated(
  bucket: VectorBucket,
  { indexName }: Target,
  documents: ReadonlyMap<string, SearchDocument | undefined>,
  isAnew: boolean,
): Promise<Wanted[]> {
  const present = [...documents.values()].filter((document) => document !== undefined);
  const keys = present.map(({ agentId }) => agentId);
  const kept = new Map(
    (await bucket.get(indexName, keys, { withValues: true })).map((vector) => [vector.key, vector]),
  );
  return present.flatMap((document) => {
    const metadata = toMetadata(document);
    const vector = kept.get(document.agentId);
    const before = fromMetadata(vector?.metadata);
    const isUsable = !isAnew && before?.digest === metadata.digest;
    if (isUsable && isSameMetadata(before, metadata)) return [];
    const values = isUsable ? vector?.values : undefined;
    return [{ key: document.agentId, metadata, text: document.text, values }];
  });
}

async function embedded(
  target: Target,
  wanted: readonly Wanted[],
  log: Log,
): Promise<{ ready: Wanted[]; failed: string[]; cause?: unknown }> {
  const ready = wanted.filter(({ values }) => values !== undefined);
  const failed: string[] = [];
  let cause: unknown;
  for (const piece of inPieces(
    wanted.filter(({ values }) => values === undefined),
    textsPerEmbedding,
  )) {
    try {
      const embedder = await target.embedder();
      const vectors = await embedder.embed(
        piece.map(({ text }) => text),
        'document',
      );
      ready.push(...piece.map((item, at) => ({ ...item, values: vectors[at] })));
    } catch (error) {
      failed.push(...piece.map(({ key }) => key));
      cause = error;
    }
  }
  if (failed.length === 0) return { ready, failed };
  log.write('warn', 'search: agents not embedded', {
    modelId: target.modelId,
    agents: failed.length,
    isRequired: target.isRequired,
    cause,
  });
  return { ready, failed: target.isRequired ? failed : [], cause };
}

/** Ids of those refused. */
async function put(
  bucket: VectorBucket,
  { indexName, modelId }: Target,
  ready: readonly Wanted[],
  log: Log,
): Promise<string[]> {
  const vectors = ready.flatMap(({ key, metadata, values }) =>
    values === undefined ? [] : [{ key, metadata, values }],
  );
  try {
    await bucket.put(indexName, vectors);
    return [];
  } catch (error) {
    if (!isRefused(error)) throw error;
  }
  // One that is refused has its whole call refused.
  const refused: string[] = [];
  for (const vector of vectors) {
    try {
      await bucket.put(indexName, [vector]);
    } catch (cause) {
      if (!isRefused(cause)) throw cause;
      refused.push(vector.key);
      log.write('error', 'search: agent refused by S3 Vectors', { agentId: vector.key, modelId, cause });
    }
  }
  return refused;
}

/** Of an agent that may be tried again, as one that calls this sees it. */
export function notPlaced({ cause }: Placed): GatewayError {
  if (cause instanceof GatewayError) return cause;
  return new GatewayError({ code: 'search_unavailable', problem: 'model' }, { cause });
}
