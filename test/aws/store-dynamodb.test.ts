import { afterAll, beforeAll } from 'vitest';
import { startDynamoDbLocal } from '../../aws-local/dynamodb-local.ts';
import { startMoto } from '../../aws-local/moto.ts';
import type { LocalServer } from '../../aws-local/server-process.ts';
import { cachedStore } from '../../src/store/cached.ts';
import { storeContract } from '../contract/store.ts';
import { newTable, storeOn } from './tables.ts';
import { describeWith } from './tools.ts';

const propertyRuns = 12;

describeWith(['java'], 'DynamoDB Local', () => {
  let server: LocalServer;
  beforeAll(async () => {
    server = await startDynamoDbLocal();
  });
  afterAll(() => server.close());

  const open = async () => storeOn(server.endpoint, await newTable(server.endpoint));
  storeContract('dynamodb', { open, propertyRuns });
  // The clock stands still: an entry that a write forgets to remove would be answered for ever.
  const clock = { nowMs: () => 0 };
  storeContract('dynamodb behind the cache', {
    open: async () => cachedStore(await open(), { clock }),
    propertyRuns,
  });
});

// Its transactions take any size, forget their token, so a second try is done again, and are never in each other's
// way: faults and races are tried on DynamoDB Local only.
describeWith(['moto'], 'DynamoDB by moto', () => {
  let server: LocalServer;
  beforeAll(async () => {
    server = await startMoto();
  });
  afterAll(() => server.close());

  const open = async () => storeOn(server.endpoint, await newTable(server.endpoint));
  storeContract('dynamodb', { open, propertyRuns });
});
