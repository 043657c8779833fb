import { afterAll, beforeAll } from 'vitest';
import { startDynamoDbLocal } from '../../aws-local/dynamodb-local.ts';
import { startMoto } from '../../aws-local/moto.ts';
import type { LocalServer } from '../../aws-local/server-process.ts';
import { newTable } from './tables.ts';
import { describeWith } from './tools.ts';

/** What gateways in processes of their own need to share one store. */
export interface SharedStore {
  settings: Record<string, unknown>;
  env: Record<string, string>;
}

/**
 * A suite of several processes over one table of DynamoDB Local, and secrets in moto.
 *
 * @param secretsPrefix of its own for each suite
 */
export function describeProcesses(
  suite: (name: string, open: () => Promise<SharedStore>) => void,
  secretsPrefix: string,
): void {
  describeWith(['java', 'moto'], 'DynamoDB Local', () => {
    let dynamo: LocalServer;
    let moto: LocalServer;
    beforeAll(async () => {
      [dynamo, moto] = await Promise.all([startDynamoDbLocal(), startMoto()]);
    });
    afterAll(() => Promise.all([dynamo.close(), moto.close()]));

    suite('one DynamoDB table', async () => ({
      settings: {
        store: 'dynamodb',
        dynamodb: { tableName: await newTable(dynamo.endpoint) },
        secretsManager: { prefix: secretsPrefix },
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
}
