import {
  type AttributeValue,
  CreateTableCommand,
  DynamoDBClient,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startMoto } from '../../aws-local/moto.ts';
import type { LocalServer } from '../../aws-local/server-process.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { readAgent } from '../support/management.ts';
import { type Ended, newFolder, runGateway } from '../support/process.ts';
import { type ScriptedAgent, startScriptedAgent } from '../support/scripted-agent.ts';
import { describeWith } from './tools.ts';

// Each run is a process of its own, on a machine that may be busy with other tests.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const secretOf = (agentId: string) => `client-secret-of-${agentId}`;
const time = '2026-03-01T00:00:00+00:00';

let aws: LocalServer;
let database: DynamoDBClient;
let secrets: SecretsManagerClient;
let gateway: TestGateway;
let other: ScriptedAgent;
let token: string;

/** Values as the sample writes them through boto3. */
function attributeOf(value: unknown): AttributeValue {
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'number') return { N: String(value) };
  if (Array.isArray(value)) return { L: value.map(attributeOf) };
  return { M: itemOf(value as Record<string, unknown>) }; // All else in these tests is a record.
}

function itemOf(row: Record<string, unknown>): Record<string, AttributeValue> {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, attributeOf(value)]));
}

async function put(table: string, row: Record<string, unknown>): Promise<void> {
  await database.send(new PutItemCommand({ TableName: table, Item: itemOf(row) }));
}

/** Registers an agent as the sample does: the secret first, then the row that refers to it. */
async function sampleAgent(agentId: string, members: Record<string, unknown> = {}): Promise<void> {
  const { ARN } = await secrets.send(
    new CreateSecretCommand({
      Name: `a2a-gateway/${agentId.replace(/[^\w-]/g, '')}/oauth-credentials`,
      SecretString: JSON.stringify({ clientSecret: secretOf(agentId) }),
    }),
  );
  await put('agents', { ...sampleRow(agentId, ARN ?? ''), ...members });
}

function sampleRow(agentId: string, clientSecretArn: string): Record<string, unknown> {
  return {
    agentId,
    name: agentId,
    backendUrl: gateway.agent.url,
    agentCardUrl: gateway.agent.cardUrl,
    cachedAgentCard: { name: agentId, skills: [] },
    lastSynced: time,
    status: 'active',
    authConfig: {
      type: 'oauth2_client_credentials',
      tokenUrl: `${gateway.issuer.issuer}/token`,
      clientId: 'gateway',
      clientSecretArn,
      scopes: ['agent:invoke'],
    },
    createdAt: time,
    updatedAt: time,
  };
}

interface Line {
  kind: string;
  id: string;
  outcome: string;
  notes: string[];
}

interface Imported extends Ended {
  lines: Line[];
  summary: Record<string, unknown> | undefined;
}

function ended(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const tables = ['--agents-table', 'agents', '--permissions-table', 'permissions'];
  return runGateway(['import', 'aws-sample', ...tables, '--to', gateway.url, ...args], {
    AWS_ENDPOINT_URL: aws.endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    HOME: newFolder(),
    NODE_NO_WARNINGS: '1', // On Node 20 the SDK tells that it will want a newer one.
    A2A_TOKEN: token,
    ...env,
  }).ended;
}

async function run(args: readonly string[] = []): Promise<Imported> {
  const done = await ended(['--json', ...args]);
  expectNoSecret(done);
  const lines = done.out.map((line) => JSON.parse(line) as Line & { summary?: Record<string, unknown> });
  const { summary } = lines.pop() ?? {};
  return { ...done, lines, summary };
}

/** Nothing that was printed, and nothing the gateway logged, holds a secret or the token. */
function expectNoSecret({ out, err }: Ended): void {
  const printed = [...out, ...err, JSON.stringify(gateway.logged)].join('\n');
  expect(printed).not.toContain('client-secret-of');
  expect(printed).not.toContain(token);
}

/** The outcome of each row, by its key. */
function outcomesOf({ lines }: Imported): Record<string, string> {
  return Object.fromEntries(lines.map(({ id, outcome }) => [id, outcome]));
}

function notesOn({ lines }: Imported, id: string): string {
  return lines.find((line) => line.id === id)?.notes.join('; ') ?? 'no such row';
}

async function statusOf(agentId: string): Promise<unknown> {
  return (await readAgent(gateway, agentId)).agent.status;
}

async function createTable(name: string, key: string): Promise<void> {
  await database.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: key, KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: key, AttributeType: 'S' }],
    }),
  );
}

