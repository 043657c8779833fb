import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type BedrockServer, startBedrockServer } from '../aws-local/bedrock.ts';
import { parseSettings, type Settings } from '../src/config.ts';
import type { Upstream } from '../src/ports.ts';
import { type AwsSearch, openAwsSearch } from '../src/runtimes/aws-search.ts';
import { createUpstream } from '../src/upstream/undici-upstream.ts';
import { hashedVector } from './support/hashing-embedder.ts';
import { agentOf, type S3VectorsStand, startS3VectorsStand, vectorBucketName } from './support/s3-vectors.ts';

/** The search as runtimes beside DynamoDB open it: settings in, AWS's own clients, models and indexes behind. */

function settingsWith(search: Record<string, unknown>): Settings {
  return parseSettings(
    {
      publicUrl: 'https://agents.test',
      issuers: [{ issuer: 'https://issuer.test', audiences: ['a'] }],
      store: 'dynamodb',
      dynamodb: { tableName: 'agents' },
      search,
    },
    {},
  );
}

let stand: S3VectorsStand;
let bedrock: BedrockServer;
let upstream: Upstream & { close(): Promise<void> };
let silent = 0;
let asked: { text: string; dimensions: number }[];
let search: AwsSearch;

beforeAll(async () => {
  stand = await startS3VectorsStand({ meets: () => (silent-- > 0 ? 'silence' : undefined) });
  asked = [];
  bedrock = await startBedrockServer({
    embed: async (text, dimensions) => {
      asked.push({ text, dimensions });
      return hashedVector(text, dimensions);
    },
  });
  vi.stubEnv('AWS_ENDPOINT_URL_S3VECTORS', stand.url);
  vi.stubEnv('AWS_ENDPOINT_URL_BEDROCK_RUNTIME', bedrock.url);
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'a-secret-key');
  const settings = settingsWith({ bedrock: { dimensions: 256 }, s3Vectors: { vectorBucketName } });
  upstream = createUpstream({ rules: settings.upstream });
  const opened = openAwsSearch(settings, { ...stand, upstream });
  if (opened === undefined) throw new Error('no search');
  search = opened;
});
afterAll(async () => {
  await search.close();
  await Promise.all([stand.close(), bedrock.close(), upstream.close()]);
  vi.unstubAllEnvs();
});

const request = { patterns: ['*'], deniedPatterns: [], tags: [], facets: [], limit: 10 };

describe('a search beside DynamoDB', () => {
  it('is none where it is off or has no vector bucket', async () => {
    for (const members of [{}, { enabled: false, s3Vectors: { vectorBucketName } }])
      expect(openAwsSearch(settingsWith(members), { ...stand, upstream })).toBeUndefined();
  });

  it('asks nothing of anyone until it is used', async () => {
    expect(stand.calls).toEqual({});
    expect(asked).toEqual([]);
    await openAwsSearch(settingsWith({ s3Vectors: { vectorBucketName } }), { ...stand, upstream })?.close();
  });

  it('has nothing to search before the first fill', async () => {
    const failure = { code: 'search_unavailable', problem: 'model' };
    await expect(search.search.find({ ...request, query: 'rain' })).rejects.toMatchObject({ failure });
  });

  it('finds what its indexer has filled, with one embedding a new query', async () => {
    await stand.put(agentOf('weather', 'rain and storms'));
    await stand.put(agentOf('billing', 'invoices'));
    const indexer = await search.indexer();
    expect(await indexer.fill()).toEqual({ done: 2, total: 2 });
    stand.clock.at += 10_000;
    asked.length = 0;
    const answer = await search.search.find({ ...request, query: 'rain' });
    expect(answer.hits.map(({ agentId }) => agentId)).toEqual(['weather']);
    expect(answer).toMatchObject({ modelId: 'bedrock:amazon.titan-embed-text-v2:0:256', isTotalExact: true });
    await search.search.find({ ...request, query: 'rain' });
    expect(asked).toEqual([{ text: 'rain', dimensions: 256 }]);
    expect((await search.indexer()) === indexer).toBe(true);
  });

  it('tries again where a call is not answered', async () => {
    silent = 1;
    const answer = await search.search.find({ ...request, query: 'storms' });
    expect(answer.hits.map(({ agentId }) => agentId)).toEqual(['weather']);
  });

  it('logs no secret and no query', () => {
    const lines = JSON.stringify(stand.logged);
    expect(lines).not.toContain('a-secret-key');
    expect(lines).not.toContain('rain');
  });
});
