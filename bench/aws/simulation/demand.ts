import { KeyMeter, Meter } from './meter.ts';

/** DynamoDB lets a partition use what it has not used for a while, so a single second says little. */
const partitionSeconds = 10;
const scalingSeconds = 10;

export interface Throttle {
  requestsPerSecond: number;
  burst: number;
}

/** What API Gateway refills and holds for an account, and for a stage as the stack sets it (`infra/props.ts`). */
export const accountThrottle: Throttle = { requestsPerSecond: 10_000, burst: 5_000 };
export const stageThrottle: Throttle = { requestsPerSecond: 500, burst: 1_000 };

/** A bucket that is never empty: what is missing is what a real one would refuse. */
export class Bucket {
  readonly #throttle: Throttle;
  #tokens: number;
  #at: number;
  /** How far it was drawn down. */
  drawn = 0;

  constructor(throttle: Throttle, now: number) {
    this.#throttle = throttle;
    this.#tokens = throttle.burst;
    this.#at = now;
  }

  draw(now: number): void {
    const { burst, requestsPerSecond } = this.#throttle;
    this.#tokens = Math.min(burst, this.#tokens + (now - this.#at) * requestsPerSecond) - 1;
    this.#at = now;
    this.drawn = Math.max(this.drawn, burst - this.#tokens);
  }
}

/** The functions that callers reach, each with environments of its own. */
export const functionKinds = ['authorizer', 'dataPlane', 'management'] as const;
export type FunctionKind = (typeof functionKinds)[number];

/** What one function does. */
export interface FunctionCounts {
  invocations: Meter;
  newEnvironments: Meter;
  mostBusy: number;
}

/** Everything counted in one stretch of a run. */
export interface Counts {
  requests: Meter;
  functions: Record<FunctionKind, FunctionCounts>;
  signatures: Meter;
  callerTokens: Meter;
  secretCalls: Meter;
  tableUnits: Meter;
  indexUnits: Meter;
  agentUnits: KeyMeter;
  permissionUnits: KeyMeter;
  tagUnits: KeyMeter;
  agentReads: number;
  agentHits: number;
  permissionReads: number;
  permissionHits: number;
  bodiesBeyondWaf: number;
  bodiesBeyondLambda: number;
  account: Bucket;
  stage: Bucket;
}

export function createCounts(now: number): Counts {
  return {
    requests: new Meter(),
    functions: {
      authorizer: createFunctionCounts(),
      dataPlane: createFunctionCounts(),
      management: createFunctionCounts(),
    },
    signatures: new Meter(),
    callerTokens: new Meter(),
    secretCalls: new Meter(),
    tableUnits: new Meter(partitionSeconds),
    indexUnits: new Meter(partitionSeconds),
    agentUnits: new KeyMeter(partitionSeconds),
    permissionUnits: new KeyMeter(partitionSeconds),
    tagUnits: new KeyMeter(partitionSeconds),
    agentReads: 0,
    agentHits: 0,
    permissionReads: 0,
    permissionHits: 0,
    bodiesBeyondWaf: 0,
    bodiesBeyondLambda: 0,
    account: new Bucket(accountThrottle, now),
    stage: new Bucket(stageThrottle, now),
  };
}

function createFunctionCounts(): FunctionCounts {
  return { invocations: new Meter(), newEnvironments: new Meter(scalingSeconds), mostBusy: 0 };
}

function newEnvironments({ functions }: Counts): number {
  const peaks = functionKinds.map((kind) => functions[kind].newEnvironments.peak * scalingSeconds);
  return Math.max(...peaks);
}

/** What a load asks of each service, at its busiest. */
export interface Demand {
  /** Requests in the counted time, for the ratios below. */
  requests: number;
  requestsPerSecond: number;
  /** How far the buckets of bursts were drawn down. */
  accountBurst: number;
  stageBurst: number;
  /** Environments at work, and no fewer than a tenth of the invocations a second: Lambda counts so. */
  concurrency: number;
  /** Of the function that needs most. */
  newEnvironmentsPer10s: number;
  newEnvironmentsPer10sAfterDeploy: number;
  tableUnitsPerSecond: number;
  indexUnitsPerSecond: number;
  agentUnitsPerSecond: number;
  permissionUnitsPerSecond: number;
  tagUnitsPerSecond: number;
  secretCallsPerSecond: number;
  callerTokensPerSecond: number;
  logGbPerDay: number;
  /** Shares and means, over the counted time. */
  authorizerCallsPerRequest: number;
  signaturesPerRequest: number;
  agentHitShare: number;
  permissionHitShare: number;
  unitsPerRequest: number;
  secretCallsPerRequest: number;
  bodiesBeyondWafShare: number;
  bodiesBeyondLambdaShare: number;
}

/** @param steady before the deployment; only new environments are looked at after it */
export function toDemand(steady: Counts, deployed: Counts, seconds: number, logBytes: number): Demand {
  const requests = steady.requests.total;
  const each = (amount: number) => (requests === 0 ? 0 : amount / requests);
  const share = (part: number, all: number) => (all === 0 ? 0 : part / all);
  return {
    requests,
    requestsPerSecond: steady.requests.peak,
    accountBurst: steady.account.drawn,
    stageBurst: steady.stage.drawn,
    concurrency: functionKinds
      .map((kind) => steady.functions[kind])
      .reduce(
        (sum, { mostBusy, invocations }) => sum + Math.max(mostBusy, Math.ceil(invocations.peak / 10)),
        0,
      ),
    newEnvironmentsPer10s: newEnvironments(steady),
    newEnvironmentsPer10sAfterDeploy: newEnvironments(deployed),
    tableUnitsPerSecond: steady.tableUnits.peak,
    indexUnitsPerSecond: steady.indexUnits.peak,
    agentUnitsPerSecond: steady.agentUnits.peak,
    permissionUnitsPerSecond: steady.permissionUnits.peak,
    tagUnitsPerSecond: steady.tagUnits.peak,
    secretCallsPerSecond: steady.secretCalls.peak,
    callerTokensPerSecond: steady.callerTokens.peak,
    logGbPerDay: ((requests / seconds) * 86_400 * logBytes) / 1e9,
    authorizerCallsPerRequest: each(steady.functions.authorizer.invocations.total),
    signaturesPerRequest: each(steady.signatures.total),
    agentHitShare: share(steady.agentHits, steady.agentReads),
    permissionHitShare: share(steady.permissionHits, steady.permissionReads),
    unitsPerRequest: each(steady.tableUnits.total),
    secretCallsPerRequest: each(steady.secretCalls.total),
    bodiesBeyondWafShare: each(steady.bodiesBeyondWaf),
    bodiesBeyondLambdaShare: each(steady.bodiesBeyondLambda),
  };
}
