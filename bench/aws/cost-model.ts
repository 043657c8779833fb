import { type ControlShape, controlDefaults, controlQuantities, streamReads } from './control-cost.ts';
import { type FunctionTimes, type Measured, onLambda } from './measured.ts';
import { hoursPerMonth, type PriceName, prices } from './prices.ts';

/** What is bought: so much of each priced thing. */
export type Quantities = Partial<Record<PriceName, number>>;

export interface CostLine {
  name: PriceName;
  quantity: number;
  usd: number;
}

/** Prices of what is bought, the dearest first. */
export function costOf(quantities: Quantities): CostLine[] {
  return Object.entries(quantities)
    .map(([key, quantity]) => {
      const name = key as PriceName; // A key of `Quantities` is one.
      return { name, quantity, usd: quantity * prices[name].usd };
    })
    .filter(({ usd }) => usd > 0)
    .sort((one, other) => other.usd - one.usd);
}

export function totalOf(lines: readonly CostLine[]): number {
  return lines.reduce((sum, { usd }) => sum + usd, 0);
}

/** What one send takes on average; the first four are what `simulate` finds. */
export interface SendShape {
  authorizerCalls: number;
  readUnits: number;
  secretCalls: number;
  /** Of both functions: invocations that begin with a new environment. */
  coldShare: number;
  /** How long the agent thinks; the function waits, and is paid for. */
  agentSeconds: number;
  logBytes: number;
  /** What Lambda writes of its own, an invocation. */
  platformLogBytes: number;
  requestBytes: number;
  responseBytes: number;
  /** Requests of which a trace is kept. */
  traced: number;
  /** Tokens a caller takes from Cognito, a send. */
  callerTokens: number;
  /** To write down whose the task and its context are, before the caller sees them. */
  owned: { readUnits: number; writeUnits: number };
  /** To judge it by more than its scopes, to count it and to record it. */
  control: Omit<ControlShape, 'judges'>;
}

export const sendDefaults = {
  coldShare: 0.005,
  agentSeconds: 1,
  // One line of ours with its metrics and one access log, as they are with values of usual length.
  logBytes: 740 + 700,
  // START, END, REPORT.
  platformLogBytes: 400,
  requestBytes: 4_000,
  responseBytes: 3_000,
  traced: 0.05,
  callerTokens: 0,
  // Of a new task in a new context: items of the owner are read, claimed in one transaction, and written.
  owned: { readUnits: 2, writeUnits: 2 * 2 + 2 },
  control: controlDefaults,
} as const;

const gb = 1e9;
/** Request and answer, headers included. */
const secretCallBytes = 2_000;

function gbSeconds({ memoryMb }: { memoryMb: number }, seconds: number): number {
  return (memoryMb / 1_024) * seconds;
}

/** @param isPrivate callers and secrets come by interface endpoints, agents are reached by NAT */
export function sendQuantities(shape: SendShape, measured: Measured, isPrivate = false): Quantities {
  const { authorizer, dataPlane } = measured;
  const { authorizerCalls, coldShare, agentSeconds, requestBytes, responseBytes } = shape;
  const logged = shape.logBytes + (1 + authorizerCalls) * shape.platformLogBytes;
  const control = controlQuantities({ ...shape.control, judges: 1 + authorizerCalls });
  const busySeconds = (times: FunctionTimes) =>
    onLambda(times, times.warmMs + coldShare * times.coldMs) / 1_000;
  return {
    apiGatewayRequest: 1,
    // The stack has a web ACL for a regional API only.
    wafRequest: isPrivate ? 0 : 1,
    lambdaRequest: 1 + authorizerCalls,
    lambdaGbSecond:
      authorizerCalls * gbSeconds(authorizer, busySeconds(authorizer)) +
      gbSeconds(dataPlane, agentSeconds + busySeconds(dataPlane)),
    dynamoRead: shape.readUnits + shape.owned.readUnits + control.dynamoRead,
    dynamoWrite: shape.owned.writeUnits + control.dynamoWrite,
    secretCall: shape.secretCalls,
    // Every GetSecretValue opens the secret with the stack's key.
    kmsCall: shape.secretCalls,
    logIngestion: logged / gb,
    // For the month they are kept.
    logStorage: logged / gb,
    // To the agent, and to a caller who is not inside.
    dataTransferOut: (isPrivate ? requestBytes : requestBytes + responseBytes) / gb,
    trace: shape.traced,
    cognitoToken: shape.callerTokens,
    ...(isPrivate && {
      natGb: (requestBytes + responseBytes) / gb,
      endpointGb: (requestBytes + responseBytes + shape.secretCalls * secretCallBytes) / gb,
    }),
  };
}

/** What a stream takes, beside what a send does. */
export interface StreamShape {
  /** Mean length. */
  seconds: number;
  bytesPerSecond: number;
}

