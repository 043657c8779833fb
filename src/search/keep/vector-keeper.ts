import type { Clock } from '../../ports.ts';
import type { IndexStatus } from '../kept-index.ts';
import { withLease } from './lease.ts';
import { createProgressLog, type Report } from './progress.ts';
import { beginSet, fillSet, type VectorDeps } from './vectors.ts';

export interface VectorKeeperDeps extends VectorDeps {
  clock: Clock;
  /** Of this process, for the lease. */
  holder: string;
}

/** Failures in a row after which texts are tried one by one. */
const failuresBeforeOneByOne = 3;
/** How often, while a set is made, the one that serves gets what it lacks. */
const batchesBetween = 8;

/**
 * Sees to it that every document has a vector of the configured model, and that this model serves. The old one serves
 * until then, and goes on getting vectors of what is registered meanwhile.
 *
 * Where processes of one folder are configured with different models, the one that completes its set last wins; the
 * others leave it at that.
 */
export function createVectorKeeper(deps: VectorKeeperDeps): { work(signal: AbortSignal): Promise<void> } {
  const { index, embedders, source, clock, log, holder } = deps;
  let failures = 0;
  /** Once the own set has served alone, another one beside it is a later process's. */
  let hasSettled = false;
  let wasKnown = false;
  let isSuperseded = false;
  /** The model of the other set, once it has failed. */
  let unreachable: string | undefined;

  async function work(signal: AbortSignal): Promise<void> {
    if ((await index.status()).documents === 0) return;
    const { id: modelId } = (await embedders.open(source)).model;
    if (isDone(await index.status(), modelId)) return;
    await withLease(index, holder, signal, async (held) => {
      if (isDone(await index.status(), modelId)) return; // By another process, while this one waited.
      const report = createProgressLog({ log, clock, modelId });
      let isFull = false;
      while (!isFull && !held.aborted) {
        await fillOther(modelId, held);
        isFull = isSuperseded || (await fillOwn(held, report));
      }
    });
  }

  function isDone({ sets }: IndexStatus, modelId: string): boolean {
    const own = sets.find((set) => set.modelId === modelId);
    if (wasKnown && own === undefined && sets.some((set) => set.serves) && !isSuperseded) {
      isSuperseded = true;
      log.write('warn', 'search: another process keeps vectors of another model', { modelId });
    }
    wasKnown ||= own !== undefined;
    if (isSuperseded) return sets.every((set) => !set.serves || set.missing === 0);
    if (own === undefined || !own.serves || own.missing > 0) return false;
    hasSettled ||= sets.length === 1;
    return hasSettled;
  }

  /** Of the set that serves, where it is of another model. Without it its agents are still found by words. */
  async function fillOther(ownId: string, signal: AbortSignal): Promise<void> {
    const serving = await index.serving();
    if (serving === undefined || serving.model.id === ownId || serving.model.id === unreachable) return;
    try {
      if ((await index.missing(serving.model.id, 1)).total === 0) return;
      await fillSet(deps, await embedders.open(serving.source), { signal });
    } catch (cause) {
      unreachable = serving.model.id;
      log.write('warn', 'search: old model cannot be reached', { modelId: serving.model.id, cause });
    }
  }

  /** Answers whether the set is full, and serves. */
  async function fillOwn(signal: AbortSignal, report: Report): Promise<boolean> {
    const embedder = await embedders.open(source);
    const modelId = embedder.model.id;
    await beginSet(deps, embedder);
    wasKnown = true;
    const isFull = await fillSet(deps, embedder, {
      signal,
      oneByOne: failures >= failuresBeforeOneByOne,
      maxBatches: batchesBetween,
      progress: report,
    });
    if (!isFull) return false;
    const served = (await index.serving())?.model.id === modelId;
    if (!(await index.serve(modelId))) return false; // A document has come since.
    hasSettled = true;
    if (!served) log.write('info', 'search: model serves', { modelId });
    return true;
  }

  return {
    async work(signal) {
      try {
        await work(signal);
        failures = 0;
      } catch (error) {
        failures += 1;
        throw error;
      }
    },
  };
}
