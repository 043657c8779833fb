import { afterAll, beforeAll } from 'vitest';
import { startDynamoDbLocal } from '../../aws-local/dynamodb-local.ts';
import { startMoto } from '../../aws-local/moto.ts';
import type { LocalServer } from '../../aws-local/server-process.ts';
import { pushStoreContract } from '../contract/push-store.ts';
import { newTable, storeOn } from './tables.ts';
import { describeWith } from './tools.ts';

const propertyRuns = 20;

describeWith(['java'], 'webhooks in DynamoDB Local', () => {
  let server: LocalServer;
  beforeAll(async () => {
    server = await startDynamoDbLocal();
  });
  afterAll(() => server.close());

  pushStoreContract('dynamodb', {
    open: async () => storeOn(server.endpoint, await newTable(server.endpoint)),
    propertyRuns,
  });
});

describeWith(['moto'], 'webhooks in DynamoDB by moto', () => {
  let server: LocalServer;
  beforeAll(async () => {
    server = await startMoto();
  });
  afterAll(() => server.close());

  pushStoreContract('dynamodb', {
    open: async () => storeOn(server.endpoint, await newTable(server.endpoint)),
    propertyRuns,
    // Its transactions let others in between.
    racedLanes: 0,
  });
});
