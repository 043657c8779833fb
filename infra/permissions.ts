import {
  type aws_dynamodb as dynamodb,
  aws_iam as iam,
  type aws_kms as kms,
  type aws_secretsmanager as secretsmanager,
} from 'aws-cdk-lib';
import type { FunctionName } from './function-names.ts';
import { addressInRegion, arnOf } from './names.ts';
import { indexArnsOf, modelArnsOf, type SearchStorage } from './search.ts';

/** What the functions' permissions are about. */
export interface Kept {
  readonly table: dynamodb.Table;
  readonly key: kms.IKey | undefined;
  readonly secretPrefix: string;
  /** Read by the seed function alone. */
  readonly clientSecrets: readonly secretsmanager.ISecret[];
  /** Undefined where the search is switched off. */
  readonly search: SearchStorage | undefined;
}

const reading = ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:BatchGetItem'];
/** A transaction is authorised as the writes it is made of. */
const writing = ['dynamodb:PutItem', 'dynamodb:DeleteItem'];
const opening = ['kms:Decrypt', 'kms:DescribeKey'];
const sealing = [
  ...opening,
  'kms:Encrypt',
  'kms:GenerateDataKey',
  'kms:GenerateDataKeyWithoutPlaintext',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
];
/** Everything about a secret but reading it. */
const keepingSecrets = [
  'secretsmanager:CreateSecret',
  'secretsmanager:PutSecretValue',
  'secretsmanager:DeleteSecret',
];

/** Why a function's role names `*`: where there is nothing smaller to name. */
export function wildcardReason(name: FunctionName, isInVpc: boolean): string {
  const reasons = ['X-Ray has no resources to name for writing traces.'];
  if (name === 'maintenance')
    reasons.push('Listing secrets has none either; it tells names, and reading one is not granted.');
  if (name === 'indexer')
    reasons.push(
      'Lambda lists the streams of tables before it follows one; reading any but ours is not granted.',
    );
  if (isInVpc)
    reasons.push(
      'Lambda checks for ec2 actions on every resource before it puts a function into a VPC; the code is denied them.',
    );
  return reasons.join(' ');
}

/** All a function may do, beside writing its log and its traces. */
export function statementsFor(name: FunctionName, kept: Kept): iam.PolicyStatement[] {
  const { table, secretPrefix, clientSecrets } = kept;
  const secrets = [arnOf('secretsmanager', `secret:${secretPrefix}*`)];
  switch (name) {
    case 'authorizer':
      return [allow(reading, [table.tableArn]), ...viaKey(kept, 'dynamodb', opening)];
    case 'data-plane':
      return [
        allow(reading, [table.tableArn]),
        allow(['secretsmanager:GetSecretValue'], secrets),
        ...viaKey(kept, 'dynamodb', opening),
        ...viaKey(kept, 'secretsmanager', ['kms:Decrypt']),
        ...searching(kept),
      ];
    case 'management':
      return [...managing(kept, secrets), ...searching(kept)];
    case 'maintenance':
      return [
        // The parts of a large agent are read in a batch.
        allow(['dynamodb:GetItem', 'dynamodb:BatchGetItem'], [table.tableArn]),
        allow(['secretsmanager:DeleteSecret'], secrets),
        allow(['secretsmanager:ListSecrets'], ['*']),
        ...viaKey(kept, 'dynamodb', opening),
      ];
    case 'seed':
      return [...managing(kept, secrets), ...clientSecrets.flatMap(readingOf)];
    case 'indexer':
      return indexing(kept);
  }
}

/** A filtered query that answers metadata wants both QueryVectors and GetVectors. */
function searching({ search, key }: Kept): iam.PolicyStatement[] {
  if (search === undefined) return [];
  return [
    allow(['s3vectors:QueryVectors', 's3vectors:GetVectors'], [indexArnsOf(search)]),
    allow(['s3vectors:ListIndexes'], [search.vectorBucket.attrVectorBucketArn]),
    allow(['bedrock:InvokeModel'], modelArnsOf(search)),
    ...(key === undefined ? [] : via(key, 's3vectors', ['kms:Decrypt'])),
  ];
}

