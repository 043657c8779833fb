import { randomUUID } from 'node:crypto';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createDynamoStore } from '../../src/store/dynamodb/store.ts';
import { partitionKey, sortKey } from '../../src/store/dynamodb/table.ts';
import type { Store } from '../../src/store/port.ts';

/** What every client of a server on this machine is given; the servers check none of it. */
export const localSettings = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
} as const;

export function dynamoClient(endpoint: string): DynamoDBClient {
  return new DynamoDBClient({ ...localSettings, endpoint });
}

/** Makes a table as the stack has it, and answers its name. */
export async function newTable(endpoint: string): Promise<string> {
  const TableName = `gateway-${randomUUID()}`;
  const client = dynamoClient(endpoint);
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [partitionKey, sortKey].map((AttributeName) => ({
        AttributeName,
        AttributeType: 'S',
      })),
      KeySchema: [
        { AttributeName: partitionKey, KeyType: 'HASH' },
        { AttributeName: sortKey, KeyType: 'RANGE' },
      ],
    }),
  );
  client.destroy();
  return TableName;
}

export function storeOn(endpoint: string, tableName: string): Store {
  return createDynamoStore({ client: dynamoClient(endpoint), tableName });
}
