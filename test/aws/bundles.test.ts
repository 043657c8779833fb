import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type FunctionName, functionNames } from '../../infra/function-names.ts';

/** What `npm run bundle` writes: the functions as they are deployed. */

const folder = join(import.meta.dirname, '../../dist/lambda');
const kilobyte = 1_000;

/** A cold start reads and compiles all of it, so a function that begins with more is a choice. */
const maxStartKilobytes: Readonly<Record<FunctionName, number>> = {
  authorizer: 500,
  'data-plane': 1_150,
  management: 800,
  maintenance: 500,
  seed: 550,
  indexer: 700,
  push: 500,
};

function fileOf(name: FunctionName, file: string): string {
  return readFileSync(join(folder, name, file), 'utf8');
}

/** All of a bundle. */
function textOf(name: FunctionName): string {
  return readdirSync(join(folder, name))
    .map((file) => fileOf(name, file))
    .join('\n');
}

/** The files a function's start loads: those that are imported, and not only when something is asked for. */
function startOf(name: FunctionName): string[] {
  const files = ['index.mjs'];
  for (const file of files)
    for (const [, found = ''] of fileOf(name, file).matchAll(/(?:from|import)"\.\/([^"]+)"/g))
      if (!files.includes(found)) files.push(found);
  return files;
}

describe.each(functionNames)('the bundle of %s', (name) => {
  it('begins with files of a bounded size', () => {
    const sizes = startOf(name).map((file) => Buffer.byteLength(fileOf(name, file)));
    expect(sizes.reduce((sum, size) => sum + size, 0) / kilobyte).toBeLessThan(maxStartKilobytes[name]);
    expect(readdirSync(join(folder, name)).filter((file) => !file.endsWith('.mjs'))).toEqual([]);
  });

  it('holds no word of the machine it was built on, and nothing that only tests and other runtimes need', () => {
    const text = textOf(name);
    const strangers = [
      join(import.meta.dirname, '../..'),
      'libsql',
      'oidc-provider',
      'pino-std',
      // Models that compute in the process are not for functions.
      'energetic-ai',
      'tensorflow',
    ];
    expect(strangers.filter((stranger) => text.includes(stranger))).toEqual([]);
  });
});

describe('the bundle of the authorizer', () => {
  it('reads no secrets: their client is not in it', () => {
    const reading = functionNames.filter((name) => textOf(name).includes('secretsmanager'));
    expect(reading).toEqual(functionNames.filter((name) => name !== 'authorizer'));
  });
});

describe('clients that not every call needs', () => {
  const clients = ['S3VectorsClient', 'BedrockRuntimeClient', 'SQSClient'];

  it('are in the bundles of those that search, index, or have webhooks delivered, and in no other', () => {
    const holding = (client: string) => functionNames.filter((name) => textOf(name).includes(`"${client}"`));
    expect(clients.map(holding)).toEqual([
      ['data-plane', 'management', 'indexer'],
      ['data-plane', 'management', 'indexer'],
      ['data-plane', 'management', 'indexer', 'push'],
    ]);
  });

  it.each(['data-plane', 'management'] as const)('wait in %s for the first search or webhook', (name) => {
    const made = classesMadeBy(name);
    expect(made).toContain('DynamoDBClient');
    expect(made.filter((each) => clients.includes(each))).toEqual([]);
  });

  it('wait for the first card to be signed where that is what they do', () => {
    const holding = functionNames.filter((name) => textOf(name).includes('"KMSClient"'));
    expect(holding).toEqual(['data-plane', 'management']);
    for (const name of holding) expect(classesMadeBy(name)).not.toContain('KMSClient');
  });

  it('would be noticed if they did not', () => {
    expect(classesMadeBy('indexer')).toContain('SQSClient');
  });
});

/** Of the module's start: the bundles keep the names of classes, each by a property that is defined. */
const preload = `
  const { defineProperty } = Object;
  const names = new Set();
  Object.defineProperty = (target, key, descriptor) => {
    if (key === 'name' && typeof descriptor.value === 'string') names.add(descriptor.value);
    return defineProperty(target, key, descriptor);
  };
  globalThis.awslambda = { streamifyResponse: (handler) => handler, HttpResponseStream: {} };
  await import(process.argv[1]);
  process.stdout.write('names ' + JSON.stringify([...names]), () => process.exit(0));
`;

function classesMadeBy(name: FunctionName): string[] {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', preload, join(folder, name, 'index.mjs')],
    { encoding: 'utf8', env: { ...environment, PATH: process.env.PATH } },
  );
  const [, names] = /names (\[.*\])$/.exec(stdout) ?? [];
  if (names === undefined) throw new Error(`${name} does not start: ${stdout}${stderr}`);
  return JSON.parse(names);
}

const environment = {
  AWS_REGION: 'us-east-1',
  A2A_GATEWAY_PUBLIC_URL: 'https://gateway.example',
  A2A_GATEWAY_ISSUERS: '[{"issuer":"https://issuer.example","audiences":["a"]}]',
  A2A_GATEWAY_STORE: 'dynamodb',
  A2A_GATEWAY_DYNAMODB_TABLE_NAME: 'table',
  A2A_GATEWAY_SECRETS_MANAGER_PREFIX: 'prefix/',
  A2A_GATEWAY_SEARCH_S3_VECTORS_VECTOR_BUCKET_NAME: 'bucket',
  INDEX_QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/000000000000/queue',
  PUSH_QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/000000000000/push',
};
