import {
  CreateIndexCommand,
  type CreateIndexCommandInput,
  CreateVectorBucketCommand,
  S3VectorsClient,
} from '@aws-sdk/client-s3vectors';
import { region } from './local-values.ts';
import { membersOf } from './members.ts';
import type { ResolvedTemplate } from './template.ts';

/** Makes the vector buckets of a stack and the indexes in them. Answers the names of the indexes. */
export async function createVectors(template: ResolvedTemplate, endpoint: string): Promise<string[]> {
  const client = new S3VectorsClient({
    endpoint,
    region,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const ofType = (name: string) =>
    template.resources.filter(({ type }) => type === `AWS::S3Vectors::${name}`);
  try {
    for (const { logicalId } of ofType('VectorBucket')) {
      const vectorBucketName = bucketNameIn(String(template.resolve({ Ref: logicalId })));
      await client.send(new CreateVectorBucketCommand({ vectorBucketName }));
    }
    const names: string[] = [];
    for (const { logicalId, properties } of ofType('Index')) {
      const members = membersOf(properties(), logicalId);
      const indexName = members.text('IndexName');
      await client.send(
        new CreateIndexCommand({
          vectorBucketName: bucketNameIn(members.text('VectorBucketArn')),
          indexName,
          dimension: members.number('Dimension', 0),
          // Words that CloudFormation and the API have in common; the server judges them.
          dataType: members.text('DataType') as CreateIndexCommandInput['dataType'],
          distanceMetric: members.text('DistanceMetric') as CreateIndexCommandInput['distanceMetric'],
          metadataConfiguration: {
            nonFilterableMetadataKeys: members
              .object('MetadataConfiguration')
              .list('NonFilterableMetadataKeys')
              .map(String),
          },
        }),
      );
      names.push(indexName);
    }
    return names;
  } finally {
    client.destroy();
  }
}

function bucketNameIn(arn: string): string {
  return arn.split('/')[1] ?? '';
}
