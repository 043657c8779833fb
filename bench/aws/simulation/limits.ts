import { controlDefaults, controlQuantities } from '../control-cost.ts';
import { sendDefaults } from '../cost-model.ts';
import { accountThrottle, type Demand, stageThrottle } from './demand.ts';
import type { Load } from './load.ts';
import { entryUnits } from './population.ts';

/** A limit that a load can reach. */
export interface Limit {
  name: string;
  quota: number;
  unit: string;
  /** Whether AWS raises it when asked, or what it becomes. */
  adjustable: 'yes' | 'no' | string;
  source: string;
  /** Read in a stored copy of the source. False: from memory. */
  confirmed: boolean;
  demand(demand: Demand, load: Load): number;
}

const docs = 'https://docs.aws.amazon.com/';
const apiGatewayLimits = `${docs}apigateway/latest/developerguide/limits.html`;
const lambdaLimits = `${docs}lambda/latest/dg/gettingstarted-limits.html`;
const dynamoLimits = `${docs}amazondynamodb/latest/developerguide/ServiceQuotas.html`;
const dynamoThrottling = 'https://repost.aws/knowledge-center/on-demand-table-throttling-dynamodb';
const cognitoLimits = `${docs}cognito/latest/developerguide/quotas.html`;
const partition = {
  quota: 3_000,
  unit: 'read units/s',
  adjustable: 'no',
  source: dynamoThrottling,
  confirmed: true,
} as const;
/** Of a send: its record, what it used, and whose its task is. */
const recordUnits = controlQuantities({ ...controlDefaults, judges: 0, uses: 0 }).dynamoWrite;
const sendWriteUnits =
  controlQuantities({ ...controlDefaults, judges: 0 }).dynamoWrite + sendDefaults.owned.writeUnits;
/** From one look at the revocations to the next, of each environment at work. */
const revocationsSeconds = 2;
/** Partitions in which the trail of an hour is. */
const trailPartitions = 8;
/** What a Query reads at most before it must be continued. */
const queryUnits = 256;

export const limits: readonly Limit[] = [
  {
    name: 'Throttle of the stage',
    quota: stageThrottle.requestsPerSecond,
    unit: 'requests/s',
    adjustable: '`throttlingRateLimit`',
    source: 'infra/props.ts',
    confirmed: true,
    demand: (demand) => demand.requestsPerSecond,
  },
  {
    name: 'Burst of the stage',
    quota: stageThrottle.burst,
    unit: 'requests',
    adjustable: '`throttlingBurstLimit`',
    source: 'infra/props.ts',
    confirmed: true,
    demand: (demand) => demand.stageBurst,
  },
  {
    name: 'API Gateway throttle',
    quota: accountThrottle.requestsPerSecond,
    unit: 'requests/s',
    adjustable: 'yes',
    source: apiGatewayLimits,
    confirmed: true,
    demand: (demand) => demand.requestsPerSecond,
  },
  {
    name: 'API Gateway burst',
    quota: accountThrottle.burst,
    unit: 'requests',
    adjustable: 'with the throttle',
    source: apiGatewayLimits,
    confirmed: false,
    demand: (demand) => demand.accountBurst,
  },
  {
    name: 'Lambda concurrency',
    quota: 1_000,
    unit: 'environments',
    adjustable: 'yes, to tens of thousands',
    source: lambdaLimits,
    confirmed: true,
    demand: (demand) => demand.concurrency,
  },
  {
    name: 'Lambda environment, ids of own Cognito clients',
    quota: 4_096,
    unit: 'bytes',
    adjustable: 'no',
    source: lambdaLimits,
    confirmed: true,
    // What the stack sets beside them, and 26 characters of an id with quotes and a comma.
    demand: (_, load) => 900 + load.callers * 29,
  },
  {
    name: 'Lambda scaling, after a deployment',
    quota: 1_000,
    unit: 'new/10 s a function',
    adjustable: 'no',
    source: `${docs}lambda/latest/dg/scaling-behavior.html`,
    confirmed: true,
    demand: (demand) => demand.newEnvironmentsPer10sAfterDeploy,
  },
  {
    name: 'DynamoDB, new table',
    quota: 12_000,
    unit: 'read units/s',
    adjustable: 'grows with use, or warm throughput',
    source: dynamoThrottling,
    confirmed: true,
    demand: (demand) => demand.tableUnitsPerSecond,
  },
  {
    name: 'DynamoDB, table',
    quota: 40_000,
    unit: 'read units/s',
    adjustable: 'yes',
    source: dynamoLimits,
    confirmed: false,
    demand: (demand) => demand.tableUnitsPerSecond,
  },
  {
    name: 'DynamoDB, new table, writes',
    quota: 4_000,
    unit: 'write units/s',
    adjustable: 'grows with use, or warm throughput',
    source: dynamoThrottling,
    confirmed: true,
    demand: (demand) => demand.requestsPerSecond * sendWriteUnits,
  },
  {
    name: 'DynamoDB, trail of an hour',
    quota: trailPartitions * 1_000,
    unit: 'write units/s',
    adjustable: 'no',
    source: dynamoThrottling,
    confirmed: true,
    demand: (demand) => demand.requestsPerSecond * recordUnits,
  },
  {
    ...partition,
    name: 'DynamoDB, key `revocations`',
    demand: (demand) => demand.concurrency / revocationsSeconds,
  },
  {
    ...partition,
    name: 'DynamoDB, key `agents` (index)',
    demand: (demand) => demand.indexUnitsPerSecond,
  },
  { ...partition, name: 'DynamoDB, busiest tag', demand: (demand) => demand.tagUnitsPerSecond },
  { ...partition, name: 'DynamoDB, busiest agent', demand: (demand) => demand.agentUnitsPerSecond },
  { ...partition, name: 'DynamoDB, busiest permission', demand: (demand) => demand.permissionUnitsPerSecond },
  {
    name: 'DynamoDB Query in one piece (index)',
    quota: queryUnits,
    unit: 'read units',
    adjustable: 'no, but pages go on',
    source: dynamoLimits,
    confirmed: false,
    demand: (_, load) => entryUnits(load.agents),
  },
  {
    name: 'Secrets Manager GetSecretValue',
    quota: 10_000,
    unit: 'calls/s',
    adjustable: 'no',
    source:
      'https://aws.amazon.com/about-aws/whats-new/2025/03/aws-secrets-manager-increases-api-requests-seconds',
    confirmed: true,
    demand: (demand) => demand.secretCallsPerSecond,
  },
  {
    name: 'Secrets Manager secrets',
    quota: 500_000,
    unit: 'secrets',
    adjustable: 'no',
    source: `${docs}secretsmanager/latest/userguide/reference_limits.html`,
    confirmed: false,
    demand: (_, load) => load.agents * load.oauthShare,
  },
  {
    name: 'Cognito client credentials',
    quota: 150,
    unit: 'tokens/s',
    adjustable: 'yes, at a price',
    source: cognitoLimits,
    confirmed: false,
    demand: (demand) => demand.callerTokensPerSecond,
  },
  {
    name: 'Cognito clients of a user pool',
    quota: 1_000,
    unit: 'clients',
    adjustable: 'yes, to 10,000',
    source: cognitoLimits,
    confirmed: false,
    demand: (_, load) => load.callers,
  },
];
