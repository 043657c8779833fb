import type { S3VectorsClient } from '@aws-sdk/client-s3vectors';
import type { Clock, Log } from '../../ports.ts';
import type { AgentStore } from '../../store/port.ts';
import { calibrate } from '../calibrate.ts';
import type { Embedder, EmbedderSource } from '../embedder.ts';
import { createFill, type FillOptions, type FillOutcome } from './fill.ts';
import { indexNameOf } from './names.ts';
import type { Target } from './place.ts';
import { type KeptSet, readSet, readSets, writeSet } from './sets.ts';
import { syncAgents } from './sync.ts';
import { isMissing, VectorBucket } from './vector-bucket.ts';

export interface IndexerOptions {
  /** The indexer's own from here on: `close` destroys it. */
  client: S3VectorsClient;
  vectorBucketName: string;
  /** Past every cache: what is written is what this answers. */
  agents: AgentStore;
  embedders: { open(source: EmbedderSource): Promise<Embedder> };
  /** Of the configured model. */
  source: EmbedderSource;
  clock: Clock;
  log: Log;
}

export interface IndexerStatus {
  /** Active ones, in the registry. */
  agents: number;
  sets: { modelId: string; indexName: string; isComplete: boolean; isConfigured: boolean }[];
}

/** Keeps a vector bucket in step with the registry; any number of processes at once may. */
export interface Indexer {
  /**
   * Brings agents in step in every set there is: active ones are put, others removed.
   * @returns ids that failed and are worth another try; those that S3 Vectors refuses are among them
   * @throws where the registry or S3 Vectors cannot be reached at all
   */
  sync(agentIds: readonly string[]): Promise<{ failed: string[] }>;
  /** See {@link FillOptions}. Makes the set of the configured model, if there is none. */
  fill(options?: FillOptions): Promise<FillOutcome>;
  /**
   * How the configured model's set is: `abandoned` where there is none, or where no fill has been at work for half an hour.
   * Where it is complete, sets of other models are dropped once nobody can be searching them any more.
   */
  check(): Promise<'complete' | 'filling' | 'abandoned'>;
  status(): Promise<IndexerStatus>;
  close(): void;
}

/** Searches remember for 10 s which set serves; one that was asked before goes on for some seconds more. */
const servedForMs = 60_000;
/** Another version of the gateway may be filling it: a function runs for 15 minutes at most. */
const filledForMs = 15 * 60_000;
/** Twice as long as one run of a function. */
const abandonedAfterMs = 30 * 60_000;

export function createIndexer(options: IndexerOptions): Indexer {
  const { client, vectorBucketName, agents, embedders, source, clock, log } = options;
  const bucket = new VectorBucket(client, vectorBucketName);
  const deps = { agents, bucket, log };
  const fill = createFill({ ...deps, clock, begin, mark });

  const configuredId = async () => (await embedders.open(source)).model.id;

  function targetOf({ set, indexName }: KeptSet, isRequired: boolean): Target {
    return { indexName, modelId: set.model.id, embedder: () => embedders.open(set.source), isRequired };
  }

  /** The configured model's set; a new one is calibrated, and nothing is in it yet. */
  async function begin(): Promise<{ target: Target; kept: KeptSet }> {
    const embedder = await embedders.open(source);
    const { model } = embedder;
    const indexName = indexNameOf(model.id);
    let kept = await readSet(bucket, indexName);
    if (kept === undefined) {
      const calibration = await calibrate(embedder);
      const nowMs = clock.nowMs();
      kept = { set: { model, source, calibration }, indexName, beganAtMs: nowMs, filledAtMs: nowMs };
      const made = kept;
      await writeSet(bucket, made).catch(async (error: unknown) => {
        // Whoever deploys may have made the index, and then the right to make one is not needed.
        if (!isMissing(error)) throw error;
        await bucket.createIndex(indexName, model.dimensions);
        await writeSet(bucket, made);
      });
      log.write('info', 'search: set begun', { modelId: model.id, indexName });
    }
    return { target: targetOf(kept, true), kept };
  }

  async function mark({ indexName }: KeptSet, progress: 'filling' | 'complete'): Promise<void> {
    // As it is now: another fill may have completed it, and it must not look completed later than it was.
    const kept = await readSet(bucket, indexName);
    if (kept === undefined || kept.completedAtMs !== undefined) return;
    const nowMs = clock.nowMs();
    const isComplete = progress === 'complete';
    await writeSet(bucket, { ...kept, filledAtMs: nowMs, ...(isComplete && { completedAtMs: nowMs }) });
    if (isComplete) log.write('info', 'search: set serves', { modelId: kept.set.model.id, indexName });
  }

  return {
    async sync(agentIds) {
      const sets = await readSets(bucket);
      // Asked only where it matters; a model that cannot be told makes every set one that is needed.
      const id = sets.length > 1 ? await configuredId().catch(() => undefined) : undefined;
      const targets = sets.map((kept) => targetOf(kept, id === undefined || kept.set.model.id === id));
      const { failed, refused } = await syncAgents(deps, agentIds, targets);
      return { failed: [...new Set([...failed, ...refused])] };
    },
    fill,
    async check() {
      const own = indexNameOf(await configuredId());
      const sets = await readSets(bucket);
      const nowMs = clock.nowMs();
      const { filledAtMs, completedAtMs } = sets.find(({ indexName }) => indexName === own) ?? {};
      if (completedAtMs === undefined)
        return filledAtMs !== undefined && nowMs - filledAtMs < abandonedAfterMs ? 'filling' : 'abandoned';
      for (const { indexName, beganAtMs, set } of sets) {
        const mayGo = nowMs - completedAtMs >= servedForMs && nowMs - beganAtMs >= filledForMs;
        if (indexName === own || !mayGo) continue;
        await bucket.deleteIndex(indexName);
        log.write('info', 'search: set dropped', { modelId: set.model.id, indexName });
      }
      return 'complete';
    },
    async status() {
      const [{ totalSize }, sets, id] = await Promise.all([
        agents.ids({ status: 'active' }, { size: 1 }),
        readSets(bucket),
        configuredId().catch(() => undefined),
      ]);
      const described = sets.map(({ set, indexName, completedAtMs }) => ({
        modelId: set.model.id,
        indexName,
        isComplete: completedAtMs !== undefined,
        isConfigured: set.model.id === id,
      }));
      return { agents: totalSize, sets: described };
    },
    close: () => client.destroy(),
  };
}
