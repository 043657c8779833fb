import { afterAll, beforeAll } from 'vitest';
import { startDynamoDbLocal } from '../../aws-local/dynamodb-local.ts';
import type { LocalServer } from '../../aws-local/server-process.ts';
import { counterContract } from '../contract/counters.ts';
import { newTable, storeOn } from './tables.ts';
import { describeWith } from './tools.ts';

describeWith(['java'], 'DynamoDB Local', () => {
  let server: LocalServer;
  beforeAll(async () => {
    server = await startDynamoDbLocal();
  });
  afterAll(() => server.close());

  counterContract('dynamodb', {
    async open() {
      const tableName = await newTable(server.endpoint);
      const [one, two] = [storeOn(server.endpoint, tableName), storeOn(server.endpoint, tableName)];
      return {
        stores: [one.counters, two.counters],
        async close() {
          await Promise.all([one.close(), two.close()]);
        },
      };
    },
  });
});
