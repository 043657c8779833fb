import * as z from 'zod';
import { breakerSchema, healthSchema, loadSchema } from './config-traffic.ts';

/** Every setting there is: its shape, its default, what it means. */

const kibibyte = 1024;
const mebibyte = 1024 * kibibyte;

/** A card is written in one transaction, which holds 4 MiB, with what it grows by when it is kept. */
const largestDynamoCard = 2 * mebibyte;

/** Asymmetric signatures only: with a shared-secret algorithm whoever can verify can also forge. */
const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const;

const httpUrl = z.url({ protocol: /^https?$/ });

/** Where the gateway's own routes are: agents below one of these would hide behind them. */
const ownPath = /^\/(?:admin|console|dev|health|ready|search)(?:\/|$)/;

const issuerSchema = z
  .strictObject({
    issuer: httpUrl.describe('Compared letter for letter with the `iss` claim.'),
    jwksUrl: httpUrl.optional().describe('Where the keys are. Absent: discovered from the issuer.'),
    audiences: z.array(z.string().min(1)).default([]).describe('Accepted `aud` values. Empty: not checked.'),
    clientIds: z
      .array(z.string().min(1))
      .default([])
      .describe('Accepted `client_id`, `azp` or `appid` values. Empty: not checked.'),
    algorithms: z
      .array(z.enum(algorithms))
      .min(1)
      .default(['RS256', 'PS256', 'ES256', 'EdDSA'])
      .describe('Accepted signature algorithms.'),
    scopePrefix: z
      .string()
      .default('')
      .describe('Scopes must begin with this, and lose it: `resource-server/` for Amazon Cognito.'),
    allowScopes: z
      .array(z.string().min(1))
      .default([])
      .describe(
        'Scopes, less the prefix, this issuer may grant. Empty: all, `gateway:admin` among them. Name them for an issuer of a partner.',
      ),
    clockSkewSeconds: z.int().min(0).max(300).default(30).describe('Tolerated difference of clocks.'),
  })
  .refine((issuer) => issuer.audiences.length > 0 || issuer.clientIds.length > 0, {
    error: 'needs audiences or clientIds: without either any token of the issuer would be accepted',
  });

const limitsSchema = z.strictObject({
  maxBodyBytes: z
    .int()
    .min(kibibyte)
    .max(100 * mebibyte)
    .default(10 * mebibyte)
    .describe('Largest request body.'),
  maxAnswerBytes: z
    .int()
    .min(kibibyte)
    .max(200 * mebibyte)
    .default(32 * mebibyte)
    .describe('Largest answer of an agent that is not a stream.'),
  maxEventBytes: z
    .int()
    .min(kibibyte)
    .max(64 * mebibyte)
    .default(4 * mebibyte)
    .describe('Largest event of a stream.'),
  maxCardBytes: z
    .int()
    .min(kibibyte)
    .max(16 * mebibyte)
    .default(mebibyte)
    .describe('Largest agent card fetched.'),
});

const deadlinesSchema = z.strictObject({
  connectTimeoutMs: z
    .int()
    .min(1)
    .max(60_000)
    .default(5_000)
    .describe('Resolving, connecting and TLS to an agent.'),
  headersTimeoutMs: z
    .int()
    .min(1)
    .max(3_600_000)
    .default(300_000)
    .describe("From sending to the first line of an agent's answer: how long an agent may think."),
  idleTimeoutMs: z
    .int()
    .min(1)
    .max(3_600_000)
    .default(300_000)
    .describe("Longest silence inside an agent's answer."),
  totalTimeoutMs: z
    .int()
    .min(1)
    .max(3_600_000)
    .default(600_000)
    .describe('A whole call that is no stream, further attempts included.'),
  cardTimeoutMs: z
    .int()
    .min(1)
    .max(60_000)
    .default(10_000)
    .describe('Fetching an agent card, redirects included.'),
});

const streamsSchema = z.strictObject({
  keepAliveMs: z
    .int()
    .min(1)
    .max(60_000)
    .default(15_000)
    .describe('Silence after which a stream carries a comment.'),
});

const affinitySchema = z.strictObject({
  retentionMs: z
    .int()
    .min(60_000)
    .max(31_536_000_000)
    .default(604_800_000)
    .describe(
      'How long after its last use it is known at which instance or session of an agent a conversation is, to the day.',
    ),
});

