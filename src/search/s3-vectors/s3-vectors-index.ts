import type { S3VectorsClient } from '@aws-sdk/client-s3vectors';
import { GatewayError } from '../../failure.ts';
import type { Clock, Log } from '../../ports.ts';
import type { AgentStore } from '../../store/port.ts';
import { scan } from '../scan.ts';
import type { IndexAnswer, IndexQuery, SearchIndex } from '../search-index.ts';
import { lookAt, nearest } from './candidates.ts';
import { createScopes } from './scope.ts';
import { createServing } from './serving.ts';
import { isMissing, VectorBucket } from './vector-bucket.ts';

export interface S3VectorsIndexOptions {
  /** The index's own from here on: `close` destroys it. */
  client: S3VectorsClient;
  vectorBucketName: string;
  /** Which agents there are, and who is covered by a pattern. */
  agents: Pick<AgentStore, 'ids'>;
  /** Of the configured model. */
  modelId(): Promise<string>;
  clock: Clock;
  log: Log;
  /** For all that one search asks of S3 Vectors, tries and waits included. Default 5000. */
  timeoutMs?: number;
}

/**
 * Agents in Amazon S3 Vectors: one vector index a model, one vector an agent, with its document and what filters ask for
 * beside it. Filled by `createIndexer`; this side only reads.
 *
 * Where at most 300 agents are permitted (and have the first tag asked for) all of them are looked at, and the answer is
 * what `scan` would answer. Else candidates are sought, by filters that hold the permissions, and judged as `scan` would:
 * what is found is right, but an agent may be missed, the more so the less it is among the nearest, because S3 Vectors
 * searches approximately and answers 100 at most; a misspelt word is found by the model alone. Then `total`, and the ranks,
 * are of what was looked at, and `isTotalExact` is false. What is done with permissions of many patterns is written
 * at `createScopes`.
 *
 * There is no search by words alone: without a vector, `query` fails.
 */
export function createS3VectorsIndex(options: S3VectorsIndexOptions): SearchIndex {
  const { client, vectorBucketName, modelId, clock, timeoutMs = 5_000 } = options;
  const bucket = new VectorBucket(client, vectorBucketName);
  const serving = createServing(bucket, modelId, clock);
  const scopeOf = createScopes(options);

  async function run(query: IndexQuery): Promise<IndexAnswer> {
    const { vector, patterns } = query;
    if (vector === undefined) throw new GatewayError({ code: 'search_unavailable', problem: 'model' });
    const abortSignal = AbortSignal.timeout(timeoutMs);
    const set = await serving.get(abortSignal);
    if (set?.set.model.id !== vector.modelId) throw unavailable(new Error('another model serves now'));
    if (patterns.length === 0) return { hits: [], total: 0, isTotalExact: true };
    const place = { bucket, indexName: set.indexName, abortSignal };
    const scope = await scopeOf(query);
    if (scope.kind === 'few') return scan(await lookAt(place, scope.agentIds), query);
    const entries = await nearest(place, { ...query, vector }, scope.filters);
    return { ...scan(entries, query), isTotalExact: false };
  }

  return {
    async serving() {
      try {
        return (await serving.get(AbortSignal.timeout(timeoutMs)))?.set;
      } catch (error) {
        throw unavailable(error);
      }
    },
    async query(query) {
      try {
        return await run(query);
      } catch (error) {
        // Another set may have taken its place.
        if (isMissing(error)) serving.forget();
        throw error instanceof GatewayError ? error : unavailable(error);
      }
    },
    async close() {
      client.destroy();
    },
  };
}

function unavailable(cause: unknown): GatewayError {
  return new GatewayError({ code: 'search_unavailable', problem: 'index' }, { cause });
}
