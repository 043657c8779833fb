import type { Clock } from '../../ports.ts';
import { indexNameOf } from './names.ts';
import { type KeptSet, readSet, readSets } from './sets.ts';
import type { VectorBucket } from './vector-bucket.ts';

/** How long it is remembered which set serves. An index is deleted only some time after another serves in its place. */
export const servingForMs = 10_000;

export interface Serving {
  /** The configured model's set if it is complete, else the one completed last, if any. */
  get(abortSignal: AbortSignal): Promise<KeptSet | undefined>;
  /** Asks anew next time. */
  forget(): void;
}

/** @param modelId of the configured model; where it cannot be told, any complete set serves */
export function createServing(bucket: VectorBucket, modelId: () => Promise<string>, clock: Clock): Serving {
  let known: { found: Promise<KeptSet | undefined>; askedAtMs: number } | undefined;

  async function find(abortSignal: AbortSignal): Promise<KeptSet | undefined> {
    const id = await modelId().catch(() => undefined);
    const own = id === undefined ? undefined : await readSet(bucket, indexNameOf(id), abortSignal);
    if (own?.completedAtMs !== undefined) return own;
    const sets = await readSets(bucket, abortSignal);
    const complete = sets.filter(({ completedAtMs }) => completedAtMs !== undefined);
    return complete.sort((one, other) => (other.completedAtMs ?? 0) - (one.completedAtMs ?? 0))[0];
  }

  return {
    async get(abortSignal) {
      const nowMs = clock.nowMs();
      const last = known;
      if (last !== undefined && Math.abs(nowMs - last.askedAtMs) < servingForMs) return last.found;
      const asked = { found: find(abortSignal), askedAtMs: nowMs };
      known = asked;
      try {
        return await asked.found;
      } catch (error) {
        if (known === asked) known = undefined;
        throw error;
      }
    },
    forget() {
      known = undefined;
    },
  };
}
