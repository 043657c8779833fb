import * as z from 'zod';
import type { VectorSet } from '../search-index.ts';
import { indexNameOf, setKeys } from './names.ts';
import { isMissing, type VectorBucket } from './vector-bucket.ts';

/** A set as its index says of itself. */
export interface KeptSet {
  set: VectorSet;
  indexName: string;
  beganAtMs: number;
  /** When a fill was last at work on it. */
  filledAtMs: number;
  /** Absent: still being filled, so it does not serve. */
  completedAtMs?: number;
}

const number = z.number();
const recordSchema = z.object({
  model: z.object({ id: z.string(), dimensions: z.int().min(1).max(4_096) }),
  source: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('use-lite') }),
    z.object({ kind: z.literal('bedrock'), modelId: z.string(), dimensions: number }),
    z.object({ kind: z.literal('openai'), url: z.string(), model: z.string(), dimensions: number }),
    z.object({ kind: z.literal('onnx'), folder: z.string() }),
  ]),
  low: number,
  high: number,
  beganAtMs: number,
  filledAtMs: number,
  completedAtMs: number.optional(),
});

/** The set of an index; undefined where the index is missing, says nothing of itself or is of another model. */
export async function readSet(
  bucket: VectorBucket,
  indexName: string,
  abortSignal?: AbortSignal,
): Promise<KeptSet | undefined> {
  const options = { withValues: false, ...(abortSignal !== undefined && { abortSignal }) };
  const kept = await bucket.get(indexName, Object.values(setKeys), options).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  const metadata = new Map(kept.map((vector) => [vector.key, vector.metadata as Record<string, unknown>]));
  const [needs, agents] = [metadata.get(setKeys.needs), metadata.get(setKeys.agents)];
  const record = recordSchema.safeParse(parsed(needs?.set));
  if (!record.success || indexNameOf(record.data.model.id) !== indexName) return undefined;
  const { low, high, beganAtMs, filledAtMs, completedAtMs, ...rest } = record.data;
  const calibration = { low, high, needs: fromCentre(needs?.centre), agents: fromCentre(agents?.centre) };
  const { dimensions } = rest.model;
  if (calibration.needs.length !== dimensions || calibration.agents.length !== dimensions) return undefined;
  return {
    set: { ...rest, calibration },
    indexName,
    beganAtMs,
    filledAtMs,
    ...(completedAtMs !== undefined && { completedAtMs }),
  };
}

/** Every set of a bucket; indexes made but not begun are left out. */
export async function readSets(bucket: VectorBucket, abortSignal?: AbortSignal): Promise<KeptSet[]> {
  const names = await bucket.indexNames(abortSignal);
  const sets = await Promise.all(names.map((name) => readSet(bucket, name, abortSignal)));
  return sets.filter((set) => set !== undefined);
}

/** In one call, so that no reader meets half of it. */
export async function writeSet(
  bucket: VectorBucket,
  { set, indexName, beganAtMs, filledAtMs, completedAtMs }: KeptSet,
): Promise<void> {
  const { calibration, model, source } = set;
  const { low, high, needs, agents } = calibration;
  const record = { model, source, low, high, beganAtMs, filledAtMs, completedAtMs };
  // Some vector is needed, and one of zeros has no cosine. It is never found: it is not marked as an agent.
  const values = new Float32Array(model.dimensions).fill(0, 1).fill(1, 0, 1);
  await bucket.put(indexName, [
    {
      key: setKeys.needs,
      values,
      metadata: { set: JSON.stringify(record), centre: toCentre(needs) },
    },
    { key: setKeys.agents, values, metadata: { centre: toCentre(agents) } },
  ]);
}

function parsed(text: unknown): unknown {
  try {
    return typeof text === 'string' ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}

/** As 32-bit numbers, which the means are: as text, those of 4096 dimensions are more than the 40 KB of a vector. */
function toCentre(mean: readonly number[]): string {
  return Buffer.from(Float32Array.from(mean).buffer).toString('base64');
}

function fromCentre(text: unknown): number[] {
  const bytes = Uint8Array.from(Buffer.from(typeof text === 'string' ? text : '', 'base64'));
  return bytes.length % 4 === 0 ? [...new Float32Array(bytes.buffer)] : [];
}
