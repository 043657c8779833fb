import { aws_iam as iam, type aws_secretsmanager as secretsmanager } from 'aws-cdk-lib';
import {
  affinityPrefix,
  counterPrefix,
  healthPrefix,
  ownedPrefix,
  pushPrefix,
} from '../src/store/dynamodb/table.ts';
import { backendStatements, backendWildcards, type Wildcard } from './backends.ts';
import type { FunctionName } from './function-names.ts';
import {
  arnToRead,
  countingUse,
  delivering,
  indexing,
  type Kept,
  managing,
  opening,
  reading,
  readingOf,
  recordingCalls,
  sealing,
  sealingTexts,
  searching,
  secretArn,
  secretsIn,
  signing,
  signingCards,
  viaKey,
  waking,
  writing,
  writingIn,
} from './grants.ts';
import {
  agentSecrets,
  arnOf,
  auditSecrets,
  cardSigningSecrets,
  identitySecrets,
  sealingSecrets,
} from './names.ts';
import { indexArnsOf } from './search.ts';
import { allow } from './statements.ts';

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
        writingIn(table, ['dynamodb:PutItem'], [affinityPrefix, counterPrefix, healthPrefix, ownedPrefix]),
        writingIn(table, writing, [pushPrefix]),
        ...recordingCalls(kept),
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
        countingUse(kept),
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
    ...[agentSecrets, identitySecrets, cardSigningSecrets, sealingSecrets, auditSecrets].map((names) => ({
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
