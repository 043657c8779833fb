import {
  type aws_dynamodb as dynamodb,
  aws_iam as iam,
  type aws_kms as kms,
  type aws_secretsmanager as secretsmanager,
} from 'aws-cdk-lib';
import { affinityPrefix, healthPrefix, ownedPrefix, pushPrefix } from '../src/store/dynamodb/table.ts';
import { type Backends, backendStatements, backendWildcards, type Wildcard } from './backends.ts';
import type { FunctionName } from './function-names.ts';
import { agentSecrets, arnOf, cardSigningSecrets, identitySecrets, sealingSecrets } from './names.ts';
import type { QueuePair } from './queues.ts';
import { indexArnsOf, modelArnsOf, type SearchStorage } from './search.ts';
import { allow, via } from './statements.ts';

/** What the functions' permissions are about. */
export interface Kept {
  readonly table: dynamodb.Table;
  readonly key: kms.IKey | undefined;
  /** Keys that sign cards; where there are none, keys among the secrets do. */
  readonly cardSigningKeys: readonly kms.IKey[];
  readonly secretPrefix: string;
  /** Read by the seed function alone. */
  readonly seedSecrets: readonly secretsmanager.ISecret[];
  readonly backends: Backends;
  /** Whether management reads agents' secrets, to fetch their cards with them. */
  readonly authenticatedCards: boolean;
  /** Undefined where the search is switched off. */
  readonly search: SearchStorage | undefined;
  readonly pushQueues: QueuePair;
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

/** To seal a secret, Secrets Manager wants both. Opening one takes GetSecretValue too. */
const sealingSecret = ['kms:Decrypt', 'kms:GenerateDataKey'];

/** Why a function's role names `*`: where there is nothing smaller to name. */
export function wildcardReason(name: FunctionName, isInVpc: boolean): string {
  const reasons = ['X-Ray has no resources to name for writing traces.'];
  if (name === 'maintenance' || signers.has(name))
    reasons.push(
      "Listing secrets has none either; it tells names, and reading is granted of the gateway's own.",
    );
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

/** Functions that speak to backends, and so may have to sign in the gateway's own name. */
const signers: ReadonlySet<FunctionName> = new Set(['data-plane', 'management', 'seed']);

/** Functions that have something delivered, or deliver. */
export const wakers: ReadonlySet<FunctionName> = new Set(['data-plane', 'management', 'push']);

/** All a function may do, beside writing its log and its traces. */
export function statementsFor(name: FunctionName, kept: Kept): iam.PolicyStatement[] {
  const { table, backends, seedSecrets, authenticatedCards } = kept;
  const secrets = secretsIn(kept, agentSecrets);
  switch (name) {
    case 'authorizer':
      return [allow(reading, [table.tableArn]), ...viaKey(kept, 'dynamodb', opening)];
    case 'data-plane':
      return [
        allow(reading, [table.tableArn]),
        writingIn(table, ['dynamodb:PutItem'], [affinityPrefix, healthPrefix, ownedPrefix]),
        writingIn(table, writing, [pushPrefix]),
        ...waking(kept),
        allow(['secretsmanager:GetSecretValue'], secrets),
        ...viaKey(kept, 'dynamodb', sealing),
        ...signing(kept),
        ...signingCards(kept, ['kms:Sign', 'kms:GetPublicKey']),
        sealingTexts(kept),
        ...backendStatements(backends, 'calls'),
        ...searching(kept),
      ];
    case 'management':
      return [
        ...managing(kept, secrets),
        ...(authenticatedCards ? [allow(['secretsmanager:GetSecretValue'], secrets)] : []),
        // Where a dead letter was to go, an administrator is told; and has it sent again.
        sealingTexts(kept),
        ...waking(kept),
        // It serves the key set, and no cards that are signed.
        ...signingCards(kept, ['kms:GetPublicKey']),
        ...searching(kept),
      ];
    case 'maintenance':
      return [
        allow(reading, [table.tableArn]),
        writingIn(table, ['dynamodb:PutItem'], [healthPrefix]),
        allow(['secretsmanager:DeleteSecret'], secrets),
        allow(['secretsmanager:ListSecrets'], ['*']),
        ...viaKey(kept, 'dynamodb', sealing),
      ];
    case 'seed':
      return [...managing(kept, secrets), ...seedSecrets.flatMap(readingOf)];
    case 'indexer':
      return indexing(kept);
    case 'push':
      return delivering(kept);
  }
}

/** Patterns among the resources of `statementsFor`. */
export function wildcardsFor(name: FunctionName, kept: Kept): Wildcard[] {
  const reason =
    'Secrets of agents and keys of the gateway are made while it runs; nothing else begins with this.';
  return [
    ...[agentSecrets, identitySecrets, cardSigningSecrets, sealingSecrets].map((names) => ({
      resource: secretArn(kept, names),
      reason,
    })),
    ...(kept.search === undefined
      ? []
      : [
          {
            resource: indexArnsOf(kept.search),
            reason: 'An index is named after its model, and while a model is changed there are two of them.',
          },
        ]),
    ...(signers.has(name) ? backendWildcards(kept.backends) : []),
    ...(name === 'seed' ? kept.seedSecrets.flatMap(wildcardOf) : []),
  ];
}

function secretArn({ secretPrefix }: Kept, names: string): string {
  return arnOf('secretsmanager', `secret:${secretPrefix}${names}`);
}

function secretsIn(kept: Kept, names: string): string[] {
  return [secretArn(kept, names)];
}

/** Writes in partitions that begin so, and nothing else of the table. `Null` because `ForAllValues` holds of a request without the key, too. */
function writingIn(
  { tableArn }: dynamodb.Table,
  actions: string[],
  prefixes: readonly string[],
): iam.PolicyStatement {
  return new iam.PolicyStatement({
    actions,
    resources: [tableArn],
    conditions: {
      'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': prefixes.map((prefix) => `${prefix}*`) },
      Null: { 'dynamodb:LeadingKeys': 'false' },
    },
  });
}

/** Whichever function signs first makes the keys, and whichever finds one too old replaces it. */
const keepingKeys = ['CreateSecret', 'GetSecretValue', 'DeleteSecret'].map(
  (name) => `secretsmanager:${name}`,
);

function signing(kept: Kept): iam.PolicyStatement[] {
  return [
    allow(keepingKeys, secretsIn(kept, identitySecrets)),
    allow(['secretsmanager:ListSecrets'], ['*']),
    ...viaKey(kept, 'secretsmanager', sealingSecret),
  ];
}

/** @param actions with keys of KMS; those among the secrets are made by whoever is asked for them first */
function signingCards(kept: Kept, actions: string[]): iam.PolicyStatement[] {
  const keys = kept.cardSigningKeys.map(({ keyArn }) => keyArn);
  return [keys.length > 0 ? allow(actions, keys) : allow(keepingKeys, secretsIn(kept, cardSigningSecrets))];
}

/** What seals first makes the key, which is then kept for good. By KMS as `signing`. */
function sealingTexts(kept: Kept): iam.PolicyStatement {
  return allow(
    ['secretsmanager:CreateSecret', 'secretsmanager:GetSecretValue'],
    secretsIn(kept, sealingSecrets),
  );
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

/** A sealed queue wants both of who puts into it. */
function waking(kept: Kept): iam.PolicyStatement[] {
  return [
    allow(['sqs:SendMessage'], [kept.pushQueues.queue.queueArn]),
    ...viaKey(kept, 'sqs', ['kms:Decrypt', 'kms:GenerateDataKey']),
  ];
}

/** Takes from its queue and puts into it, opens what is sealed, writes what became of it. No agent and no other secret. */
function delivering(kept: Kept): iam.PolicyStatement[] {
  const { table, pushQueues } = kept;
  const { queueArn } = pushQueues.queue;
  return [
    allow(reading, [table.tableArn]),
    writingIn(table, writing, [pushPrefix]),
    allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], [queueArn]),
    ...waking(kept),
    sealingTexts(kept),
    ...viaKey(kept, 'dynamodb', sealing),
    ...viaKey(kept, 'secretsmanager', sealingSecret),
  ];
}

