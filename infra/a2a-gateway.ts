import {
  type aws_apigateway as apigateway,
  type CustomResource,
  type aws_cloudwatch as cloudwatch,
  Duration,
  type aws_dynamodb as dynamodb,
  aws_events as events,
  type aws_kms as kms,
  type aws_lambda as lambda,
  type aws_logs as logs,
  Stack,
  Tags,
  aws_events_targets as targets,
  type aws_wafv2 as wafv2,
} from 'aws-cdk-lib';
import { Construct, type IDependable } from 'constructs';
import { createAlarms } from './alarms.ts';
import { addMethods, createApi } from './api.ts';
import { backendsOf } from './backends.ts';
import { cardSigningKeysOf } from './card-signing.ts';
import { checkProps } from './checks.ts';
import { setCloudWatchRole } from './cloudwatch-role.ts';
import { createDashboard } from './dashboard.ts';
import { createTable, keyOf } from './data.ts';
import { createFunctions, type Functions } from './functions.ts';
import { addGatewayResponses } from './gateway-responses.ts';
import { createIdentity, type Identity } from './identity.ts';
import { createIndexing, type Indexing } from './indexing.ts';
import { createLogGroup } from './logs.ts';
import { secretPrefixOf } from './names.ts';
import { createNetwork, type Network } from './network.ts';
import type { A2AGatewayProps, Issuer } from './props.ts';
import { createDomain, publicUrlOf } from './public-url.ts';
import { createDelivering, createPushQueues, type Delivering } from './push.ts';
import type { QueuePair } from './queues.ts';
import { createSearchStorage, type SearchStorage } from './search.ts';
import { createSeeds, seedSecretsOf } from './seeds.ts';
import { agentsPathOf, functionSettings, neverProbes } from './settings.ts';
import { createWaf } from './waf.ts';

/**
 * The gateway on AWS: API Gateway, seven functions, a table, a vector index, queues, and an issuer of its own unless others are
 * given.
 *
 * @throws TypeError for properties that could not work
 */
export class A2AGateway extends Construct {
  /** Part of secrets' names, metrics and alarms. */
  readonly environment: string;
  /** Where callers reach the gateway, without a slash at the end. */
  readonly publicUrl: string;
  readonly issuers: readonly Issuer[];
  readonly api: apigateway.RestApi;
  /** Undefined without `domainName`. */
  readonly domain: apigateway.DomainName | undefined;
  readonly accessLogs: logs.LogGroup;
  readonly functions: Functions;
  readonly table: dynamodb.Table;
  /** Undefined where AWS's own keys are used. */
  readonly key: kms.IKey | undefined;
  /** Empty where keys among the secrets sign cards. */
  readonly cardSigningKeys: readonly kms.IKey[];
  /** Undefined where the search is switched off, as is `indexing`. */
  readonly search: SearchStorage | undefined;
  readonly indexing: Indexing | undefined;
  /** Wakes of who delivers webhooks. */
  readonly pushQueues: QueuePair;
  readonly delivering: Delivering;
  /** Undefined where issuers are given. */
  readonly identity: Identity | undefined;
  /** Undefined for a regional gateway. */
  readonly network: Network | undefined;
  /** Undefined where it is switched off. */
  readonly webAcl: wafv2.CfnWebACL | undefined;
  readonly maintenanceRule: events.Rule;
  /** Undefined where agents are never probed. */
  readonly probeRule: events.Rule | undefined;
  /** Undefined where nothing is seeded. */
  readonly seeds: CustomResource | undefined;
  readonly alarms: readonly cloudwatch.Alarm[];
  readonly dashboard: cloudwatch.Dashboard;

