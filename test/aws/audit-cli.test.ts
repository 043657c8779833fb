import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { stringify } from 'yaml';
import { startDynamoDbLocal } from '../../aws-local/dynamodb-local.ts';
import { startMoto } from '../../aws-local/moto.ts';
import type { LocalServer } from '../../aws-local/server-process.ts';
import { createSecretsManagerSecrets } from '../../src/store/secrets-manager/secrets.ts';
import { auditFindings, runAudit, tellPermissions } from '../support/audit-cli.ts';
import { newFolder } from '../support/process.ts';
import { dynamoClient, localSettings, newTable, storeOn } from './tables.ts';
import { describeWith } from './tools.ts';

// The servers may be slow on a machine that is busy with other tests.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const prefix = 'a2a-gateway/audit/';

describeWith(['java', 'moto'], 'a2a-gateway audit over DynamoDB', () => {
  let dynamo: LocalServer;
  let moto: LocalServer;
  let client: DynamoDBClient;
  let tableName: string;
  let config: string;

  beforeAll(async () => {
    [dynamo, moto] = await Promise.all([startDynamoDbLocal(), startMoto()]);
    client = dynamoClient(dynamo.endpoint);
    // Where the command looks for them.
    vi.stubEnv('AWS_REGION', localSettings.region);
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local');
    vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', dynamo.endpoint);
    vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', moto.endpoint);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    client.destroy();
    await Promise.all([dynamo.close(), moto.close()]);
  });

  beforeEach(async () => {
    tableName = await newTable(dynamo.endpoint);
    config = join(newFolder(), 'gateway.yaml');
    const settings = {
      publicUrl: 'http://127.0.0.1:1',
      issuers: [{ issuer: 'https://issuer.test', audiences: ['x'] }],
      ...{ store: 'dynamodb', dynamodb: { tableName }, secretsManager: { prefix } },
    };
    writeFileSync(config, stringify(settings));
    await write(['one', 'two', 'three', 'four', 'five']);
  });

  async function write(scopes: readonly string[]): Promise<void> {
    const client = new SecretsManagerClient({ ...localSettings, endpoint: moto.endpoint });
    const secrets = createSecretsManagerSecrets({ client, prefix });
    await tellPermissions({ store: storeOn(dynamo.endpoint, tableName), secrets }, scopes);
    client.destroy();
  }

  const run = (...args: string[]) => runAudit(...args, '-c', config);
  const found = (...args: string[]) => auditFindings(...args, '-c', config);

  type Item = Record<string, AttributeValue>;

  /** Items of the trail of that kind, in the order of their numbers. */
  async function items(kind: 'segments' | 'heads'): Promise<Item[]> {
    const { Items = [] } = await client.send(new ScanCommand({ TableName: tableName, ConsistentRead: true }));
    return Items.filter((item) => item.pk?.S?.startsWith(`audit#${kind}`)).toSorted(
      (one, other) => Number(one.sequence?.N) - Number(other.sequence?.N),
    );
  }

  async function remove(...gone: (Item | undefined)[]): Promise<void> {
    for (const { pk, sk } of gone.filter((item) => item !== undefined))
      await client.send(
        new DeleteItemCommand({ TableName: tableName, Key: { pk: pk ?? { S: '' }, sk: sk ?? { S: '' } } }),
      );
  }

  async function put(item: Item): Promise<void> {
    await client.send(new PutItemCommand({ TableName: tableName, Item: item }));
  }

  it('finds nothing in what nobody has touched, and exports it', async () => {
    expect(await found()).toEqual([0]);
    const { code, out } = await run('export');
    expect(code).toBe(0);
    const file = join(newFolder(), 'export.jsonl');
    writeFileSync(file, out.join('\n'));
    await remove(...(await items('segments')));
    expect(await found('--file', file)).toEqual([0]);
  });

  it('finds what was changed, moved, repeated, taken out or cut off', async () => {
    const [one, two, three, , five] = await items('segments');
    const records = { S: (three?.records?.S ?? '').replace('kim', 'kin') };
    await put({ ...three, records });
    expect(await found()).toEqual(['altered 3', 1]);
    await put({ ...three, records: two?.records ?? { S: '' } });
    expect(await found()).toEqual(['altered 3', 1]);
    await put({ ...three, sk: { S: `${three?.sk?.S}0` } });
    await put({ ...three });
    expect(await found()).toEqual(['repeated 3', 1]);
    await remove({ ...three, sk: { S: `${three?.sk?.S}0` } });
    expect(await found()).toEqual([0]);
    await remove(three);
    expect(await found()).toEqual(['missing 3 3', 1]);
    await put({ ...three });
    await remove(one, two);
    expect(await found()).toEqual(['missing 1 2', 1]);
    await Promise.all([one, two].map((item) => put({ ...item })));
    await remove(five);
    expect(await found()).toEqual(['missing 5 5', 1]);
  });

  it('finds with the heads of before what was cut off together with its head', async () => {
    const heads = join(newFolder(), 'heads.jsonl');
    writeFileSync(heads, (await run('verify', '--json')).out.join('\n'));
    expect(await found('--heads', heads)).toEqual([0]);
    await remove(...(await items('segments')), ...(await items('heads')));
    expect(await found()).toEqual([0]);
    expect(await found('--heads', heads)).toEqual(['missing 1 5', 1]);
  });
});
