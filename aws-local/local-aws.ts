import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ExampleAgentsOptions, startExampleAgents } from '../examples/agents/serve.ts';
import { createDevIssuer, type DevIssuer } from '../src/runtimes/node/dev-issuer.ts';
import { loadOrCreateSigningKeys } from '../src/runtimes/node/dev-issuer-keys.ts';
import { seedExamples } from '../src/runtimes/node/newcomer-seed.ts';
import { startBedrockServer } from './bedrock.ts';
import { startDynamoDbLocal } from './dynamodb-local.ts';
import { startInvokeApi } from './invoke-api.ts';
import { startKmsServer } from './kms.ts';
import { runtimeCommand } from './lambda/runtime-command.ts';
import { listenOnLoopback } from './listener.ts';
import { type LocalStack, type LocalStackOptions, startLocalStack } from './local-stack.ts';
import { startMoto } from './moto.ts';
import { startS3VectorsServer } from './s3-vectors/server.ts';
import { startSentenceEncoder } from './sentence-encoder.ts';
import { type SynthesisOptions, synthesise } from './synthesise.ts';

export interface LocalAwsOptions
  extends Pick<LocalStackOptions, 'adjust' | 'print'>,
    Pick<SynthesisOptions, 'authorizerResultsCacheTtl' | 'conditions' | 'issuers' | 'settings'> {
  /** 0 picks a free one. */
  port: number;
  environment: Readonly<Record<string, string | undefined>>;
  /** Pace of the example agents; false: there are none, and the gateway is empty. */
  examples?: ExampleAgentsOptions | false;
}

export interface LocalAws {
  /** Where the gateway is; the API's custom domain. */
  url: string;
  stack: LocalStack;
  /** Lambda's Invoke operation. */
  invokeEndpoint: string;
  endpoints: LocalStackOptions['endpoints'];
  close(): Promise<void>;
}

/** Audience of tokens for the example agents that want one. */
const exampleAudience = 'urn:a2a-gateway:example-agents';

/** The AWS stack on this machine, with an issuer and the example agents as newcomer mode has them. */
export async function startLocalAws(options: LocalAwsOptions): Promise<LocalAws> {
  const closers: (() => Promise<unknown>)[] = [];
  const close = async () => {
    // Last started, first ended; one that fails to end does not keep the others.
    for (const end of closers.splice(0).reverse()) await end().catch(() => {});
  };
  try {
    return await start(options, closers, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function start(
  { port, environment, examples, adjust, print, ...props }: LocalAwsOptions,
  closers: (() => Promise<unknown>)[],
  close: () => Promise<void>,
): Promise<LocalAws> {
  const owned = async <T extends { close(): Promise<unknown> }>(starting: Promise<T>): Promise<T> => {
    const started = await starting;
    closers.push(() => started.close());
    return started;
  };
  const folder = await mkdtemp(join(tmpdir(), 'a2a-aws-local-'));
  closers.push(() => rm(folder, { recursive: true, force: true }));
  const starting = [owned(startDynamoDbLocal()), owned(startMoto())] as const;
  // Both to their end, so that where one fails the other is known and can be closed.
  await Promise.allSettled(starting);
  const [dynamoDb, moto] = await Promise.all(starting);
  const { embed } = await owned(startSentenceEncoder());
  const bedrock = await owned(startBedrockServer({ embed }));
  const s3Vectors = await owned(startS3VectorsServer());
  const kms = await owned(startKmsServer());
  const endpoints = {
    dynamoDb: dynamoDb.endpoint,
    secretsManager: moto.endpoint,
    sqs: moto.endpoint,
    s3Vectors: s3Vectors.url,
    bedrock: bedrock.url,
    kms: kms.url,
  };
  const listener = await owned(listenOnLoopback(port));
  const { origin } = listener;

  const command = await runtimeCommand(folder, environment);
  const assembly = synthesise({ ...props, origin, folder });
  const given = { assembly, endpoints, command, print, ...(adjust !== undefined && { adjust }) };
  const stack = await owned(startLocalStack(given));
  const invokeApi = await owned(startInvokeApi(stack.functions));
  const issuer = await devIssuer(origin, folder);
  listener.serve((request, response) => {
    if (issuer.owns((request.url ?? '').split('?', 1)[0] ?? '')) issuer.handle(request, response);
    else void stack.handle(request, response);
  });
  if (examples !== false) {
    const requireToken = { issuer: issuer.issuer, audience: exampleAudience, jwksUrl: issuer.jwksUrl };
    const { agents } = await owned(startExampleAgents({ ...examples, requireToken }));
    await seedExamples((request) => fetch(request), { issuer, agents, gatewayUrl: origin });
  }
  return { url: origin, stack, invokeEndpoint: invokeApi.endpoint, endpoints, close };
}

async function devIssuer(origin: string, folder: string): Promise<DevIssuer> {
  return createDevIssuer({
    issuer: `${origin}/dev/issuer`,
    audience: origin,
    agentAudience: exampleAudience,
    signingKeys: await loadOrCreateSigningKeys(join(folder, 'dev-issuer.json')),
  });
}
