import {
  Aws,
  CfnDeletionPolicy,
  type aws_dynamodb as dynamodb,
  Fn,
  type aws_kms as kms,
  aws_s3vectors as s3vectors,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { indexNameOf, indexPrefix, nonFilterableKeys } from '../src/search/s3-vectors/names.ts';
import { indexerTimeout } from './indexer-limits.ts';
import type { A2AGatewayProps } from './props.ts';
import { createQueuePair, type QueuePair } from './queues.ts';

/** The model, as the properties have it. */
export interface SearchModel {
  readonly modelId: string;
  readonly dimensions: number;
  readonly formerModelId: string | undefined;
}

/** What a search reads and the indexer writes. In the queue is work of the indexer that was put off. */
export interface SearchStorage extends QueuePair {
  readonly model: SearchModel;
  /** Of the table: which agents were written. */
  readonly tableStreamArn: string;
  readonly vectorBucket: s3vectors.CfnVectorBucket;
  readonly vectorBucketName: string;
  /** Of the configured model; others may be in the bucket while a model is changed. */
  readonly vectorIndex: s3vectors.CfnIndex;
}

/** As the settings have them, too; a test compares them. */
export const defaultModel = { modelId: 'amazon.titan-embed-text-v2:0', dimensions: 512 } as const;

/** Undefined where the search is switched off. */
export function modelOf({ search = {} }: A2AGatewayProps): SearchModel | undefined {
  if (search === false) return undefined;
  const { modelId = defaultModel.modelId, dimensions = defaultModel.dimensions, formerModelId } = search;
  return { modelId, dimensions, formerModelId };
}

/** @throws TypeError for a model whose index could not be named, or whose id is none */
export function checkSearch(props: A2AGatewayProps): void {
  const model = modelOf(props);
  if (model === undefined) return;
  for (const [name, value] of Object.entries({ modelId: model.modelId, formerModelId: model.formerModelId }))
    if (value !== undefined && !/^[\w.:/-]{1,2048}$/.test(value))
      throw new TypeError(`search.${name} ${JSON.stringify(value)}: an id or ARN of a model, known now`);
  if (![256, 512, 1024].includes(model.dimensions))
    throw new TypeError(`search.dimensions ${model.dimensions}: 256, 512 or 1024`);
}

export function createSearchStorage(
  scope: Construct,
  props: A2AGatewayProps,
  { tableStreamArn }: dynamodb.Table,
  key: kms.IKey | undefined,
): SearchStorage | undefined {
  const model = modelOf(props);
  if (model === undefined || tableStreamArn === undefined) return undefined;
  const vectorBucket = createVectorBucket(scope, key);
  return {
    model,
    tableStreamArn,
    vectorBucket,
    // CloudFormation makes the name, and tells it in the ARN alone.
    vectorBucketName: Fn.select(1, Fn.split('/', vectorBucket.attrVectorBucketArn)),
    vectorIndex: createVectorIndex(scope, model, vectorBucket),
    // Two hours of a model or an index that cannot be reached.
    ...createQueuePair(scope, 'Index', { key, timeout: indexerTimeout, maxReceiveCount: 20 }),
  };
}

/** All of them can be made again from the table, so they go with the stack whatever stays. */
function createVectorBucket(scope: Construct, key: kms.IKey | undefined): s3vectors.CfnVectorBucket {
  const bucket = new s3vectors.CfnVectorBucket(scope, 'VectorBucket', {
    encryptionConfiguration:
      key === undefined ? { sseType: 'AES256' } : { sseType: 'aws:kms', kmsKeyArn: key.keyArn },
  });
  bucket.cfnOptions.deletionPolicy = CfnDeletionPolicy.DELETE;
  // Another key is another bucket, and the old one cannot be deleted while its index is in it.
  bucket.cfnOptions.updateReplacePolicy = CfnDeletionPolicy.RETAIN;
  return bucket;
}

/** Sealed as its bucket is. */
function createVectorIndex(
  scope: Construct,
  { modelId, dimensions }: SearchModel,
  bucket: s3vectors.CfnVectorBucket,
): s3vectors.CfnIndex {
  const index = new s3vectors.CfnIndex(scope, 'VectorIndex', {
    vectorBucketArn: bucket.attrVectorBucketArn,
    indexName: indexNameOf(`bedrock:${modelId}:${dimensions}`),
    dataType: 'float32',
    dimension: dimensions,
    distanceMetric: 'cosine',
    metadataConfiguration: { nonFilterableMetadataKeys: [...nonFilterableKeys] },
  });
  index.cfnOptions.deletionPolicy = CfnDeletionPolicy.DELETE;
  // Another model is another index. The old one serves until the new one is filled; then the indexer deletes it.
  index.cfnOptions.updateReplacePolicy = CfnDeletionPolicy.RETAIN;
  return index;
}

/** Of all our indexes in the bucket, whichever their model. */
export function indexArnsOf({ vectorBucket }: SearchStorage): string {
  return `${vectorBucket.attrVectorBucketArn}/index/${indexPrefix}*`;
}

/** What texts are sent to. */
export function modelArnsOf({ model: { modelId, formerModelId } }: SearchStorage): string[] {
  const ids = [modelId, ...(formerModelId === undefined ? [] : [formerModelId])];
  const arns = ids.map((id) =>
    id.startsWith('arn:') ? id : `arn:${Aws.PARTITION}:bedrock:${Aws.REGION}::foundation-model/${id}`,
  );
  return [...new Set(arns)];
}
