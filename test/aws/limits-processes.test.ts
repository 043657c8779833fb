import { afterAll, beforeAll } from 'vitest';
import { startDynamoDbLocal } from '../../aws-local/dynamodb-local.ts';
import { startMoto } from '../../aws-local/moto.ts';
import type { LocalServer } from '../../aws-local/server-process.ts';
import { limitsOfProcesses } from '../contract/limits-of-processes.ts';
import { newTable } from './tables.ts';
import { describeWith } from './tools.ts';

describeWith(['java', 'moto'], 'DynamoDB Local', () => {
  let dynamo: LocalServer;
  let moto: LocalServer;
  beforeAll(async () => {
    [dynamo, moto] = await Promise.all([startDynamoDbLocal(), startMoto()]);
  });
  afterAll(() => Promise.all([dynamo.close(), moto.close()]));

  limitsOfProcesses('one DynamoDB table', async () => ({
    settings: {
      store: 'dynamodb',
      dynamodb: { tableName: await newTable(dynamo.endpoint) },
      secretsManager: { prefix: 'a2a-gateway/limits/' },
    },
    env: {
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_ENDPOINT_URL_DYNAMODB: dynamo.endpoint,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: moto.endpoint,
    },
  }));
});
