import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { stringify } from 'yaml';
import { startDynamoDbLocal } from '../../aws-local/dynamodb-local.ts';
import { startMoto } from '../../aws-local/moto.ts';
import { type S3VectorsServer, startS3VectorsServer } from '../../aws-local/s3-vectors/server.ts';
import type { LocalServer } from '../../aws-local/server-process.ts';
import { type EmbeddingServer, startEmbeddingServer } from '../support/embedding-server.ts';
import { startIssuer, type TestIssuer, testAudience } from '../support/issuer.ts';
import { newFolder, runGateway } from '../support/process.ts';
import { type ScriptedAgent, startScriptedAgent } from '../support/scripted-agent.ts';
import { newTable } from './tables.ts';
import { describeWith } from './tools.ts';

const vectorBucketName = 'vectors-of-agents';

describeWith(['java', 'moto'], 'a Node process over DynamoDB and S3 Vectors', () => {
  let dynamo: LocalServer;
  let moto: LocalServer;
  let vectors: S3VectorsServer;
  let model: EmbeddingServer;
  let issuer: TestIssuer;
  let agent: ScriptedAgent;
  let config: string;
  let env: Record<string, string>;

  beforeAll(async () => {
    [dynamo, moto, vectors, model, issuer, agent] = await Promise.all([
      startDynamoDbLocal(),
      startMoto(),
      startS3VectorsServer({ vectorBucketNames: [vectorBucketName] }),
      startEmbeddingServer({ dimensions: 256 }),
      startIssuer(),
      startScriptedAgent(),
    ]);
    config = join(newFolder(), 'gateway.yaml');
    const settings = {
      publicUrl: 'http://127.0.0.1:1',
      issuers: [{ issuer: issuer.issuer, audiences: [testAudience] }],
      upstream: { allowHttp: true, allowAddresses: ['127.0.0.0/8'] },
      listen: { port: 0 },
      store: 'dynamodb',
      dynamodb: { tableName: await newTable(dynamo.endpoint) },
      // The default beside DynamoDB is Bedrock.
      search: { bedrock: { dimensions: 256 }, s3Vectors: { vectorBucketName } },
    };
    writeFileSync(config, stringify(settings));
    env = {
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      AWS_ENDPOINT_URL_DYNAMODB: dynamo.endpoint,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: moto.endpoint,
      AWS_ENDPOINT_URL_S3VECTORS: vectors.url,
      AWS_ENDPOINT_URL_BEDROCK_RUNTIME: model.bedrockUrl,
    };
  }, 60_000);
  afterAll(async () => {
    const servers = [dynamo, moto, vectors, model, issuer, agent];
    await Promise.all(servers.map((server) => server.close()));
  });

  async function searchCommand(...args: string[]): Promise<string[]> {
    const { code, out, err } = await runGateway(['search', ...args, '-c', config], env).ended;
    expect({ code, err }).toEqual({ code: 0, err: [] });
    return out;
  }

  it('finds what it registers, once a rebuild has made the index, and tells of it', async () => {
    const gateway = runGateway(['serve', '-c', config], env);
    const url = await gateway.ready;
    const token = await issuer.token({ scope: 'gateway:admin everything' });
    const call = (method: string, path: string, body: unknown) =>
      fetch(url + path, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    const register = (agentId: string) =>
      call('POST', '/admin/agents', { agentId, agentCardUrl: agent.cardUrl, tags: [`only-${agentId}`] });
    const idsFor = async (query: string) => {
      const { results } = await (await call('POST', '/search', { query })).json();
      return results.map(({ agentId }: { agentId: string }) => agentId);
    };
    await call('PUT', '/admin/permissions/everything', { allowedAgents: ['*'] });
    expect((await register('before')).status).toBe(201);
    expect(await searchCommand('status')).toContainEqual(expect.stringMatching(/none yet$/));

    expect(await searchCommand('rebuild')).toEqual(
      expect.arrayContaining(['vectors    1 of 1', expect.stringMatching(/bedrock:.*:256: serves$/)]),
    );
    // Which set serves is remembered for some seconds.
    await vi.waitFor(async () => expect((await idsFor('only-before'))[0]).toBe('before'), {
      timeout: 30_000,
      interval: 500,
    });
    expect((await register('after')).status).toBe(201);
    await vi.waitFor(async () => expect((await idsFor('only-after'))[0]).toBe('after'), {
      timeout: 30_000,
      interval: 200,
    });
    const [status = ''] = await searchCommand('status', '--json');
    expect(JSON.parse(status)).toMatchObject({ agents: 2, sets: [{ serves: true }] });
    gateway.kill('SIGTERM');
    expect((await gateway.ended).code).toBe(0);
  });
});
