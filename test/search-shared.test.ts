import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startS3VectorsServer } from '../aws-local/s3-vectors/server.ts';
import { parseSettings, type Settings } from '../src/config.ts';
import { openAwsSearch } from '../src/runtimes/aws-search.ts';
import { systemClock } from '../src/runtimes/clock.ts';
import { type OpenSearch, openSearch } from '../src/runtimes/node/search.ts';
import { wakingAgents } from '../src/search/keep/waking-agents.ts';
import { openSqliteStore, type SqliteStore } from '../src/store/sqlite/store.ts';
import { createUpstream } from '../src/upstream/undici-upstream.ts';
import { type EmbeddingServer, startEmbeddingServer } from './support/embedding-server.ts';
import { namedAgent } from './support/keeper-stand.ts';
import { newFolder } from './support/process.ts';

/** Node over a store that a fleet shares; the store itself is any, since the search sees its port only. */

const vectorBucketName = 'vectors-of-agents';

let model: EmbeddingServer;
let vectors: Awaited<ReturnType<typeof startS3VectorsServer>>;
let store: SqliteStore;
let opened: OpenSearch | undefined;
let logged: string[];
const closers: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  [model, vectors] = await Promise.all([
    startEmbeddingServer(),
    startS3VectorsServer({ vectorBucketNames: [vectorBucketName] }),
  ]);
  vi.stubEnv('AWS_ENDPOINT_URL_S3VECTORS', vectors.url);
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'id');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  store = openSqliteStore({ path: join(newFolder(), 'any.db') });
  logged = [];
});
afterEach(async () => {
  await opened?.close();
  for (const close of closers.splice(0)) await close();
  await Promise.all([model.close(), vectors.close(), store.close()]);
  vi.unstubAllEnvs();
});

function settingsWith(search: Record<string, unknown>): Settings {
  const file = {
    publicUrl: 'http://127.0.0.1:1',
    issuers: [{ issuer: 'https://issuer.test', audiences: ['x'] }],
    upstream: { allowHttp: true, allowAddresses: ['127.0.0.0/8'] },
    store: 'dynamodb',
    dynamodb: { tableName: 'any' },
    search,
  };
  return parseSettings(file, {});
}

function goodSettings(): Settings {
  const openai = { url: model.openAiUrl, model: 'words', dimensions: 32 };
  return settingsWith({ embedder: 'openai', openai, s3Vectors: { vectorBucketName } });
}

async function open(settings: Settings): Promise<OpenSearch | undefined> {
  const upstream = createUpstream({ rules: settings.upstream });
  closers.push(() => upstream.close());
  const log = { write: (_: string, event: string) => void logged.push(event) };
  const parts = { agents: store.agents, upstream, clock: systemClock, log };
  opened = await openSearch(settings, parts);
  const aws = openAwsSearch(settings, parts);
  if (aws !== undefined) {
    closers.unshift(() => aws.close());
    await (await aws.indexer()).fill();
  }
  return opened;
}

async function find(query: string): Promise<string[]> {
  const answer = await opened?.search.find({
    query,
    patterns: ['*'],
    deniedPatterns: [],
    tags: [],
    facets: [],
    limit: 10,
  });
  return answer?.hits.map(({ agentId }) => agentId) ?? [];
}

describe('a search beside a store that a fleet shares', () => {
  it('is not there without a vector bucket, or where it is off', async () => {
    expect(await open(settingsWith({}))).toBeUndefined();
    const off = { enabled: false, s3Vectors: { vectorBucketName } };
    expect(await open(settingsWith(off))).toBeUndefined();
  });

  it('finds what was there, and what this process writes', async () => {
    await store.agents.create(namedAgent('before'));
    const search = await open(goodSettings());
    const agents = wakingAgents(store.agents, (agentId) => search?.wake(agentId));
    expect(await find('before')).toEqual(['before']);
    await agents.create(namedAgent('after'));
    await expect.poll(() => find('after')).toEqual(['after']);
    await agents.delete('before', 1);
    await expect.poll(() => find('before')).toEqual([]);
  });

  it('tries again what the model did not take', async () => {
    const search = await open(goodSettings());
    const agents = wakingAgents(store.agents, (agentId) => search?.wake(agentId));
    model.fail('broken');
    await agents.create(namedAgent('later'));
    await vi.waitFor(() => expect(logged).toContain('search: index not kept'), { timeout: 15_000 });
    model.fail('broken', 0);
    await vi.waitFor(async () => expect(await find('later')).toEqual(['later']), { timeout: 15_000 });
    await vi.waitFor(() => expect(logged).toContain('search: index kept again'), { timeout: 15_000 });
  }, 40_000);

  it('asks AWS nothing before it is used, and closes all the same', async () => {
    opened = await openSearch(goodSettings(), {
      agents: store.agents,
      upstream: createUpstream({ rules: goodSettings().upstream }),
      clock: systemClock,
      log: { write: () => {} },
    });
    await opened?.close();
    expect(model.requests).toEqual([]);
  });
});
