import {
  aws_lambda as lambda,
  type aws_logs as logs,
  RemovalPolicy,
  aws_route53 as route53,
  aws_secretsmanager as secretsmanager,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import * as z from 'zod';
import { ownershipModes } from '../src/ownership/ownership.ts';
import { permissionOperations } from '../src/protocol/permission-operations.ts';
import type { A2AGatewayProps, Issuer } from './props.ts';
import type { SeedAgent } from './seed-props.ts';
import { isPlain } from './seed-secrets.ts';

/** What stands on the command line is text; what stands in `cdk.json` may be the thing itself. */
function json<Schema extends z.ZodType>(schema: Schema) {
  const parsed = z.unknown().transform((given, context) => {
    if (typeof given !== 'string') return given;
    try {
      return JSON.parse(given) as unknown;
    } catch {
      context.addIssue({ code: 'custom', message: `${JSON.stringify(given)} is no JSON` });
      return z.NEVER;
    }
  });
  return parsed.pipe(schema).optional();
}

const texts = z.array(z.string().min(1));
const text = z.string().min(1).optional();
const list = json(texts);
const whole = z.coerce.number<string | number>().int().min(0).optional();
const flag = z
  .union([z.boolean(), z.enum(['true', 'false']).transform((word) => word === 'true')])
  .optional();

/** Read by its kind when the construct checks it. */
const ofKind = z.looseObject({ type: z.string() });
const numbers = z.record(z.string(), z.number()).optional();

const agent = z.strictObject({
  agentId: z.string(),
  agentCardUrl: z.string().optional(),
  backendUrl: z.string().optional(),
  backend: ofKind.optional(),
  authConfig: ofKind.optional(),
  caCertificates: z.string().optional(),
  deadlines: numbers,
  limits: numbers,
  tags: texts.optional(),
  publicCard: z.boolean().optional(),
  ownership: z.enum(ownershipModes).optional(),
});

const search = z.strictObject({
  modelId: z.string().optional(),
  dimensions: z.union([z.literal(256), z.literal(512), z.literal(1024)]).optional(),
  formerModelId: z.string().optional(),
});

const callerLimits = {
  requestsPerMinute: z.number().exactOptional(),
  burst: z.number().exactOptional(),
  requestsPerDay: z.number().exactOptional(),
  maxOpenStreams: z.number().exactOptional(),
  maxBodyBytes: z.number().exactOptional(),
};

const permission = z.strictObject({
  scope: z.string(),
  allowedAgents: texts,
  deniedAgents: texts.optional(),
  operations: z.array(z.enum(permissionOperations)).optional(),
  allowedSkills: z.record(z.string(), texts).optional(),
  condition: z.string().optional(),
  ...callerLimits,
  agentLimits: z.record(z.string(), z.union([z.number(), z.strictObject(callerLimits)])).optional(),
  description: z.string().optional(),
});

/** Every context value the app reads. */
export const contextSchema = z.strictObject({
  environment: text,
  endpointType: z.enum(['REGIONAL', 'PRIVATE']).optional(),
  stageName: text,
  domainName: text,
  certificateArn: text,
  basePath: text,
  hostedZoneId: text,
  hostedZoneName: text,
  publicUrl: text,
  corsAllowOrigins: list,
  issuer: text,
  audiences: list,
  issuers: json(z.array(z.record(z.string(), z.unknown()))),
  clients: json(z.array(z.strictObject({ name: z.string(), scopes: texts }))),
  scopes: list,
  cognitoDomainPrefix: text,
  agentRuntimeArns: list,
  backendFunctionArns: list,
  assumableRoleArns: list,
  signedApiArns: list,
  authenticatedCards: flag,
  vpcCidr: text,
  natGateways: whole,
  backendCidrs: list,
  throttlingRateLimit: whole,
  throttlingBurstLimit: whole,
  waf: flag,
  cloudWatchRole: flag,
  customerManagedKey: flag,
  removalPolicy: z.enum(['retain', 'destroy']).optional(),
  logRetentionDays: whole,
  logLevel: z.enum(['debug', 'info', 'warn', 'error']).optional(),
  alarmEmail: text,
  settings: json(z.record(z.string(), z.string())),
  search: json(z.union([z.literal(false), search])),
  agents: json(z.array(agent)),
  permissions: json(z.array(permission)),
  seedsRevision: text,
  conditions: flag,
  bundlesPath: text,
});

type Context = z.output<typeof contextSchema>;

/**
 * The properties of the gateway as the app's context says them (`-c name=value`, or `cdk.json`).
 * @throws TypeError, one line for each value that is wrong
 */
export function propsOfContext(scope: Construct): A2AGatewayProps {
  const names = Object.keys(contextSchema.shape);
  const given = names
    .map((name) => [name, scope.node.tryGetContext(name)])
    .filter(([, value]) => value !== undefined);
  const parsed = contextSchema.safeParse(Object.fromEntries(given));
  if (!parsed.success)
    throw new TypeError(
      parsed.error.issues.map(({ path, message }) => `context ${path.join('.')}: ${message}`).join('\n'),
    );
  return toProps(scope, parsed.data);
}

function toProps(scope: Construct, context: Context): A2AGatewayProps {
  const {
    issuer,
    audiences,
    issuers,
    hostedZoneId,
    hostedZoneName,
    removalPolicy,
    logRetentionDays,
    backendFunctionArns,
    agents,
    permissions,
    search,
    ...same
  } = context;
  if (issuer !== undefined && issuers !== undefined)
    throw new TypeError('context issuer: issuers are given too');
  if ((hostedZoneId === undefined) !== (hostedZoneName === undefined))
    throw new TypeError('context hostedZoneId and hostedZoneName go together');
  const trusted = issuer === undefined ? issuers : [{ issuer, audiences: audiences ?? [] }];
  return withoutUndefined({
    ...same,
    // The construct reads them as the functions will.
    issuers: trusted as Issuer[] | undefined,
    hostedZone:
      hostedZoneId === undefined || hostedZoneName === undefined
        ? undefined
        : route53.HostedZone.fromHostedZoneAttributes(scope, 'HostedZone', {
            hostedZoneId,
            zoneName: hostedZoneName,
          }),
    removalPolicy: removalPolicy === undefined ? undefined : RemovalPolicy[upper(removalPolicy)],
    // CloudWatch's numbers of days are the members' values.
    logRetention: logRetentionDays as logs.RetentionDays | undefined,
    backendFunctions: backendFunctionArns?.map((arn, index) =>
      functionAt(scope, `BackendFunction${index}`, arn),
    ),
    agents: agents?.map((seed) => seedOf(scope, seed)),
    permissions: permissions?.map((seed) => withoutUndefined(seed)),
    search: search === undefined || search === false ? search : withoutUndefined(search),
  });
}

function upper(policy: 'retain' | 'destroy'): 'RETAIN' | 'DESTROY' {
  return policy === 'retain' ? 'RETAIN' : 'DESTROY';
}

function functionAt(scope: Construct, id: string, functionArn: string): lambda.IFunction {
  // It is one; the CDK's types are not written for exactOptionalPropertyTypes.
  return lambda.Function.fromFunctionArn(scope, id, functionArn) as lambda.IFunction;
}

function seedOf(scope: Construct, { authConfig, ...seed }: z.output<typeof agent>): SeedAgent {
  const auth = authConfig && {
    ...withSecrets(scope, `Secret-${seed.agentId}`, authConfig),
    type: authConfig.type,
  };
  return withoutUndefined({ ...seed, authConfig: auth });
}

/** Secrets for their addresses: for `clientSecretArn` the `clientSecret` that the property has. */
function withSecrets(scope: Construct, id: string, given: Record<string, unknown>): Record<string, unknown> {
  const members = Object.entries(given).map(([name, value]): [string, unknown] => {
    const own = `${id}-${name}`;
    if (isPlain(value)) return [name, withSecrets(scope, own, value)];
    if (!name.endsWith('Arn') || typeof value !== 'string' || !value.includes(':secretsmanager:'))
      return [name, value];
    return [name.slice(0, -'Arn'.length), secretsmanager.Secret.fromSecretCompleteArn(scope, own, value)];
  });
  return Object.fromEntries(members);
}

type Given<T> = { [Name in keyof T]: Exclude<T[Name], undefined> };

/** Where a property is optional, it is left out rather than undefined. */
function withoutUndefined<T extends object>(object: T): Given<T> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Given<T>;
}
