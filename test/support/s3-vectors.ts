import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3VectorsClient } from '@aws-sdk/client-s3vectors';
import { type S3VectorsServerOptions, startS3VectorsServer } from '../../aws-local/s3-vectors/server.ts';
import type { Agent } from '../../src/registry/agent.ts';
import { toSearchDocument } from '../../src/search/document.ts';
import type { Embedder, EmbedderSource } from '../../src/search/embedder.ts';
import { createIndexer, type Indexer } from '../../src/search/s3-vectors/indexer.ts';
import { createS3VectorsIndex } from '../../src/search/s3-vectors/s3-vectors-index.ts';
import { type ScanEntry, scan } from '../../src/search/scan.ts';
import type { IndexAnswer, IndexQuery, SearchIndex } from '../../src/search/search-index.ts';
import type { AgentStore } from '../../src/store/port.ts';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import { createJsonLog } from '../../src/telemetry/json-log.ts';
import { anAgent } from '../contract/store.ts';
import { hashingEmbedder } from './hashing-embedder.ts';

export const vectorBucketName = 'vectors-of-agents';

/** `hashingEmbedder`, which can be made to fail. */
export interface TestModel extends Embedder {
  source: EmbedderSource;
  /** Texts embedded so far. */
  embedded: string[];
  fails: boolean;
}

/** @param dimensions default: those of `hashingEmbedder()` */
export function testModel(dimensions?: number): TestModel {
  const hashing = dimensions === undefined ? hashingEmbedder() : hashingEmbedder(dimensions);
  const model: TestModel = {
    model: hashing.model,
    source: { kind: 'bedrock', modelId: 'hashing', dimensions: hashing.model.dimensions },
    embedded: [],
    fails: false,
    async embed(texts, purpose) {
      if (model.fails) throw new Error('the model is down');
      model.embedded.push(...texts);
      return (await hashing.embed(texts, purpose)).map(notZero);
    },
    close: async () => {},
  };
  return model;
}

/** Words may cancel each other out; what a model answers has length 1. */
function notZero(vector: Float32Array): Float32Array {
  return vector.some((value) => value !== 0) ? vector : vector.map((_, at) => (at === 0 ? 1 : 0));
}

/** An S3 Vectors on loopback, a registry, and what reads and fills the one from the other. */
export interface S3VectorsStand {
  url: string;
  agents: AgentStore;
  model: TestModel;
  clock: { nowMs(): number; at: number };
  logged: Record<string, unknown>[];
  log: ReturnType<typeof createJsonLog>;
  /** Calls there were so far, by operation. */
  calls: Record<string, number>;
  index: SearchIndex;
  indexer: Indexer;
  client(): S3VectorsClient;
  /** As another process would have them. */
  indexerOf(model: TestModel, agents?: AgentStore): Indexer;
  indexOf(model: TestModel): SearchIndex;
  /** Registers an agent, or writes over it. */
  put(agent: Agent): Promise<void>;
  remove(agentId: string): Promise<void>;
  close(): Promise<void>;
}

export async function startS3VectorsStand(
  options: Omit<S3VectorsServerOptions, 'vectorBucketNames'> = {},
): Promise<S3VectorsStand> {
  const calls: Record<string, number> = {};
  const server = await startS3VectorsServer({
    ...options,
    vectorBucketNames: [vectorBucketName],
    meets(operation, body) {
      calls[operation] = (calls[operation] ?? 0) + 1;
      return options.meets?.(operation, body);
    },
  });
  const folder = mkdtempSync(join(tmpdir(), 'a2a-s3-vectors-'));
  const { agents, close } = openSqliteStore({ path: join(folder, 'gateway.db') });
  const logged: Record<string, unknown>[] = [];
  const log = createJsonLog('debug', (line) => logged.push(JSON.parse(line)));
  const clock = { at: 1_800_000_000_000, nowMs: () => clock.at };
  const models = new Map<string, TestModel>();
  const open = async (source: EmbedderSource) => {
    const model = models.get(JSON.stringify(source));
    if (model === undefined) throw new Error('no such model any more');
    return model;
  };
  const client = () => clientOf(server.url);
  const clients: S3VectorsClient[] = [];
  const kept = (made: S3VectorsClient) => {
    clients.push(made);
    return made;
  };
  const indexerOf = (model: TestModel, from = agents) => {
    models.set(JSON.stringify(model.source), model);
    return createIndexer({
      client: kept(client()),
      agents: from,
      source: model.source,
      embedders: { open },
      ...{ vectorBucketName, clock, log },
    });
  };
  const indexOf = (model: TestModel) =>
    createS3VectorsIndex({
      client: kept(client()),
      modelId: async () => model.model.id,
      timeoutMs: 5_000,
      ...{ vectorBucketName, agents, clock, log },
    });
  const model = testModel();
  return {
    url: server.url,
    ...{ agents, model, clock, logged, log, calls, client, indexerOf, indexOf },
    index: indexOf(model),
    indexer: indexerOf(model),
    async put(agent) {
      const before = await agents.get(agent.agentId);
      if (before === undefined) await agents.create(agent);
      else await agents.replace({ ...agent, revision: before.revision + 1 }, before.revision);
    },
    async remove(agentId) {
      const before = await agents.get(agentId);
      if (before !== undefined) await agents.delete(agentId, before.revision);
    },
    async close() {
      for (const one of clients) one.destroy();
      await Promise.all([server.close(), close()]);
      rmSync(folder, { recursive: true });
    },
  };
}

/** @param endpoint of the stand-in, or of another S3 Vectors on this machine */
export function clientOf(endpoint: string): S3VectorsClient {
  return new S3VectorsClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 3,
    retryMode: 'standard',
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
  });
}

/** An active agent of these words. */
export function agentOf(agentId: string, description: string, members: Partial<Agent> = {}): Agent {
  const agent = anAgent(agentId);
  return { ...agent, card: { ...agent.card, name: agentId, description }, ...members };
}

/** What the search's definition answers. */
export async function scanned(
  model: Embedder,
  agents: readonly Agent[],
  query: IndexQuery,
): Promise<IndexAnswer> {
  const entries: ScanEntry[] = [];
  for (const agent of agents) {
    const document = toSearchDocument(agent);
    const [vector] = await model.embed([document.text], 'document');
    entries.push({ document, ...(vector !== undefined && { vector }) });
  }
  return scan(entries, query);
}