const keepingIndexes = [
  's3vectors:PutVectors',
  's3vectors:GetVectors',
  's3vectors:ListVectors',
  's3vectors:DeleteVectors',
  's3vectors:CreateIndex',
  's3vectors:GetIndex',
  's3vectors:DeleteIndex',
];

/** Reads the table and its stream, takes from its queue and puts into it, keeps vectors. */
function indexing(kept: Kept): iam.PolicyStatement[] {
  const { table, search } = kept;
  if (search === undefined) return [];
  const { tableStreamArn, queue, deadLetterQueue, vectorBucket } = search;
  return [
    allow(reading, [table.tableArn]),
    allow(['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'], [tableStreamArn]),
    allow(['dynamodb:ListStreams'], ['*']),
    allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], [queue.queueArn]),
    // To the dead letters Lambda sends, in the function's name.
    allow(['sqs:SendMessage'], [queue.queueArn, deadLetterQueue.queueArn]),
    allow(keepingIndexes, [indexArnsOf(search)]),
    allow(['s3vectors:ListIndexes'], [vectorBucket.attrVectorBucketArn]),
    allow(['bedrock:InvokeModel'], modelArnsOf(search)),
    ...viaKey(kept, 'dynamodb', opening),
    ...viaKey(kept, 'sqs', ['kms:Decrypt', 'kms:GenerateDataKey']),
    ...viaKey(kept, 's3vectors', ['kms:Decrypt', 'kms:GenerateDataKey']),
  ];
}

function managing(kept: Kept, secrets: string[]): iam.PolicyStatement[] {
  return [
    allow([...reading, ...writing], [kept.table.tableArn]),
    allow(keepingSecrets, secrets),
    ...viaKey(kept, 'dynamodb', sealing),
    // To seal one, Secrets Manager wants both; opening one is GetSecretValue, which is not granted.
    ...viaKey(kept, 'secretsmanager', ['kms:Decrypt', 'kms:GenerateDataKey']),
  ];
}

/** One client secret. Of one known by name only, the ARN lacks the six characters at its end. */
function readingOf({
  secretArn,
  secretFullArn,
  encryptionKey,
}: secretsmanager.ISecret): iam.PolicyStatement[] {
  const statements = [
    allow(
      ['secretsmanager:GetSecretValue'],
      [secretFullArn === undefined ? `${secretArn}-??????` : secretArn],
    ),
  ];
  if (encryptionKey !== undefined) statements.push(...via(encryptionKey, 'secretsmanager', ['kms:Decrypt']));
  return statements;
}

/** What Lambda needs to put a function into a VPC, and its own code does not. */
export function networkStatements(): iam.PolicyStatement[] {
  const actions = [
    'ec2:AssignPrivateIpAddresses',
    'ec2:CreateNetworkInterface',
    'ec2:DeleteNetworkInterface',
    'ec2:DescribeNetworkInterfaces',
    'ec2:DescribeSubnets',
    'ec2:UnassignPrivateIpAddresses',
  ];
  const denial = new iam.PolicyStatement({
    effect: iam.Effect.DENY,
    actions,
    resources: ['*'],
    // Set on what the code of a function asks for, and not on what Lambda does for it.
    conditions: { ArnLike: { 'lambda:SourceFunctionArn': arnOf('lambda', 'function:*') } },
  });
  return [allow(actions, ['*']), denial];
}

function viaKey({ key }: Kept, service: string, actions: string[]): iam.PolicyStatement[] {
  return key === undefined ? [] : via(key, service, actions);
}

/** A key, used by a service on the function's behalf and not by the function itself. */
function via(key: kms.IKey, service: string, actions: string[]): iam.PolicyStatement[] {
  const conditions = { StringEquals: { 'kms:ViaService': addressInRegion(service) } };
  return [new iam.PolicyStatement({ actions, resources: [key.keyArn], conditions })];
}

function allow(actions: string[], resources: string[]): iam.PolicyStatement {
  return new iam.PolicyStatement({ actions, resources });
}
