import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DynamoDBClient,
  type StreamViewType,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { region } from './local-values.ts';
import { membersOf } from './members.ts';
import type { ResolvedTemplate } from './template.ts';

/** Makes the tables of a stack: keys, indexes, streams and expiry; what only a service can do is left out. */
export async function createTables(template: ResolvedTemplate, endpoint: string): Promise<string[]> {
  const client = new DynamoDBClient({
    endpoint,
    region,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  try {
    const names: string[] = [];
    for (const { logicalId, type, properties } of template.resources) {
      if (!/^AWS::DynamoDB::(?:Global)?Table$/.test(type)) continue;
      const TableName = String(template.resolve({ Ref: logicalId }));
      const resolved = properties();
      await client.send(new CreateTableCommand(tableOf(TableName, resolved as TableProperties)));
      const expiry = membersOf(resolved, logicalId).object('TimeToLiveSpecification');
      const AttributeName = expiry.optionalText('AttributeName');
      if (AttributeName !== undefined && expiry.flag('Enabled')) {
        const TimeToLiveSpecification = { AttributeName, Enabled: true };
        await client.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
      }
      names.push(TableName);
    }
    return names;
  } finally {
    client.destroy();
  }
}

/** The members that DynamoDB Local and the template have in common, in the API's own words; DynamoDB judges them. */
type TableProperties = Pick<
  CreateTableCommandInput,
  'AttributeDefinitions' | 'KeySchema' | 'GlobalSecondaryIndexes'
> & { StreamSpecification?: { StreamViewType: StreamViewType } };

function tableOf(TableName: string, properties: TableProperties): CreateTableCommandInput {
  const { AttributeDefinitions, KeySchema, GlobalSecondaryIndexes = [], StreamSpecification } = properties;
  return {
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions,
    KeySchema,
    ...(StreamSpecification !== undefined && {
      StreamSpecification: { StreamEnabled: true, ...StreamSpecification },
    }),
    ...(GlobalSecondaryIndexes.length > 0 && {
      GlobalSecondaryIndexes: GlobalSecondaryIndexes.map(({ IndexName, KeySchema, Projection }) => ({
        IndexName,
        KeySchema,
        Projection,
      })),
    }),
  };
}
