import * as z from 'zod';
import { callerLimitsSchema } from './config-caller-limits.ts';
import { grpcSchema } from './config-grpc.ts';
import { pushSchema } from './config-push.ts';
import { searchSchema } from './config-search.ts';
import { keepsAnonymousHere, testingSchema } from './config-testing.ts';
import {
  affinitySchema,
  breakerSchema,
  deadlinesSchema,
  healthSchema,
  limitsSchema,
  loadSchema,
  loopsSchema,
  mebibyte,
  ownershipSchema,
  streamsSchema,
} from './config-traffic.ts';
import { upstreamSchema } from './config-upstream.ts';
import { confidentialUrl, httpUrl } from './config-url.ts';

/** Every setting there is: its shape, its default, what it means. */

/**
 * A transaction holds 4 MiB: an agent with a card that is new and the version that keeps it, or with the card that is served
 * and one that waits; and each with what it grows by when it is kept.
 */
const largestDynamoCard = mebibyte;

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
    tenantClaim: z
      .string()
      .min(1)
      .optional()
      .describe(
        'Claim that names the tenant of a principal, a text: `tid` for Entra. Absent: principals have none. See the registration member `ownership`.',
      ),
    clockSkewSeconds: z.int().min(0).max(300).default(30).describe('Tolerated difference of clocks.'),
  })
  .refine((issuer) => issuer.audiences.length > 0 || issuer.clientIds.length > 0, {
    error: 'needs audiences or clientIds: without either any token of the issuer would be accepted',
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

/** Every member has a description; `docs/settings.md` is made of them. */
const members = z.strictObject({
  publicUrl: confidentialUrl.describe('Where callers reach the gateway; agent cards name it.'),
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
  callerLimits: callerLimitsSchema.prefault({}),
  deadlines: deadlinesSchema.prefault({}),
  streams: streamsSchema.prefault({}),
  affinity: affinitySchema.prefault({}),
  ownership: ownershipSchema.prefault({}),
  load: loadSchema.prefault({}),
  loops: loopsSchema.prefault({}),
  breaker: breakerSchema.prefault({}),
  health: healthSchema.prefault({}),
  cors: corsSchema.prefault({}),
  upstream: upstreamSchema.prefault({}),
  push: pushSchema.prefault({}),
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
  grpc: grpcSchema.prefault({}),
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
  cardSigning: z
    .strictObject({
      kmsKeyIds: z
        .array(z.string().min(1).max(2_048))
        .max(10)
        .refine((keyIds) => new Set(keyIds).size === keyIds.length, { error: 'names a key twice' })
        .default([])
        .describe(
          'KMS keys of the kind `ECC_NIST_P256`: the first signs published cards, all are published. Empty: keys among the secrets do, and replace each other.',
        ),
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
  testing: testingSchema.prefault({}),
});

/** The core's and the runtimes' settings. */
export const settingsSchema = members
  .refine(({ grpc, listen }) => !grpc.enabled || listen.port === 0 || grpc.listen.port !== listen.port, {
    path: ['grpc', 'listen', 'port'],
    error: 'is the port of listen',
  })
  .refine(({ store, dynamodb }) => store !== 'dynamodb' || dynamodb.tableName !== undefined, {
    path: ['dynamodb', 'tableName'],
    error: 'needed where store is dynamodb',
  })
  .refine(({ store, limits }) => store !== 'dynamodb' || limits.maxCardBytes <= largestDynamoCard, {
    path: ['limits', 'maxCardBytes'],
    error: `at most ${largestDynamoCard} where store is dynamodb: one transaction holds 4 MiB`,
  })
  .refine(keepsAnonymousHere, {
    path: ['testing', 'anonymous', 'scopes'],
    error: 'only where listen.host is a loopback address and publicUrl names this machine',
  });

export type Settings = z.output<typeof settingsSchema>;
