import { CreateVectorBucketCommand } from '@aws-sdk/client-s3vectors';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMoto } from '../../aws-local/moto.ts';
import { startS3VectorsServer } from '../../aws-local/s3-vectors/server.ts';
import type { LocalServer } from '../../aws-local/server-process.ts';
import { documentOf, fromMetadata, toMetadata } from '../../src/search/s3-vectors/metadata.ts';
import { indexNameOf } from '../../src/search/s3-vectors/names.ts';
import { readSet, readSets, writeSet } from '../../src/search/s3-vectors/sets.ts';
import { isMissing, VectorBucket } from '../../src/search/s3-vectors/vector-bucket.ts';
import type { VectorSet } from '../../src/search/search-index.ts';
import { hashedVector } from '../support/hashing-embedder.ts';
import { clientOf } from '../support/s3-vectors.ts';
import { describeWith } from './tools.ts';

/**
 * What is written into S3 Vectors, read back from two servers that know nothing of each other: moto, which has no queries,
 * and the one that is part of this repository.
 */
function bucketContract(endpointOf: () => string): void {
  const vectorBucketName = 'vectors-of-agents';
  const model = { id: 'hashing:16', dimensions: 16 };
  const indexName = indexNameOf(model.id);
  let bucket: VectorBucket;
  let end: () => void;
  beforeAll(async () => {
    const client = clientOf(endpointOf());
    await client.send(new CreateVectorBucketCommand({ vectorBucketName }));
    bucket = new VectorBucket(client, vectorBucketName);
    end = () => client.destroy();
  });
  afterAll(() => end());

  it('tells an index that is not there from other failures', async () => {
    const missing = await bucket
      .get('agents-none', ['a'], { withValues: false })
      .catch((error: unknown) => error);
    expect(isMissing(missing)).toBe(true);
    expect(await readSet(bucket, 'agents-none')).toBeUndefined();
    await bucket.deleteIndex('agents-none');
  });

  it('makes, lists and drops indexes', async () => {
    await bucket.createIndex(indexName, model.dimensions);
    await bucket.createIndex('agents-other', 8);
    await bucket.createIndex('of-someone-else', 8);
    expect((await bucket.indexNames()).sort()).toEqual(['agents-other', indexName].sort());
    await bucket.deleteIndex('agents-other');
    expect(await bucket.indexNames()).toEqual([indexName]);
  });

  it('keeps agents with their documents, and removes them', async () => {
    const documents = Array.from({ length: 250 }, (_, n) => ({
      agentId: `agent-${n}`,
      revision: n,
      name: 'émile 𝒜 "quoted"',
      tags: ['finance', 'Straße'],
      facets: ['binding:JSONRPC'],
      terms: new Map([['invoic', 0]]),
      text: `words${n}`,
    }));
    await bucket.put(
      indexName,
      documents.map((document) => ({
        key: document.agentId,
        metadata: toMetadata(document),
        values: hashedVector(document.text, model.dimensions),
      })),
    );
    const kept = await bucket.get(
      indexName,
      documents.map(({ agentId }) => agentId),
      { withValues: true },
    );
    expect(kept).toHaveLength(250);
    for (const { key, metadata, values } of kept) {
      const document = documents.find(({ agentId }) => agentId === key);
      const agent = fromMetadata(metadata);
      expect(agent && documentOf(agent)).toEqual({ ...document, text: '' });
      expect(values).toEqual(hashedVector(document?.text ?? '', model.dimensions));
    }
    await bucket.delete(indexName, ['agent-0', 'absent']);
    const { keys } = await bucket.keys(indexName);
    expect(keys).not.toContain('agent-0');
    expect(keys).toContain('agent-1');
  });

  it('keeps what a set says of itself, to the last bit', async () => {
    const means = (seed: number) => [...hashedVector(`mean ${seed}`, model.dimensions)];
    const set: VectorSet = {
      model,
      source: { kind: 'bedrock', modelId: 'm', dimensions: 16 },
      calibration: { low: 0.1, high: 0.7, needs: means(1), agents: means(2) },
    };
    const kept = { set, indexName, beganAtMs: 1, filledAtMs: 2, completedAtMs: 3 };
    await writeSet(bucket, kept);
    expect(await readSet(bucket, indexName)).toEqual(kept);
    expect(await readSets(bucket)).toEqual([kept]);
  });
}

describeWith(['moto'], 'S3 Vectors by moto', () => {
  let server: LocalServer;
  beforeAll(async () => {
    server = await startMoto();
  });
  afterAll(() => server.close());
  bucketContract(() => server.endpoint);
});

describe('S3 Vectors by aws-local', () => {
  let server: { url: string; close(): Promise<void> };
  beforeAll(async () => {
    server = await startS3VectorsServer();
  });
  afterAll(() => server.close());
  bucketContract(() => server.url);
});
