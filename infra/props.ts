import type {
  aws_apigateway as apigateway,
  Duration,
  aws_ec2 as ec2,
  aws_events as events,
  aws_kms as kms,
  aws_lambda as lambda,
  aws_logs as logs,
  RemovalPolicy,
  aws_route53 as route53,
  aws_sns as sns,
} from 'aws-cdk-lib';
import type * as z from 'zod';
import type { settingsSchema } from '../src/config-schema.ts';
import type { SeedAgent, SeedPermission } from './seed-props.ts';

/** A trusted token issuer, as in the setting `issuers`. Texts may hold tokens of the CDK. */
export type Issuer = z.input<typeof settingsSchema>['issuers'][number];

/** A machine client of the stack's own user pool, for the client credentials grant. */
export interface MachineClient {
  /** Unique; letters, digits, `-` and `_`. */
  readonly name: string;
  /** Without the resource server's identifier: `gateway:admin`, `gateway:register`, or one of `scopes`. */
  readonly scopes: readonly string[];
}

/** How agents are found by meaning: the model that turns texts into vectors. */
export interface SearchProps {
  /**
   * Model of Amazon Bedrock that takes `inputText`, `dimensions` and `normalize`; its id, or an ARN.
   * @default 'amazon.titan-embed-text-v2:0'
   */
  readonly modelId?: string;
  /** Length of its vectors. @default 512 */
  readonly dimensions?: 256 | 512 | 1024;
  /**
   * The model before this one, which the functions may go on calling: its vectors serve until the new ones are there.
   * @default - none
   */
  readonly formerModelId?: string;
}

interface EndpointProps {
  /**
   * `PRIVATE` puts the API behind an interface endpoint and the functions into private subnets.
   * @default 'REGIONAL'
   */
  readonly endpointType?: 'REGIONAL' | 'PRIVATE';
  /** @default 'v1' */
  readonly stageName?: string;
  /**
   * Custom domain. The API's own host name is then switched off.
   * @default - the API's own host name
   */
  readonly domainName?: string;
  /** Certificate of `domainName`, in the stack's region. */
  readonly certificateArn?: string;
  /**
   * Path below `domainName`, without slashes.
   * @default - none
   */
  readonly basePath?: string;
  /**
   * Where the record of `domainName` is made.
   * @default - no record is made
   */
  readonly hostedZone?: route53.IHostedZone;
  /**
   * Where callers reach the gateway, if something else stands before it.
   * @default - the custom domain, or the API's own host name and stage
   */
  readonly publicUrl?: string;
  /**
   * Origins whose pages may call the gateway from a browser; `*` for all.
   * @default - none
   */
  readonly corsAllowOrigins?: readonly string[];
  /**
   * How long API Gateway keeps the authorizer's answer for a token. The core decides again at every call, so this delays
   * no revocation; it delays what is newly granted. 0 s keeps nothing.
   * @default Duration.seconds(60)
   */
  readonly authorizerResultsCacheTtl?: Duration;
  /** Requests a second the stage takes. @default 500 */
  readonly throttlingRateLimit?: number;
  /** Requests at once the stage takes. @default 1000 */
  readonly throttlingBurstLimit?: number;
  /** AWS WAF before the stage. @default - true for REGIONAL, false for PRIVATE */
  readonly waf?: boolean;
  /** Requests in five minutes that WAF takes from one address. @default 30000 */
  readonly wafRateLimit?: number;
}

interface IdentityProps {
  /**
   * Token issuers that are trusted, as in the setting `issuers`.
   * @default - a Cognito user pool of the stack's own
   */
  readonly issuers?: readonly Issuer[];
  /** Identifier of the own pool's resource server; what its scopes begin with. @default 'a2a-gateway' */
  readonly resourceServerIdentifier?: string;
  /** Scopes of the own pool beside `gateway:admin` and `gateway:register`. @default - none */
  readonly scopes?: readonly string[];
  /**
   * Machine clients of the own pool. None holds `gateway:admin` unless it is listed.
   * @default - one, `owner`, with `gateway:register`
   */
  readonly clients?: readonly MachineClient[];
  /** Domain prefix of the own pool, unique in the region. @default - a2a-gateway-{environment}-{account} */
  readonly cognitoDomainPrefix?: string;
}

