import { BedrockRuntimeClient, InvokeModelCommand } from '@aws-sdk/client-bedrock-runtime';
import {
  CreateIndexCommand,
  CreateVectorBucketCommand,
  DeleteIndexCommand,
  DeleteVectorBucketCommand,
  DeleteVectorsCommand,
  GetIndexCommand,
  GetVectorBucketCommand,
  GetVectorsCommand,
  ListIndexesCommand,
  ListVectorBucketsCommand,
  ListVectorsCommand,
  PutVectorsCommand,
  QueryVectorsCommand,
  type S3VectorsClient,
} from '@aws-sdk/client-s3vectors';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BedrockServer, startBedrockServer } from '../aws-local/bedrock.ts';
import { type S3VectorsServer, startS3VectorsServer } from '../aws-local/s3-vectors/server.ts';
import { hashedVector } from './support/hashing-embedder.ts';
import { clientOf } from './support/s3-vectors.ts';

/** The stand-ins for S3 Vectors and Bedrock, through AWS's own clients. */

const at = { vectorBucketName: 'bucket-1', indexName: 'index-1' };

describe('S3 Vectors on loopback', () => {
  let server: S3VectorsServer;
  let client: S3VectorsClient;
  beforeAll(async () => {
    server = await startS3VectorsServer({ vectorBucketNames: ['bucket-1'] });
    client = clientOf(server.url);
    await client.send(
      new CreateIndexCommand({
        ...at,
        dataType: 'float32',
        dimension: 2,
        distanceMetric: 'cosine',
        metadataConfiguration: { nonFilterableMetadataKeys: ['text'] },
      }),
    );
    await client.send(
      new PutVectorsCommand({
        ...at,
        vectors: [
          vector('a', [1, 0], { genre: ['drama', 'comedy'], year: 2020, good: true, text: 'long' }),
          vector('b', [0, 1], { genre: 'drama', year: 1990 }),
          vector('c', [1, 1], { other: 'x' }),
        ],
      }),
    );
  });
  afterAll(async () => {
    client.destroy();
    await server.close();
  });

  function vector(key: string, float32: number[], metadata: Record<string, unknown> = {}) {
    return { key, data: { float32 }, metadata: metadata as Record<string, string> };
  }

  async function matching(filter: unknown): Promise<string[]> {
    const { vectors = [] } = await client.send(
      new QueryVectorsCommand({
        ...at,
        topK: 100,
        queryVector: { float32: [1, 0] },
        filter: filter as Record<string, string>,
      }),
    );
    return vectors.map(({ key = '' }) => key);
  }

  it('answers the nearest first, with their cosine distances', async () => {
    const { vectors = [], distanceMetric } = await client.send(
      new QueryVectorsCommand({
        ...at,
        topK: 2,
        queryVector: { float32: [2, 0] },
        returnDistance: true,
        returnMetadata: true,
      }),
    );
    expect(distanceMetric).toBe('cosine');
    expect(vectors.map(({ key }) => key)).toEqual(['a', 'c']);
    expect(vectors[0]).toMatchObject({ distance: 0, metadata: { good: true, text: 'long' } });
    expect(vectors[1]?.distance).toBeCloseTo(1 - Math.SQRT1_2, 6);
  });

  it('holds filters as they are documented', async () => {
    const cases: [unknown, string[]][] = [
      [{ genre: 'comedy' }, ['a']],
      [{ genre: { $eq: 'drama' } }, ['a', 'b']],
      [{ genre: { $ne: 'comedy' } }, ['b']],
      [{ genre: { $in: ['drama', 'x'] } }, ['b']],
      [{ genre: { $nin: ['drama'] } }, ['a']],
      [{ year: { $gt: 1990, $lte: 2020 } }, ['a']],
      [{ year: { $gte: 1990, $lt: 2020 } }, ['b']],
      [{ genre: { $exists: false } }, ['c']],
      [{ good: true, year: 2020 }, ['a']],
      [{ $or: [{ other: 'x' }, { year: 1990 }] }, ['c', 'b']],
      [{ $and: [{ genre: 'drama' }, { $or: [{ year: 2020 }] }] }, ['a']],
      [{ constructor: { $exists: true } }, []],
      [{ toString: 'x' }, []],
    ];
    for (const [filter, keys] of cases) expect(await matching(filter), JSON.stringify(filter)).toEqual(keys);
  });

  it('refuses filters there are not', async () => {
    const filters: unknown[] = [
      {},
      [],
      'x',
      { $and: [] },
      { $or: {} },
      { $nor: [{ a: 1 }] },
      { a: {} },
      { a: { $like: 'x' } },
      { a: { $gt: '1' } },
      { a: { $in: [] } },
      { a: { $in: [['x']] } },
      { a: { $eq: ['x'] } },
      { a: { $exists: 'yes' } },
      { a: { constructor: 1 } },
      { text: 'long' },
      { $and: [{ text: { $exists: true } }] },
    ];
    for (const filter of filters)
      await expect(matching(filter), JSON.stringify(filter)).rejects.toThrow(
        expect.objectContaining({ name: 'ValidationException' }),
      );
  });

  it('refuses what is beyond the limits, and does nothing of it', async () => {
    const refused = { name: 'ValidationException' };
    const keys = (count: number) => Array.from({ length: count }, (_, n) => `k${n}`);
    const put = (...vectors: ReturnType<typeof vector>[]) =>
      client.send(new PutVectorsCommand({ ...at, vectors }));
    await expect(put(...keys(501).map((key) => vector(key, [1, 0])))).rejects.toMatchObject(refused);
    await expect(put(vector('x', [1, 0]), vector('y', [1, 0, 0]))).rejects.toMatchObject(refused);
    await expect(put(vector('x', [0, 0]))).rejects.toMatchObject(refused);
    await expect(put(vector('', [1, 0]))).rejects.toMatchObject(refused);
    await expect(put(vector('x', [1, 0], { a: 'y'.repeat(2_050) }))).rejects.toMatchObject(refused);
    await expect(put(vector('x', [1, 0], { text: 'y'.repeat(40_960) }))).rejects.toMatchObject(refused);
    await expect(put(vector('x', [1, 0], { a: { b: 1 } }))).rejects.toMatchObject(refused);
    const many = Object.fromEntries(keys(51).map((key) => [key, 1]));
    await expect(put(vector('x', [1, 0], many))).rejects.toMatchObject(refused);
    await expect(client.send(new GetVectorsCommand({ ...at, keys: keys(101) }))).rejects.toMatchObject(
      refused,
    );
    await expect(client.send(new DeleteVectorsCommand({ ...at, keys: keys(501) }))).rejects.toMatchObject(
      refused,
    );
    for (const topK of [0, 101]) {
      const query = new QueryVectorsCommand({ ...at, topK, queryVector: { float32: [1, 0] } });
      await expect(client.send(query)).rejects.toMatchObject(refused);
    }
    const { vectors } = await client.send(new ListVectorsCommand(at));
    expect(vectors?.map(({ key }) => key)).toEqual(['a', 'b', 'c']);
    await put(vector('large', [1, 0], { text: 'y'.repeat(40_000) }));
    await client.send(new DeleteVectorsCommand({ ...at, keys: ['large', 'absent'] }));
  });

  it('pages what it lists', async () => {
    const first = await client.send(new ListVectorsCommand({ ...at, maxResults: 2 }));
    expect(first.vectors).toHaveLength(2);
    const { nextToken } = first;
    const rest = await client.send(
      new ListVectorsCommand({ ...at, maxResults: 2, nextToken, returnData: true }),
    );
    expect(rest.vectors).toMatchObject([{ key: 'c', data: { float32: [1, 1] } }]);
    expect(rest.nextToken).toBeUndefined();
  });

  it('has buckets and indexes that come and go', async () => {
    const bucket = { vectorBucketName: 'bucket-2' };
    await client.send(new CreateVectorBucketCommand(bucket));
    await expect(client.send(new CreateVectorBucketCommand(bucket))).rejects.toMatchObject({
      name: 'ConflictException',
    });
    const index = { ...bucket, indexName: 'index-2' };
    const make = new CreateIndexCommand({
      ...index,
      dataType: 'float32',
      dimension: 4_096,
      distanceMetric: 'euclidean',
    });
    await client.send(make);
    await expect(client.send(make)).rejects.toMatchObject({ name: 'ConflictException' });
    const described = await client.send(new GetIndexCommand(index));
    expect(described.index).toMatchObject({ dimension: 4_096, distanceMetric: 'euclidean' });
    const listed = await client.send(new ListIndexesCommand({ ...bucket, prefix: 'ind' }));
    expect(listed.indexes?.map(({ indexName }) => indexName)).toEqual(['index-2']);
    await expect(client.send(new DeleteVectorBucketCommand(bucket))).rejects.toMatchObject({
      name: 'ConflictException',
    });
    await client.send(new DeleteIndexCommand(index));
    await expect(client.send(new GetIndexCommand(index))).rejects.toMatchObject({
      name: 'NotFoundException',
    });
    expect((await client.send(new GetVectorBucketCommand(bucket))).vectorBucket).toMatchObject(bucket);
    await client.send(new DeleteVectorBucketCommand(bucket));
    const { vectorBuckets } = await client.send(new ListVectorBucketsCommand({}));
    expect(vectorBuckets?.map(({ vectorBucketName }) => vectorBucketName)).toEqual(['bucket-1']);
  });

  it('takes no call that is not signed, and none it does not know', async () => {
    const post = (path: string, headers: Record<string, string>, body: string) =>
      fetch(server.url + path, { method: 'POST', headers, body });
    const signed = { authorization: 'AWS4-HMAC-SHA256 Credential=x' };
    const unsigned = await post('/ListVectorBuckets', {}, '{}');
    expect([unsigned.status, unsigned.headers.get('x-amzn-errortype')]).toEqual([
      403,
      'AccessDeniedException',
    ]);
    expect((await post('/ListVectorBuckets', signed, 'no JSON')).status).toBe(400);
    for (const path of ['/Nothing', '/constructor', '/__proto__', '/run', '/'])
      expect((await post(path, signed, '{}')).status).toBe(404);
  });
});