const corsSchema = z.strictObject({
  allowOrigins: z
    .array(
      z.union([
        z.literal('*'),
        z.string().regex(/^https?:\/\/[^/?#\s]+$/, { error: 'must be an origin or *' }),
      ]),
    )
    .default([])
    .describe('Origins whose pages may call the gateway from a browser; `*` for all. Empty: none.'),
});

const proxySchema = z
  .strictObject({
    url: httpUrl
      .optional()
      .describe(
        'Proxy through which agents, cards and issuers are called, by `CONNECT`. May hold `user:password@`. Absent: none.',
      ),
    resolveNames: z
      .enum(['gateway', 'proxy'])
      .default('gateway')
      .describe(
        'Who turns names into addresses. `proxy`: it alone decides where a name leads, and must itself refuse addresses that are not public.',
      ),
    bypassHosts: z
      .array(z.string().min(1))
      .default([])
      .describe('Hosts called without the proxy, in the form of `allowHosts`.'),
    caFile: z
      .string()
      .min(1)
      .optional()
      .describe('PEM file of further certificate authorities for a proxy called by `https`.'),
  })
  .refine(({ url, bypassHosts, caFile }) => url !== undefined || (bypassHosts.length === 0 && !caFile), {
    path: ['url'],
    error: 'needed where a proxy is described',
  });

const upstreamSchema = z.strictObject({
  allowHttp: z.boolean().default(false).describe('Let agents, cards and issuers be reached without TLS.'),
  allowPorts: z
    .array(z.int().min(1).max(65_535))
    .default([])
    .describe(
      'Only these ports are called. Empty: 443, 80 where `allowHttp` is set, and those from 1024 on but the well-known ports of stores, queues and control planes.',
    ),
  allowHosts: z
    .array(z.string().min(1))
    .default([])
    .describe('Only these hosts are called (`*.example.com` for all below one). Empty: all.'),
  denyHosts: z.array(z.string().min(1)).default([]).describe('These hosts are never called.'),
  allowAddresses: z
    .array(z.string().min(1))
    .default([])
    .describe('Address ranges (CIDR) called though they are not public, such as `10.20.0.0/16`.'),
  caFile: z.string().min(1).optional().describe('PEM file of further certificate authorities for agents.'),
  proxy: proxySchema.prefault({}),
});

const searchSchema = z.strictObject({
  enabled: z.boolean().default(true).describe('Whether agents can be searched for.'),
  embedder: z
    .enum(['use-lite', 'bedrock', 'openai', 'onnx'])
    .optional()
    .describe(
      'The model that turns texts into vectors. Absent: `use-lite`, which comes along and needs no network, or `bedrock` where `store` is `dynamodb`.',
    ),
  bedrock: z
    .strictObject({
      modelId: z
        .string()
        .min(1)
        .max(2_048)
        .default('amazon.titan-embed-text-v2:0')
        .describe('Model of Amazon Bedrock that takes `inputText`, `dimensions` and `normalize`.'),
      dimensions: z.literal([256, 512, 1024]).default(512).describe('Length of its vectors.'),
    })
    .prefault({}),
  openai: z
    .strictObject({
      url: httpUrl
        .optional()
        .describe('Base URL of an endpoint in the style of OpenAI, such as `https://api.openai.com/v1`.'),
      model: z.string().min(1).max(256).optional().describe('Its model, such as `text-embedding-3-small`.'),
      dimensions: z.int().min(8).max(4_096).optional().describe('Length of its vectors.'),
      apiKey: z.string().min(1).max(4_096).optional().describe('Sent as a bearer token. Absent: none.'),
    })
    .prefault({}),
  onnx: z
    .strictObject({
      folder: z
        .string()
        .min(1)
        .optional()
        .describe(
          'Folder with `model.onnx` and `tokenizer.json`. Needs the packages `docs/search.md` names.',
        ),
    })
    .prefault({}),
  s3Vectors: z
    .strictObject({
      vectorBucketName: z
        .string()
        .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/)
        .optional()
        .describe('Where vectors are if `store` is `dynamodb`. Absent: there is no search.'),
    })
    .prefault({}),
});

/** Every member has a description; `docs/settings.md` is made of them. */
const members = z.strictObject({
  publicUrl: httpUrl
    .refine(isConfidential, { error: 'must be https: tokens would cross the network in the clear' })
    .describe('Where callers reach the gateway; agent cards name it.'),
  agentsPath: z
    .string()
    .regex(/^(?:\/[a-z0-9-]+)+$/)
    .refine((path) => !ownPath.test(path), { error: "must not be among the gateway's own paths" })
    .default('/agents')
    .describe('Path under which agents are.'),
  issuers: z
    .array(issuerSchema)
    .min(1)
    .refine((issuers) => new Set(issuers.map(({ issuer }) => issuer)).size === issuers.length, {
      error: 'names an issuer twice: which of the two counts is undefined',
    })
    .describe('Token issuers that are trusted.'),
  limits: limitsSchema.prefault({}),
  deadlines: deadlinesSchema.prefault({}),
  streams: streamsSchema.prefault({}),
  affinity: affinitySchema.prefault({}),
  load: loadSchema.prefault({}),
  breaker: breakerSchema.prefault({}),
  health: healthSchema.prefault({}),
  cors: corsSchema.prefault({}),
  upstream: upstreamSchema.prefault({}),
  listen: z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1').describe('Address to listen on.'),
      port: z
        .int()
        .min(0)
        .max(65_535)
        .default(8080)
        .describe('Port to listen on; 0 picks a free one. `PORT` is read too.'),
    })
    .prefault({}),
  store: z
    .enum(['sqlite', 'dynamodb'])
    .default('sqlite')
    .describe(
      'Where agents, permissions and secrets are kept: in one file, or in DynamoDB and Secrets Manager, which a fleet shares.',
    ),
  dynamodb: z
    .strictObject({
      tableName: z
        .string()
        .regex(/^[\w.-]{3,255}$/)
        .optional()
        .describe('The table, with keys `pk` and `sk`. Needed where `store` is `dynamodb`.'),
    })
    .prefault({}),
  secretsManager: z
    .strictObject({
      prefix: z
        .string()
        .regex(/^[\w/+.@-]{1,128}\/$/, { error: 'must end with / and hold only letters, digits and /_+.@-' })
        .default('a2a-gateway/')
        .describe('What the names of secrets begin with; another for each environment of an account.'),
      kmsKeyId: z
        .string()
        .min(1)
        .optional()
        .describe('KMS key that seals them. Absent: the key of the account for Secrets Manager.'),
    })
    .prefault({}),
  search: searchSchema.prefault({}),
  dataDir: z.string().min(1).default('./.data').describe('Folder of the embedded store and its key.'),
  secretKey: z
    .string()
    .min(1)
    .optional()
    .describe('32 bytes in base64 or hex that seal stored secrets. Absent: a key file in the data folder.'),
  log: z
    .strictObject({
      level: z
        .enum(['debug', 'info', 'warn', 'error'])
        .default('info')
        .describe('Least level that is logged.'),
      metricsNamespace: z
        .string()
        .regex(/^[\w.\-/#:]{1,255}$/)
        .optional()
        .describe(
          'CloudWatch namespace: lines of the log then carry metrics in the embedded metric format. Absent: none.',
        ),
      environment: z
        .string()
        .regex(/^[\w.-]{1,64}$/)
        .default('default')
        .describe('Dimension `Environment` of these metrics.'),
    })
    .prefault({}),
});

/** The core's and the runtimes' settings. */
export const settingsSchema = members
  .refine(({ store, dynamodb }) => store !== 'dynamodb' || dynamodb.tableName !== undefined, {
    path: ['dynamodb', 'tableName'],
    error: 'needed where store is dynamodb',
  })
  .refine(({ store, limits }) => store !== 'dynamodb' || limits.maxCardBytes <= largestDynamoCard, {
    path: ['limits', 'maxCardBytes'],
    error: `at most ${largestDynamoCard} where store is dynamodb: one transaction holds 4 MiB`,
  })
  .refine(({ search: { embedder, onnx } }) => embedder !== 'onnx' || onnx.folder !== undefined, {
    path: ['search', 'onnx', 'folder'],
    error: 'needed where search.embedder is onnx',
  })
  .refine(({ search: { embedder, openai } }) => embedder !== 'openai' || isComplete(openai), {
    path: ['search', 'openai'],
    error: 'needs url, model and dimensions where search.embedder is openai',
  });

function isComplete({ url, model, dimensions }: z.output<typeof searchSchema>['openai']): boolean {
  return url !== undefined && model !== undefined && dimensions !== undefined;
}

/** TLS, or a URL that never leaves this machine. What is no URL has been refused as that. */
function isConfidential(url: string): boolean {
  if (!URL.canParse(url)) return true;
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || /^(?:localhost|\[::1\]|127(?:\.\d+){3})$/.test(hostname);
}

export type Settings = z.output<typeof settingsSchema>;