/** What agents run on in AWS. The gateway's own name is let reach what is named here, and nothing else. */
interface BackendProps {
  /** Runtimes of Bedrock AgentCore, with all their endpoints. @default - none */
  readonly agentRuntimeArns?: readonly string[];
  /** Functions that are called directly or by their URLs, with all their versions and aliases. @default - none */
  readonly backendFunctions?: readonly lambda.IFunction[];
  /** Roles that agents may say are to be assumed for them (`roleArn`). @default - none */
  readonly assumableRoleArns?: readonly string[];
  /**
   * Methods of APIs behind IAM in API Gateway, such as `arn:aws:execute-api:eu-central-1:111111111111:abc123/live/*`.
   * @default - none
   */
  readonly signedApiArns?: readonly string[];
  /**
   * Let management read agents' secrets, to fetch a card again that is given out only for one. At registration the
   * secret is at hand, so this is for `sync`, and for addresses that change.
   * @default false
   */
  readonly authenticatedCards?: boolean;
}

interface NetworkProps {
  /** For PRIVATE: where the functions and endpoints are. @default - a VPC is made */
  readonly vpc?: ec2.IVpc;
  /** Subnets of the functions in a given `vpc`. @default - private ones with a way out */
  readonly vpcSubnets?: ec2.SubnetSelection;
  /** Of the VPC that is made. @default '10.42.0.0/16' */
  readonly vpcCidr?: string;
  /** NAT gateways of the VPC that is made; 0 for no way out. @default 1 */
  readonly natGateways?: number;
  /**
   * `given`: the VPC gets a way out that this construct does not see, such as a transit gateway.
   * @default - what `natGateways` makes
   */
  readonly egress?: 'given';
  /** Ports of agents and issuers the functions may connect to. @default [443] */
  readonly egressPorts?: readonly number[];
  /** An interface endpoint for execute-api that is there already. @default - one is made */
  readonly executeApiVpcEndpoint?: ec2.IVpcEndpoint;
  /** Address ranges of callers of the execute-api endpoint. @default - the VPC's own */
  readonly callerCidrs?: readonly string[];
  /**
   * Make the endpoints the functions need: Secrets Manager, DynamoDB, S3, and KMS where the VPC that is made has no way
   * out. False where the VPC has them.
   * @default true
   */
  readonly serviceVpcEndpoints?: boolean;
  /**
   * Reach the own pool's keys by Cognito's interface endpoint, which not every region has.
   * @default - true where the VPC that is made has no way out
   */
  readonly cognitoVpcEndpoint?: boolean;
  /**
   * Reach Bedrock, S3 Vectors and SQS by interface endpoints, which not every region has.
   * @default - true where the VPC that is made has no way out
   */
  readonly searchVpcEndpoints?: boolean;
  /**
   * Reach what `agentRuntimeArns`, `backendFunctions` and `assumableRoleArns` name by interface endpoints.
   * @default - true where the VPC that is made has no way out
   */
  readonly backendVpcEndpoints?: boolean;
  /** Private address ranges of agents, in the VPC or beyond it: the gateway refuses all others. @default - none */
  readonly backendCidrs?: readonly string[];
}