describe('Bedrock on loopback', () => {
  let server: BedrockServer;
  let client: BedrockRuntimeClient;
  beforeAll(async () => {
    server = await startBedrockServer({
      embed: async (text, dimensions) => {
        if (text === 'fail') throw new Error('the model is down');
        return hashedVector(text, dimensions).map((value) => 3 * value);
      },
    });
    client = new BedrockRuntimeClient({
      endpoint: server.url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      maxAttempts: 1,
      requestHandler: new NodeHttpHandler(),
    });
  });
  afterAll(async () => {
    client.destroy();
    await server.close();
  });

  async function invoke(body: unknown): Promise<{ embedding: number[]; inputTextTokenCount: number }> {
    const answer = await client.send(
      new InvokeModelCommand({ modelId: 'amazon.titan-embed-text-v2:0', body: JSON.stringify(body) }),
    );
    return JSON.parse(new TextDecoder().decode(answer.body));
  }

  it('embeds a text as Titan does', async () => {
    const answer = await invoke({ inputText: 'three small words', dimensions: 256 });
    expect(answer.embedding).toHaveLength(256);
    expect(Math.hypot(...answer.embedding)).toBeCloseTo(1, 6);
    expect(answer.inputTextTokenCount).toBe(3);
    const raw = await invoke({ inputText: 'words', dimensions: 512, normalize: false });
    expect(Math.hypot(...raw.embedding)).toBeCloseTo(3, 5);
  });

  it('refuses what Titan refuses', async () => {
    const bodies = [
      {},
      { inputText: '' },
      { inputText: '  ' },
      { inputText: 'a', dimensions: 300 },
      { text: 'a' },
    ];
    for (const body of bodies)
      await expect(invoke(body), JSON.stringify(body)).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(invoke({ inputText: 'fail' })).rejects.toMatchObject({ name: 'InternalServerException' });
  });
});
