import * as z from 'zod';
import { auditSchema } from './config-audit.ts';
import { callerLimitsSchema } from './config-caller-limits.ts';
import { grpcSchema } from './config-grpc.ts';
import { issuersSchema } from './config-issuers.ts';
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
import { confidentialUrl } from './config-url.ts';

/** Every setting there is: its shape, its default, what it means. */

/**
 * A transaction holds 4 MiB: an agent with a card that is new and the version that keeps it, or with the card that is served
 * and one that waits; and each with what it grows by when it is kept.
 */
const largestDynamoCard = mebibyte;

/** Where the gateway's own routes are: agents below one of these would hide behind them. */
const ownPath = /^\/(?:admin|console|dev|health|ready|search)(?:\/|$)/;

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
  issuers: issuersSchema,
  permissions: z
    .strictObject({
      cedar: z
        .boolean()
        .default(false)
        .describe(
          'Permissions may have a `condition` in Cedar. Where it is off none can be set, and permissions that have one grant nothing.',
        ),
    })
    .prefault({}),
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
  audit: auditSchema.prefault({}),
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
