import type { LocalValues } from './template.ts';

export const region = 'us-east-1';
export const accountId = '000000000000';

const stackName = 'a2a-gateway-local';

type Name = (logicalId: string) => string;

interface Kind {
  /** What stands for it here, or why nothing does. */
  here: string;
  /** Whether it is emulated; the others are listed at the start and otherwise left alone. */
  isEmulated?: true;
  ref?: Name;
  attributes?: Readonly<Record<string, Name>>;
}

const arn =
  (service: string, path: string): Name =>
  (id) =>
    `arn:aws:${service}:${region}:${accountId}:${path}${nameOf(id)}`;
const globalArn =
  (service: string, path: string): Name =>
  (id) =>
    `arn:aws:${service}::${accountId}:${path}${nameOf(id)}`;

/** Names that AWS would make of a logical id and letters of its own: here the logical id, so that logs are read easily. */
function nameOf(logicalId: string): string {
  return logicalId;
}

/** REST APIs have an id of ten lower-case letters and digits. */
function apiIdOf(logicalId: string): string {
  const letters = logicalId.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  return `${letters}local00000`.slice(0, 10);
}

/** KMS knows its keys by UUIDs. */
function keyIdOf(logicalId: string): string {
  const hex = Buffer.from(logicalId.padEnd(16, '-')).toString('hex').slice(-32);
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

const ignored = (here: string, more: Partial<Kind> = {}): Kind => ({ here, ref: nameOf, ...more });
const emulated = (here: string, more: Partial<Kind> = {}): Kind => ({
  here,
  isEmulated: true,
  ref: nameOf,
  ...more,
});

const table = emulated('DynamoDB Local', {
  attributes: {
    Arn: arn('dynamodb', 'table/'),
    TableId: nameOf,
    StreamArn: (id) => `${arn('dynamodb', 'table/')(id)}/stream/local`,
  },
});
/** Bucket names have no capital letters. */
const vectorBucketArn: Name = (id) => arn('s3vectors', 'bucket/')(id.toLowerCase());
const alarm = 'no metrics are kept, so nothing alarms';
const roles = 'roles and policies are not evaluated: a function may do anything here';

/**
 * Every kind of resource a stack may hold. A kind that is not listed fails the start: to leave out silently what a
 * stack relies on would prove nothing about it.
 */
const kinds: Readonly<Record<string, Kind>> = {
  'AWS::ApiGateway::RestApi': emulated('our emulator', {
    ref: apiIdOf,
    attributes: { RootResourceId: (id) => `${nameOf(id)}Root`, RestApiId: apiIdOf },
  }),
  'AWS::ApiGateway::Resource': emulated('our emulator', { attributes: { ResourceId: nameOf } }),
  'AWS::ApiGateway::Method': emulated('our emulator'),
  'AWS::ApiGateway::Authorizer': emulated('our emulator', { attributes: { AuthorizerId: nameOf } }),
  'AWS::ApiGateway::GatewayResponse': emulated('our emulator'),
  'AWS::ApiGateway::Deployment': emulated('our emulator', { attributes: { DeploymentId: nameOf } }),
  'AWS::ApiGateway::Stage': emulated('our emulator'),
  'AWS::DynamoDB::Table': table,
  'AWS::DynamoDB::GlobalTable': table,
  'AWS::Events::Rule': emulated('timers', { attributes: { Arn: arn('events', 'rule/') } }),
  'AWS::Lambda::EventSourceMapping': emulated('pollers of this process'),
  'AWS::Lambda::LayerVersion': emulated('its folder', { ref: layerArn }),
  'AWS::Lambda::Function': emulated('processes of this machine', { attributes: { Arn: functionArn } }),
  'AWS::S3Vectors::Index': emulated('our stand-in'),
  'AWS::S3Vectors::VectorBucket': emulated('our stand-in', {
    ref: vectorBucketArn,
    attributes: { VectorBucketArn: vectorBucketArn },
  }),
  'AWS::SQS::Queue': emulated('moto', {
    ref: (id) => `https://sqs.${region}.amazonaws.com/${accountId}/${nameOf(id)}`,
    attributes: { Arn: arn('sqs', ''), QueueName: nameOf },
  }),
  'Custom::A2AGatewayIndexFill': emulated('its function is invoked once, as for a new stack'),

  'AWS::ApiGateway::Account': ignored('no execution log'),
  'AWS::ApiGateway::BasePathMapping': ignored('the root of this server is the custom domain'),
  'AWS::ApiGateway::BasePathMappingV2': ignored('the root of this server is the custom domain'),
  'AWS::ApiGateway::DomainName': ignored('the root of this server is the custom domain', {
    attributes: Object.fromEntries(
      ['RegionalDomainName', 'RegionalHostedZoneId', 'DomainNameArn'].map((name) => [name, nameOf]),
    ),
  }),
  'AWS::ApiGateway::Model': ignored('bodies are not validated'),
  'AWS::ApiGateway::RequestValidator': ignored('bodies are not validated'),
  'AWS::CDK::Metadata': ignored('nothing to run'),
  'AWS::CertificateManager::Certificate': ignored('no TLS'),
  'AWS::CloudWatch::Alarm': ignored(alarm, { attributes: { Arn: arn('cloudwatch', 'alarm:') } }),
  'AWS::CloudWatch::CompositeAlarm': ignored(alarm, { attributes: { Arn: arn('cloudwatch', 'alarm:') } }),
  'AWS::CloudWatch::Dashboard': ignored('no metrics are kept'),
  'AWS::IAM::ManagedPolicy': ignored(roles, { ref: globalArn('iam', 'policy/') }),
  'AWS::IAM::Policy': ignored(roles),
  'AWS::IAM::Role': ignored(roles, { attributes: { Arn: globalArn('iam', 'role/'), RoleId: nameOf } }),
  'AWS::KMS::Alias': ignored('nothing is encrypted', { ref: (id) => `alias/${nameOf(id)}` }),
  'AWS::KMS::Key': ignored('nothing is encrypted; keys that sign are made when they are first asked for', {
    ref: keyIdOf,
    attributes: {
      Arn: (id) => `arn:aws:kms:${region}:${accountId}:key/${keyIdOf(id)}`,
      KeyId: keyIdOf,
    },
  }),
  'AWS::Lambda::EventInvokeConfig': ignored('asynchronous invocations are not emulated'),
  'AWS::Lambda::Permission': ignored(roles),
  'AWS::Logs::LogGroup': ignored('logs go to standard error', {
    attributes: { Arn: (id) => `arn:aws:logs:${region}:${accountId}:log-group:${nameOf(id)}:*` },
  }),
  'AWS::Logs::MetricFilter': ignored('no metrics are kept'),
  'AWS::Logs::QueryDefinition': ignored('no queries'),
  'AWS::Logs::ResourcePolicy': ignored('no log groups'),
  'AWS::Route53::RecordSet': ignored('no names'),
  'AWS::SNS::Subscription': ignored(alarm),
  'AWS::SNS::Topic': ignored(alarm, { ref: arn('sns', ''), attributes: { TopicArn: arn('sns', '') } }),
  'AWS::SNS::TopicPolicy': ignored(alarm),
  'AWS::SQS::QueuePolicy': ignored(roles),
  'AWS::Scheduler::Schedule': ignored('schedules do not fire; see the invoke address below'),
  'AWS::WAFv2::LoggingConfiguration': ignored('no web application firewall'),
  'AWS::WAFv2::WebACL': ignored('no web application firewall', {
    attributes: { Arn: (id) => `${arn('wafv2', 'regional/webacl/')(id)}/${keyIdOf(id)}`, Id: keyIdOf },
  }),
  'AWS::WAFv2::WebACLAssociation': ignored('no web application firewall'),
};

/** What stands for a resource here, or why nothing does; undefined for a kind that is not known. */
export function kindOf(type: string): { here: string; isEmulated: boolean } | undefined {
  const kind = kinds[type];
  return kind && { here: kind.here, isEmulated: kind.isEmulated === true };
}

export function functionArn(logicalId: string): string {
  return `arn:aws:lambda:${region}:${accountId}:function:${nameOf(logicalId)}`;
}

/** CloudFormation refers to layers with their version. */
export function layerArn(logicalId: string): string {
  return `arn:aws:lambda:${region}:${accountId}:layer:${nameOf(logicalId)}:1`;
}

/** The names of resources on this machine, formed as AWS forms them. */
export const localValues: LocalValues = {
  pseudo: {
    'AWS::Region': region,
    'AWS::AccountId': accountId,
    'AWS::Partition': 'aws',
    'AWS::URLSuffix': 'amazonaws.com',
    'AWS::StackName': stackName,
    'AWS::StackId': `arn:aws:cloudformation:${region}:${accountId}:stack/${stackName}/local`,
  },
  ref: (logicalId, type) => kinds[type]?.ref?.(logicalId),
  attribute: (logicalId, type, name) => kinds[type]?.attributes?.[name]?.(logicalId),
};

/** The same, with queues at an address of this machine. */
export function localValuesAt(sqsEndpoint: string): LocalValues {
  return {
    ...localValues,
    ref: (logicalId, type) =>
      type === 'AWS::SQS::Queue'
        ? `${sqsEndpoint}/${accountId}/${logicalId}`
        : localValues.ref(logicalId, type),
  };
}
