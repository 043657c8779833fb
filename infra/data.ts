import { Aws, aws_dynamodb as dynamodb, aws_iam as iam, aws_kms as kms, RemovalPolicy } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { partitionKey, sortKey, ttlAttribute } from '../src/store/dynamodb/table.ts';
import { addressInRegion, arnOf } from './names.ts';
import type { A2AGatewayProps } from './props.ts';

/** What is kept: one table. Secrets of agents are made by the functions, when an agent is registered. */
export function createTable(
  scope: Construct,
  { removalPolicy = RemovalPolicy.RETAIN, deletionProtection, search }: A2AGatewayProps,
  key: kms.IKey | undefined,
): dynamodb.Table {
  return new dynamodb.Table(scope, 'Table', {
    partitionKey: { name: partitionKey, type: dynamodb.AttributeType.STRING },
    sortKey: { name: sortKey, type: dynamodb.AttributeType.STRING },
    timeToLiveAttribute: ttlAttribute,
    billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: deletionProtection ?? removalPolicy === RemovalPolicy.RETAIN,
    removalPolicy,
    // Which agent was written is all the indexer is told; it reads the rest from the table.
    ...(search !== false && { stream: dynamodb.StreamViewType.KEYS_ONLY }),
    ...(key === undefined
      ? { encryption: dynamodb.TableEncryption.DEFAULT }
      : { encryption: dynamodb.TableEncryption.CUSTOMER_MANAGED, encryptionKey: key }),
  });
}

/** One key for table, secrets, logs, vectors and queues; undefined where the keys of AWS are to do. */
export function keyOf(
  scope: Construct,
  { encryptionKey, customerManagedKey = true, removalPolicy = RemovalPolicy.RETAIN, search }: A2AGatewayProps,
  environment: string,
): kms.IKey | undefined {
  if (encryptionKey !== undefined) return encryptionKey;
  if (!customerManagedKey) return undefined;
  const key = new kms.Key(scope, 'Key', {
    description: `A2A gateway ${environment}: table, secrets, logs, vectors, queues`,
    alias: `a2a-gateway/${environment}`,
    enableKeyRotation: true,
    removalPolicy,
  });
  key.addToResourcePolicy(logsStatement());
  key.addToResourcePolicy(alarmsStatement());
  if (search !== false) key.addToResourcePolicy(vectorsStatement());
  return key;
}

/** Log groups of this account only: the service acts for everybody. */
function logsStatement(): iam.PolicyStatement {
  return new iam.PolicyStatement({
    principals: [new iam.ServicePrincipal(addressInRegion('logs'))],
    actions: ['kms:Encrypt*', 'kms:Decrypt*', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
    resources: ['*'],
    conditions: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': arnOf('logs', 'log-group:*') } },
  });
}

/** An alarm can tell a sealed topic only if CloudWatch may use its key. */
function alarmsStatement(): iam.PolicyStatement {
  return new iam.PolicyStatement({
    principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
    actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
    resources: ['*'],
    conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
  });
}

/** S3 Vectors keeps its indexes in order in its own time, by itself. Without this it refuses to make an index. */
function vectorsStatement(): iam.PolicyStatement {
  return new iam.PolicyStatement({
    principals: [new iam.ServicePrincipal('indexing.s3vectors.amazonaws.com')],
    actions: ['kms:Decrypt'],
    resources: ['*'],
    conditions: {
      ArnLike: { 'aws:SourceArn': arnOf('s3vectors', 'bucket/*') },
      StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
      'ForAnyValue:StringEquals': {
        'kms:EncryptionContextKeys': ['aws:s3vectors:arn', 'aws:s3vectors:resource-id'],
      },
    },
  });
}