function managing(kept: Kept, secrets: string[]): iam.PolicyStatement[] {
  return [
    allow([...reading, ...writing], [kept.table.tableArn]),
    allow(keepingSecrets, secrets),
    ...viaKey(kept, 'dynamodb', sealing),
    ...signing(kept),
    ...backendStatements(kept.backends, 'cards'),
  ];
}

/** One secret of a seed. */
function readingOf(secret: secretsmanager.ISecret): iam.PolicyStatement[] {
  const { encryptionKey } = secret;
  const statements = [allow(['secretsmanager:GetSecretValue'], [arnToRead(secret)])];
  if (encryptionKey !== undefined) statements.push(...via(encryptionKey, 'secretsmanager', ['kms:Decrypt']));
  return statements;
}

/** Of a secret known by name only, the ARN lacks the six characters at its end. */
function arnToRead({ secretArn, secretFullArn }: secretsmanager.ISecret): string {
  return secretFullArn === undefined ? `${secretArn}-??????` : secretArn;
}

function wildcardOf(secret: secretsmanager.ISecret): Wildcard[] {
  if (secret.secretFullArn !== undefined) return [];
  const reason = 'Secrets Manager ends every ARN with six characters of its own; the name is whole.';
  return [{ resource: arnToRead(secret), reason }];
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