describeWith(['moto'], 'importing the AWS sample', () => {
  beforeAll(async () => {
    [aws, gateway, other] = await Promise.all([
      startMoto(),
      startGateway({ registration: null }),
      startScriptedAgent(),
    ]);
    const client = {
      endpoint: aws.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    };
    [database, secrets] = [new DynamoDBClient(client), new SecretsManagerClient(client)];
    token = await gateway.issuer.token({ sub: 'admin', client_id: 'admin', scope: 'gateway:admin' });
    await Promise.all([createTable('agents', 'agentId'), createTable('permissions', 'scope')]);
    await sampleAgent('billing');
    await sampleAgent('retired', { status: 'inactive' });
    await put('permissions', { scope: 'billing:read', allowedAgents: ['billing'], description: 'Reading' });
    await put('permissions', { scope: 'gateway:admin', allowedAgents: ['*'], description: 'All' });
  });

  afterAll(async () => {
    database.destroy();
    secrets.destroy();
    await Promise.all([aws.close(), gateway.close(), other.close()]);
  });

  it('writes nothing in a dry run', async () => {
    expect(await run(['--dry-run'])).toMatchObject({
      code: 0,
      err: [],
      summary: { created: 4, dryRun: true },
    });
    expect(await (await gateway.admin('GET', '/admin/agents')).json()).toMatchObject({ totalSize: 0 });
    expect(await (await gateway.admin('GET', '/admin/permissions')).json()).toMatchObject({ totalSize: 0 });
  });

  it('creates all at the first run and changes nothing at the second', async () => {
    const first = await run();
    expect(first).toMatchObject({ code: 0, err: [], summary: { created: 4, skipped: 0, dryRun: false } });
    expect(await statusOf('billing')).toBe('active');
    expect(await statusOf('retired')).toBe('inactive');
    const { agent, etag } = await readAgent(gateway, 'billing');
    expect(agent).toMatchObject({
      backendUrl: gateway.agent.url,
      authConfig: { clientId: 'gateway', scopes: ['agent:invoke'] },
    });
    const second = await run();
    expect(second).toMatchObject({ code: 0, summary: { created: 0, updated: 0, unchanged: 4 } });
    expect((await readAgent(gateway, 'billing')).etag).toBe(etag);
  });

  it('lets a caller of the sample reach the agent by the scope it has', async () => {
    const authorization = `Bearer ${await gateway.issuer.token({ scope: 'billing:read' })}`;
    const listed = await gateway.fetch('/agents', { headers: { authorization } });
    expect(await listed.json()).toMatchObject({ agents: [{ agentId: 'billing' }] });
  });

  it('follows what changed in the sample', async () => {
    await sampleAgent('moving');
    await run();
    const row = sampleRow('moving', 'a2a-gateway/moving/oauth-credentials');
    await put('agents', { ...row, backendUrl: other.url, agentCardUrl: other.cardUrl });
    await put('agents', {
      ...sampleRow('billing', 'a2a-gateway/billing/oauth-credentials'),
      status: 'inactive',
    });
    expect(outcomesOf(await run())).toMatchObject({
      moving: 'updated',
      billing: 'updated',
      retired: 'unchanged',
    });
    expect((await readAgent(gateway, 'moving')).agent).toMatchObject({ backendUrl: other.url });
    expect(await statusOf('billing')).toBe('inactive');
    await put('agents', sampleRow('billing', 'a2a-gateway/billing/oauth-credentials'));
    expect(outcomesOf(await run())).toMatchObject({ moving: 'unchanged', billing: 'updated' });
    expect(await statusOf('billing')).toBe('active');
  });

  it('gives a rotated secret on, once', async () => {
    // Secrets Manager tells the time of a version by the second.
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const SecretString = JSON.stringify({ clientSecret: 'client-secret-of-tomorrow' });
    await secrets.send(
      new PutSecretValueCommand({ SecretId: 'a2a-gateway/moving/oauth-credentials', SecretString }),
    );
    expect(outcomesOf(await run())).toMatchObject({ moving: 'updated', billing: 'unchanged' });
    expect(outcomesOf(await run())).toMatchObject({ moving: 'unchanged' });
  });

  it('skips what cannot be moved, says why, and ends with 2', async () => {
    const agentCore = 'https://bedrock-agentcore.us-east-1.amazonaws.com/runtimes/arn/invocations';
    await Promise.all([
      sampleAgent('Big_One'),
      sampleAgent('runtime', { backendUrl: agentCore }),
      sampleAgent('lost'),
      sampleAgent('no-card', { agentCardUrl: `${gateway.agent.url}/nothing`, authConfig: 7 }),
      sampleAgent('bad-card', { agentCardUrl: `${gateway.agent.url}/.well-known/nothing.json` }),
      put('permissions', { scope: 'limited', allowedAgents: ['billing'], requestsPerMinute: 1.5 }),
      put('permissions', { scope: 'a/b', allowedAgents: ['billing'] }),
    ]);
    await secrets.send(
      new DeleteSecretCommand({
        SecretId: 'a2a-gateway/lost/oauth-credentials',
        ForceDeleteWithoutRecovery: true,
      }),
    );
    const skipping = await run();
    expect(skipping).toMatchObject({ code: 2, err: [], summary: { skipped: 6, differing: 1 } });
    for (const [id, reason] of [
      ['Big_One', /agentId/],
      ['runtime', /AgentCore/],
      ['lost', /secret is missing/],
      ['no-card', /authConfig/],
      ['bad-card', /^CARD_/],
      ['limited', /requestsPerMinute/],
      ['a/b', /scope/],
    ] as const)
      expect(notesOn(skipping, id)).toMatch(reason);
    expect(outcomesOf(skipping)).toMatchObject({ limited: 'created', billing: 'unchanged' });
  });

  it('tells people the same in lines', async () => {
    const done = await ended([]);
    expectNoSecret(done);
    expect(done.code).toBe(2);
    expect(done.out).toContain('unchanged agent billing');
    expect(done.out).toContain('skipped   agent lost: its secret is missing');
    expect(done.out.at(-1)).toMatch(
      /^0 created, 0 updated, \d+ unchanged, 6 skipped; 1 not all as in the sample$/,
    );
  });

  it('cannot run without the table or the leave of the gateway', async () => {
    const noTable = await ended(['--agents-table', 'nobody']);
    expect(noTable).toMatchObject({
      code: 1,
      out: [],
      err: [expect.stringMatching(/^a2a-gateway: .*table nobody: Resource/)],
    });
    const noLeave = await ended([], { A2A_TOKEN: 'nothing' });
    expect(noLeave).toMatchObject({ code: 1, out: [], err: [expect.stringMatching(/TOKEN_INVALID/)] });
  });
});