interface FunctionProps {
  /** MiB. @default 512 */
  readonly authorizerMemorySize?: number;
  /** MiB. @default 1024 */
  readonly dataPlaneMemorySize?: number;
  /** MiB. @default 512 */
  readonly managementMemorySize?: number;
  /** @default - none reserved */
  readonly authorizerReservedConcurrentExecutions?: number;
  /** Most calls and open streams at once. @default - none reserved */
  readonly dataPlaneReservedConcurrentExecutions?: number;
  /** @default - none reserved */
  readonly managementReservedConcurrentExecutions?: number;
  /** When forgotten secrets are swept. @default - daily */
  readonly maintenanceSchedule?: events.Schedule;
  /**
   * When the next 50 agents are asked for their cards. The setting `health.probeIntervalMs` 0 has none asked.
   * @default - every five minutes
   */
  readonly probeSchedule?: events.Schedule;
  /**
   * Other settings by their variables (docs/settings.md), such as `A2A_GATEWAY_LIMITS_MAX_BODY_BYTES`.
   * @default - none
   */
  readonly settings?: Readonly<Record<string, string>>;
  /** Folder of the functions' bundles. @default - dist/lambda of this package */
  readonly bundlesPath?: string;
}

interface DataProps {
  /** Of table, key, user pool and logs. @default RemovalPolicy.RETAIN */
  readonly removalPolicy?: RemovalPolicy;
  /** Of the table and user pool. @default - true where removalPolicy is RETAIN */
  readonly deletionProtection?: boolean;
  /**
   * Seals table, secrets, logs, vectors and queues; its policy must let CloudWatch Logs and S3 Vectors use it.
   * @default - a key is made
   */
  readonly encryptionKey?: kms.IKey;
  /** False: keys of AWS instead of a key of the account. @default true */
  readonly customerManagedKey?: boolean;
  /**
   * Keys of the kind `ECC_NIST_P256`: the first signs published cards, all are published. To replace one, deploy its
   * successor behind it, then before it, then alone.
   * @default - one is made; keys among the secrets sign where customerManagedKey is false
   */
  readonly cardSigningKeys?: readonly kms.IKey[];
  /** Agents to register, once each deployment that changes them. @default - none */
  readonly agents?: readonly SeedAgent[];
  /** Permissions to set, once each deployment that changes them. @default - none */
  readonly permissions?: readonly SeedPermission[];
  /** Permissions may have conditions in Cedar, for which functions get a layer of 4 MB. @default false */
  readonly conditions?: boolean;
  /** Another text applies the seeds again, say after a secret was rotated. @default '1' */
  readonly seedsRevision?: string;
  /** False: no search, and nothing that is made for it. @default - Titan Text Embeddings V2 */
  readonly search?: false | SearchProps;
}

interface ObservabilityProps {
  /** @default logs.RetentionDays.ONE_MONTH */
  readonly logRetention?: logs.RetentionDays;
  /** @default 'info' */
  readonly logLevel?: 'debug' | 'info' | 'warn' | 'error';
  /**
   * Execution logs of API Gateway. They hold headers and with `INFO` bodies; tokens are among them.
   * @default apigateway.MethodLoggingLevel.OFF
   */
  readonly executionLogging?: apigateway.MethodLoggingLevel;
  /**
   * Set the role by which API Gateway writes logs. It is one for all APIs of an account and region, so it is not set
   * unless asked; without any, API Gateway refuses a stage with access logs.
   * @default false
   */
  readonly cloudWatchRole?: boolean;
  /** Where alarms go. @default - nowhere */
  readonly alarmTopic?: sns.ITopic;
  /** Makes a topic with this subscriber. @default - none */
  readonly alarmEmail?: string;
  /** p95 of SendMessage above which an alarm goes off. @default Duration.seconds(10) */
  readonly latencyThreshold?: Duration;
}

export interface A2AGatewayProps
  extends EndpointProps,
    IdentityProps,
    BackendProps,
    NetworkProps,
    FunctionProps,
    DataProps,
    ObservabilityProps {
  /**
   * Tells gateways of one account and region apart: part of secrets' names, metrics and alarms. Lower-case letters,
   * digits and `-`, at most 20.
   * @default 'default'
   */
  readonly environment?: string;
  /** Of all resources, beside `Application` and `Environment`. @default - none */
  readonly tags?: Readonly<Record<string, string>>;
}
