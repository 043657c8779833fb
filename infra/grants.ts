import {
  type aws_dynamodb as dynamodb,
  aws_iam as iam,
  type aws_kms as kms,
  type aws_secretsmanager as secretsmanager,
} from 'aws-cdk-lib';
import { auditPrefix, pushPrefix, usagePrefix } from '../src/store/dynamodb/table.ts';
import { type Backends, backendStatements } from './backends.ts';
import { arnOf, auditSecrets, cardSigningSecrets, identitySecrets, sealingSecrets } from './names.ts';
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

export const reading = ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:BatchGetItem'];
/** A transaction is authorised as the writes it is made of. */
export const writing = ['dynamodb:PutItem', 'dynamodb:DeleteItem'];
export const opening = ['kms:Decrypt', 'kms:DescribeKey'];
export const sealing = [
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

export function secretArn({ secretPrefix }: Kept, names: string): string {
  return arnOf('secretsmanager', `secret:${secretPrefix}${names}`);
}

export function secretsIn(kept: Kept, names: string): string[] {
  return [secretArn(kept, names)];
}

/** Writes in partitions that begin so, and nothing else of the table. `Null` because `ForAllValues` holds of a request without the key, too. */
export function writingIn(
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

export function signing(kept: Kept): iam.PolicyStatement[] {
  return [
    allow(keepingKeys, secretsIn(kept, identitySecrets)),
    allow(['secretsmanager:ListSecrets'], ['*']),
    ...viaKey(kept, 'secretsmanager', sealingSecret),
  ];
}

/** @param actions with keys of KMS; those among the secrets are made by whoever is asked for them first */
export function signingCards(kept: Kept, actions: string[]): iam.PolicyStatement[] {
  const keys = kept.cardSigningKeys.map(({ keyArn }) => keyArn);
  return [keys.length > 0 ? allow(actions, keys) : allow(keepingKeys, secretsIn(kept, cardSigningSecrets))];
}

/** What seals first makes the key, which is then kept for good. By KMS as `signing`. */
export function sealingTexts(kept: Kept): iam.PolicyStatement {
  return allow(
    ['secretsmanager:CreateSecret', 'secretsmanager:GetSecretValue'],
    secretsIn(kept, sealingSecrets),
  );
}

/** Who seals the trail first makes the key, which is then kept for good. By KMS as `signing`. */
export function sealingTrail(kept: Kept): iam.PolicyStatement {
  return allow(
    ['secretsmanager:CreateSecret', 'secretsmanager:GetSecretValue'],
    secretsIn(kept, auditSecrets),
  );
}

/** Records calls and what they use. Nothing that is on record can be deleted with this, only written over. */
export function recordingCalls(kept: Kept): iam.PolicyStatement[] {
  return [
    writingIn(kept.table, ['dynamodb:PutItem'], [auditPrefix, usagePrefix]),
    countingUse(kept),
    sealingTrail(kept),
  ];
}

/** In a transaction with the record; what was used by others stays as it is. */
export function countingUse({ table }: Kept): iam.PolicyStatement {
  return writingIn(table, ['dynamodb:UpdateItem'], [usagePrefix]);
}

/** Of who may else delete anything in the table. Time to live deletes the trail, and nothing that is ours. */
function keepingTrail({ table }: Kept): iam.PolicyStatement {
  return new iam.PolicyStatement({
    effect: iam.Effect.DENY,
    actions: ['dynamodb:DeleteItem'],
    resources: [table.tableArn],
    conditions: {
      'ForAnyValue:StringLike': {
        'dynamodb:LeadingKeys': [auditPrefix, usagePrefix].map((prefix) => `${prefix}*`),
      },
    },
  });
}

/** A filtered query that answers metadata wants both QueryVectors and GetVectors. */
export function searching({ search, key }: Kept): iam.PolicyStatement[] {
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
export function indexing(kept: Kept): iam.PolicyStatement[] {
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
export function waking(kept: Kept): iam.PolicyStatement[] {
  return [
    allow(['sqs:SendMessage'], [kept.pushQueues.queue.queueArn]),
    ...viaKey(kept, 'sqs', ['kms:Decrypt', 'kms:GenerateDataKey']),
  ];
}

/** Takes from its queue and puts into it, opens what is sealed, writes what became of it. No agent and no other secret. */
export function delivering(kept: Kept): iam.PolicyStatement[] {
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

export function managing(kept: Kept, secrets: string[]): iam.PolicyStatement[] {
  return [
    allow([...reading, ...writing], [kept.table.tableArn]),
    keepingTrail(kept),
    sealingTrail(kept),
    allow(keepingSecrets, secrets),
    ...viaKey(kept, 'dynamodb', sealing),
    ...signing(kept),
    ...backendStatements(kept.backends, 'cards'),
  ];
}

/** One secret of a seed. */
export function readingOf(secret: secretsmanager.ISecret): iam.PolicyStatement[] {
  const { encryptionKey } = secret;
  const statements = [allow(['secretsmanager:GetSecretValue'], [arnToRead(secret)])];
  if (encryptionKey !== undefined) statements.push(...via(encryptionKey, 'secretsmanager', ['kms:Decrypt']));
  return statements;
}

/** Of a secret known by name only, the ARN lacks the six characters at its end. */
export function arnToRead({ secretArn, secretFullArn }: secretsmanager.ISecret): string {
  return secretFullArn === undefined ? `${secretArn}-??????` : secretArn;
}

export function viaKey({ key }: Kept, service: string, actions: string[]): iam.PolicyStatement[] {
  return key === undefined ? [] : via(key, service, actions);
}
