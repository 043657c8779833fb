import { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime';
import { describe, expect, it } from 'vitest';
import { defaultModel } from '../../infra/search.ts';
import { parseSettings } from '../../src/config.ts';
import { createBedrockEmbedder } from '../../src/search/embedders/bedrock.ts';
import { indexNameOf, nonFilterableKeys } from '../../src/search/s3-vectors/names.ts';
import { environmentOf, type Resource, type Synthesis, synthesise, textOf } from './synthesis.ts';

const standard = synthesise();
const without = synthesise({ search: false });
const changed = synthesise({ search: { modelId: 'amazon.titan-embed-text-v3:0' } });

function resourceOf({ all }: Synthesis, type: string): Resource {
  const [resource, second] = Object.values(all(type));
  if (resource === undefined || second !== undefined) throw new Error(`not one ${type}`);
  return resource;
}

/** The id of the model, as the function that embeds has it. */
function modelIdOf(modelId: string, dimensions: number): string {
  const client = new BedrockRuntimeClient({ region: 'us-east-1' });
  return createBedrockEmbedder({ client, modelId, dimensions }).model.id;
}

describe('the vector index', () => {
  const index = resourceOf(standard, 'AWS::S3Vectors::Index');

  it('has the name and the keys the indexer expects', () => {
    const { modelId, dimensions } = defaultModel;
    expect(index.Properties).toMatchObject({
      IndexName: indexNameOf(modelIdOf(modelId, dimensions)),
      DataType: 'float32',
      Dimension: dimensions,
      DistanceMetric: 'cosine',
      MetadataConfiguration: { NonFilterableMetadataKeys: [...nonFilterableKeys] },
    });
  });

  it('is another for another model, and the old one stays until the indexer deletes it', () => {
    const other = resourceOf(changed, 'AWS::S3Vectors::Index');
    expect(other.Properties.IndexName).toBe(indexNameOf(modelIdOf('amazon.titan-embed-text-v3:0', 512)));
    expect(other.Properties.IndexName).not.toBe(index.Properties.IndexName);
    for (const resource of [index, resourceOf(standard, 'AWS::S3Vectors::VectorBucket')])
      expect(resource).toMatchObject({ DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Retain' });
  });

  it('is sealed by the key of the stack, which S3 Vectors may use for its upkeep, or by AWS’s own', () => {
    expect(standard.only('AWS::S3Vectors::VectorBucket').EncryptionConfiguration).toEqual({
      SseType: 'aws:kms',
      KmsKeyArn: { 'Fn::GetAtt': [expect.stringMatching(/^GatewayKey/), 'Arn'] },
    });
    const mayUse = ({ only }: Synthesis) =>
      only('AWS::KMS::Key', 'GatewayKey').KeyPolicy.Statement.filter(
        ({ Principal }: { Principal: { Service?: string } }) =>
          Principal.Service === 'indexing.s3vectors.amazonaws.com',
      );
    expect(mayUse(standard)).toMatchObject([
      {
        Action: 'kms:Decrypt',
        Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      },
    ]);
    expect(mayUse(without)).toEqual([]);
    const none = synthesise({ customerManagedKey: false });
    expect(none.only('AWS::S3Vectors::VectorBucket').EncryptionConfiguration).toEqual({ SseType: 'AES256' });
    for (const { Properties } of Object.values(none.all('AWS::SQS::Queue')))
      expect(Properties.SqsManagedSseEnabled).toBe(true);
  });
});

describe('the settings', () => {
  it('name model and bucket, to every function alike', () => {
    const environment = environmentOf(standard, 'DataPlane');
    expect(environment).toMatchObject({
      A2A_GATEWAY_SEARCH_EMBEDDER: 'bedrock',
      A2A_GATEWAY_SEARCH_BEDROCK_MODEL_ID: defaultModel.modelId,
    });
    // arn:{partition}:s3vectors:{region}:{account}:bucket/{name}
    expect(JSON.parse(environment.A2A_GATEWAY_SEARCH_S3_VECTORS_VECTOR_BUCKET_NAME ?? '')).toEqual({
      'Fn::Select': [
        1,
        {
          'Fn::Split': [
            '/',
            { 'Fn::GetAtt': [expect.stringMatching(/^GatewayVectorBucket/), 'VectorBucketArn'] },
          ],
        },
      ],
    });
    const { INDEX_QUEUE_URL: queueUrl, ...indexer } = environmentOf(standard, 'Indexer');
    expect(indexer).toEqual(environmentOf(standard, 'Authorizer'));
    expect(queueUrl).toMatch(/^<GatewayIndexQueue\w+>$/);
  });

  it('have the same model by default as the construct', () => {
    const { bedrock } = parseSettings(undefined, {
      A2A_GATEWAY_PUBLIC_URL: 'https://gateway.example',
      A2A_GATEWAY_ISSUERS: '[{"issuer":"https://issuer.example","audiences":["a"]}]',
    }).search;
    expect(bedrock).toEqual(defaultModel);
  });

  it('are told where the construct’s model is another', () => {
    const environment = environmentOf(changed, 'Management');
    expect(environment.A2A_GATEWAY_SEARCH_BEDROCK_MODEL_ID).toBe('amazon.titan-embed-text-v3:0');
  });
});

describe('what makes the indexer run', () => {
  const indexer = { Ref: expect.stringMatching(/^GatewayIndexer/) };

  it('changes of agents: the head of each, at most 100 at a time, kept from blocking the stream for long', () => {
    const mapping = standard.only('AWS::Lambda::EventSourceMapping', 'IndexChanges');
    expect(mapping).toMatchObject({
      FunctionName: indexer,
      EventSourceArn: { 'Fn::GetAtt': [expect.stringMatching(/^GatewayTable/), 'StreamArn'] },
      StartingPosition: 'TRIM_HORIZON',
      BatchSize: 100,
      BisectBatchOnFunctionError: true,
      MaximumRecordAgeInSeconds: 21_600,
      MaximumRetryAttempts: 100,
      ParallelizationFactor: 2,
      DestinationConfig: {
        OnFailure: {
          Destination: { 'Fn::GetAtt': [expect.stringMatching(/^GatewayIndexDeadLetterQueue/), 'Arn'] },
        },
      },
    });
    expect(mapping.MaximumBatchingWindowInSeconds).toBeUndefined();
    const [{ Pattern }] = mapping.FilterCriteria.Filters;
    expect(JSON.parse(Pattern)).toEqual({ dynamodb: { Keys: { sk: { S: ['agent'] } } } });
    expect(standard.only('AWS::DynamoDB::Table').StreamSpecification).toEqual({
      StreamViewType: 'KEYS_ONLY',
    });
  });

  it('work that was put off: message by message, each answered for by itself', () => {
    expect(standard.only('AWS::Lambda::EventSourceMapping', 'IndexRetries')).toMatchObject({
      FunctionName: indexer,
      BatchSize: 1,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 2 },
    });
  });

  it('a queue that hides a message for longer than the function runs, and gives up after hours', () => {
    const queue = standard.only('AWS::SQS::Queue', 'GatewayIndexQueue');
    const { Timeout } = standard.only('AWS::Lambda::Function', 'GatewayIndexer');
    expect(queue.VisibilityTimeout).toBeGreaterThan(Timeout);
    expect(queue.RedrivePolicy).toEqual({
      deadLetterTargetArn: { 'Fn::GetAtt': [expect.stringMatching(/^GatewayIndexDeadLetterQueue/), 'Arn'] },
      maxReceiveCount: 20,
    });
  });

  it('queues that are sealed and answer by TLS alone', () => {
    expect(Object.keys(standard.all('AWS::SQS::Queue'))).toHaveLength(4);
    for (const { Properties } of Object.values(standard.all('AWS::SQS::Queue')))
      expect(textOf(Properties.KmsMasterKeyId)).toMatch(/^<GatewayKey\w+\.Arn>$/);
    const policies = Object.values(standard.all('AWS::SQS::QueuePolicy'));
    expect(policies).toHaveLength(4);
    for (const { Properties } of policies)
      expect(Properties.PolicyDocument.Statement).toEqual([
        expect.objectContaining({
          Effect: 'Deny',
          Action: 'sqs:*',
          Principal: { AWS: '*' },
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        }),
      ]);
  });

  it('every hour, and a deployment of another model or another indexer', () => {
    expect(standard.only('AWS::Events::Rule', 'IndexRule').ScheduleExpression).toBe('rate(1 hour)');
    const { ServiceToken, ...properties } = standard.only('Custom::A2AGatewayIndexFill');
    expect(textOf(ServiceToken)).toMatch(/^<GatewayIndexer\w+\.Arn>$/);
    expect(properties).toMatchObject({
      modelId: defaultModel.modelId,
      dimensions: '512',
      Indexer: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(changed.only('Custom::A2AGatewayIndexFill').modelId).toBe('amazon.titan-embed-text-v3:0');
  });

  it('a fill begins when all it needs is there, in a VPC the ways out of it too', () => {
    const dependencies = (synthesis: Synthesis) =>
      resourceOf(synthesis, 'Custom::A2AGatewayIndexFill').DependsOn?.join() ?? '';
    for (const part of ['VectorIndex', 'IndexChanges', 'IndexRetries'])
      expect(dependencies(standard)).toContain(part);
    const inVpc = synthesise({ endpointType: 'PRIVATE', natGateways: 0 });
    for (const part of ['SqsEndpoint', 'S3Endpoint', 'DynamoDbEndpoint'])
      expect(dependencies(inVpc)).toContain(part);
  });
});

describe('without a search', () => {
  it('there is nothing of it but the setting that says so', () => {
    for (const type of [
      'AWS::S3Vectors::VectorBucket',
      'AWS::S3Vectors::Index',
      'Custom::A2AGatewayIndexFill',
    ])
      expect(without.all(type)).toEqual({});
    const ids = ['AWS::SQS::Queue', 'AWS::Lambda::EventSourceMapping'].flatMap((type) =>
      Object.keys(without.all(type)),
    );
    expect(ids.filter((id) => !id.startsWith('GatewayPush'))).toEqual([]);
    expect(Object.keys(without.all('AWS::Lambda::Function'))).toHaveLength(6);
    expect(without.only('AWS::DynamoDB::Table').StreamSpecification).toBeUndefined();
    const alarms = Object.keys(without.all('AWS::CloudWatch::Alarm')).join();
    expect(alarms).not.toMatch(/Search|Index/);
    expect(environmentOf(without, 'Management').A2A_GATEWAY_SEARCH_ENABLED).toBe('false');
    expect(without.gateway.search).toBeUndefined();
    expect(without.gateway.indexing).toBeUndefined();
  });
});

describe('the metrics of searches', () => {
  it('are made of the lines of both functions that search', () => {
    const filters = Object.values(standard.all('AWS::Logs::MetricFilter')).map(
      ({ Properties }) => Properties,
    );
    const searches = filters.filter(({ LogGroupName }) => /Management|DataPlane/.test(textOf(LogGroupName)));
    for (const name of ['SearchDurationMs-default', 'SearchesFailed-default'])
      expect(
        searches.filter(({ MetricTransformations: [{ MetricName }] }) => MetricName === name),
      ).toHaveLength(2);
    const body = textOf(standard.only('AWS::CloudWatch::Dashboard').DashboardBody);
    expect(body).toContain('"A2AGateway","SearchDurationMs-default"');
    expect(() => JSON.parse(body)).not.toThrow();
    expect(textOf(without.only('AWS::CloudWatch::Dashboard').DashboardBody)).not.toContain('Search');
  });
});