  constructor(scope: Construct, id: string, props: A2AGatewayProps = {}) {
    super(scope, id);
    this.environment = props.environment ?? 'default';
    checkProps(props, this.environment);

    this.key = keyOf(this, props, this.environment);
    this.cardSigningKeys = cardSigningKeysOf(this, props, this.environment);
    this.table = createTable(this, props, this.key);
    this.search = createSearchStorage(this, props, this.table, this.key);
    this.pushQueues = createPushQueues(this, this.key);
    this.network = createNetwork(this, props, this.key);
    this.identity = createIdentity(this, props, this.environment);
    this.issuers = this.identity === undefined ? (props.issuers ?? []) : [this.identity.issuer];

    this.accessLogs = createLogGroup(this, 'AccessLogs', props, this.key);
    this.api = createApi(this, props, this.environment, this.accessLogs, this.network);
    setCloudWatchRole(this, props, this.api.deploymentStage);
    this.publicUrl = publicUrlOf(props, this.api);
    this.functions = this.createFunctions(props);
    addMethods(this.api, props, this.functions, agentsPathOf(props));
    addGatewayResponses(this.api, props, this.publicUrl);
    this.domain = createDomain(this, props, this.api);
    this.webAcl = createWaf(this, props, this.api.deploymentStage, this.environment);

    this.maintenanceRule = createMaintenance(this, props, this.functions.maintenance);
    this.probeRule = createProbes(this, props, this.functions.maintenance);
    const ways = this.network?.ways ?? [];
    this.seeds = createSeeds(this, props, this.functions.seed, ways);
    this.indexing = this.createIndexing(props, ways);
    this.delivering = createDelivering(this, this.pushQueues, this.functions.push);
    this.alarms = createAlarms(this, props, this, this.key);
    this.dashboard = createDashboard(this, this, this.alarms, this.webAcl !== undefined);
    this.addTags(props);
  }

  private createIndexing(props: A2AGatewayProps, ways: readonly IDependable[]): Indexing | undefined {
    const { search, functions } = this;
    if (search === undefined || functions.indexer === undefined) return undefined;
    return createIndexing(this, props, search, functions.indexer, ways);
  }

  private createFunctions(props: A2AGatewayProps): Functions {
    const { environment, publicUrl, issuers, table, key, cardSigningKeys, search, pushQueues } = this;
    const { issuerCidrs = [], backendCidrs = [] } = this.network ?? {};
    const settings = functionSettings(Stack.of(this), props, {
      environment,
      publicUrl,
      issuers,
      table,
      key,
      cardSigningKeys,
      privateCidrs: [...issuerCidrs, ...backendCidrs],
      search,
    });
    const kept = {
      table,
      key,
      cardSigningKeys,
      secretPrefix: secretPrefixOf(environment),
      seedSecrets: seedSecretsOf(props),
      backends: backendsOf(props),
      authenticatedCards: props.authenticatedCards ?? false,
      search,
      pushQueues,
    };
    return createFunctions(this, props, kept, settings, this.network);
  }

  private addTags({ tags = {} }: A2AGatewayProps): void {
    const all = { Application: 'a2a-gateway', Environment: this.environment, ...tags };
    // Not every region's dashboards take tags.
    const excludeResourceTypes = ['AWS::CloudWatch::Dashboard'];
    for (const [name, value] of Object.entries(all)) Tags.of(this).add(name, value, { excludeResourceTypes });
  }
}

function createMaintenance(
  scope: Construct,
  { maintenanceSchedule = events.Schedule.rate(Duration.days(1)) }: A2AGatewayProps,
  handler: lambda.Function,
): events.Rule {
  return new events.Rule(scope, 'MaintenanceRule', {
    description: 'Sweeps secrets that no agent refers to',
    schedule: maintenanceSchedule,
    targets: [new targets.LambdaFunction(handler, { retryAttempts: 2 })],
  });
}

/** Not tried again: the next round comes anyway. */
function createProbes(
  scope: Construct,
  props: A2AGatewayProps,
  handler: lambda.Function,
): events.Rule | undefined {
  if (neverProbes(props)) return undefined;
  const { probeSchedule = events.Schedule.rate(Duration.minutes(5)) } = props;
  return new events.Rule(scope, 'ProbeRule', {
    description: 'Asks some agents for their cards, to see whether they are up',
    schedule: probeSchedule,
    targets: [
      new targets.LambdaFunction(handler, {
        event: events.RuleTargetInput.fromObject({ work: 'probe' }),
        retryAttempts: 0,
      }),
    ],
  });
}