/** A stream's request is counted for every 10 MB begun, and beyond 6 MB Lambda counts bytes. */
export function streamHourQuantities(
  { seconds, bytesPerSecond }: StreamShape,
  send: SendShape,
  measured: Measured,
  isPrivate = false,
): Quantities {
  const streams = 3_600 / seconds;
  const bytes = seconds * bytesPerSecond;
  // What it was let in for is on record when it opens, what became of it when it ends.
  const control = { ...send.control, records: 2, uses: 2 };
  const shape = { ...send, control, agentSeconds: seconds, responseBytes: bytes };
  const one = sendQuantities(shape, measured, isPrivate);
  const quantities: Quantities = {
    ...one,
    dynamoRead: (one.dynamoRead ?? 0) + seconds * streamReads,
    apiGatewayRequest: Math.max(1, Math.ceil(bytes / 10e6)),
    lambdaStreamedGb: Math.max(0, bytes - 6e6) / gb,
  };
  return Object.fromEntries(
    Object.entries(quantities).map(([name, quantity]) => [name, quantity * streams]),
  ) as Quantities; // The same keys.
}

/** What stands whether anyone calls or not. */
export interface Standing {
  agents: number;
  oauthAgents: number;
  agentKb: number;
  machineClients: number;
  kmsKeys: number;
  webAcls: number;
  wafRules: number;
  metrics: number;
  alarms: number;
  dashboards: number;
  natGateways: number;
  interfaceEndpoints: number;
  /** Availability zones each interface endpoint is in. */
  zones: number;
  /** Vector, key and metadata of an agent. */
  vectorKb: number;
  /** By Lambda, of the queues of index and webhooks, whether or not there is anything in them. */
  queueReceives: number;
  /** For webhooks that nobody was woken for, in eight partitions. */
  pushLooks: number;
  /** What the hourly look at the index asks of S3 Vectors. */
  indexRequests: number;
}

/** The stack's defaults, with a few agents and clients. */
export const regionalStanding: Standing = {
  agents: 20,
  oauthAgents: 14,
  agentKb: 8,
  machineClients: 2,
  kmsKeys: 2,
  webAcls: 1,
  wafRules: 3,
  // Of five operations in use, two of searches and three of webhooks.
  metrics: 33,
  alarms: 24,
  dashboards: 1,
  natGateways: 0,
  interfaceEndpoints: 0,
  zones: 0,
  vectorKb: 8,
  // Five at a time, 20 s each.
  queueReceives: 2 * 5 * 3 * 60 * hoursPerMonth,
  pushLooks: 60 * hoursPerMonth,
  indexRequests: 2 * hoursPerMonth,
};

/** Endpoints of API Gateway and Secrets Manager; those of DynamoDB and S3 cost nothing. */
export const privateStanding: Standing = {
  ...regionalStanding,
  webAcls: 0,
  wafRules: 0,
  natGateways: 1,
  interfaceEndpoints: 2,
  zones: 2,
};

/** Half a gigabyte for a moment. */
const pushLookGbSeconds = 0.5 * 0.05;

export function monthlyQuantities(standing: Standing): Quantities {
  const storedGb = (standing.agents * standing.agentKb) / 1e6;
  return {
    secret: standing.oauthAgents,
    cognitoClient: standing.machineClients,
    kmsKey: standing.kmsKeys,
    wafAcl: standing.webAcls,
    wafRule: standing.wafRules,
    metric: standing.metrics,
    alarm: standing.alarms,
    dashboard: standing.dashboards,
    dynamoStorage: storedGb,
    dynamoBackup: storedGb,
    vectorStorage: (standing.agents * standing.vectorKb) / 1e6,
    vectorRequest: standing.indexRequests,
    sqsRequest: standing.queueReceives,
    lambdaRequest: standing.pushLooks,
    lambdaGbSecond: standing.pushLooks * pushLookGbSeconds,
    dynamoRead: 8 * standing.pushLooks,
    natHour: standing.natGateways * hoursPerMonth,
    endpointHour: standing.zones * standing.interfaceEndpoints * hoursPerMonth,
  };
}

/** Containers that run the Node runtime over the same table, behind a load balancer. */
export interface Fleet {
  tasks: number;
  cpus: number;
  memoryGb: number;
  /** 3 000 open connections are one. */
  loadBalancerUnits: number;
}

export function fleetHourQuantities({ tasks, cpus, memoryGb, loadBalancerUnits }: Fleet): Quantities {
  return {
    fargateCpuHour: tasks * cpus,
    fargateGbHour: tasks * memoryGb,
    loadBalancerHour: 1,
    loadBalancerUnitHour: loadBalancerUnits,
  };
}

/** 30 KB a stream is the gateway's own bound (10 000 in a process); half of the memory is left to everything else. */
export function fleetFor(streams: number): Fleet {
  const task = { cpus: 1, memoryGb: 2 };
  const streamsPerTask = 10_000;
  return {
    ...task,
    // Two, so that one may go.
    tasks: Math.max(2, Math.ceil(streams / streamsPerTask) + 1),
    loadBalancerUnits: Math.max(1, Math.ceil(streams / 3_000)),
  };
}
