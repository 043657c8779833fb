import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Settings } from '../config.ts';
import type { Secrets } from '../ports.ts';
import { createDynamoStore } from '../store/dynamodb/store.ts';
import type { Store } from '../store/port.ts';
import { createSecretsManagerSecrets } from '../store/secrets-manager/secrets.ts';

/** What is kept, and where its secrets are. */
export interface Adapters {
  store: Store;
  secrets: Secrets;
}

/** A try that takes longer is given up and made again: answers take milliseconds, and a lost one must not hold a call. */
export const clientDefaults = {
  maxAttempts: 4,
  // Without its last member a try that takes longer is warned of, and waited for.
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
} as const;

/** Region, credentials and endpoints come from where the AWS SDK looks for them: environment, profile, role. */
export function createAwsAdapters({ dynamodb, secretsManager }: Settings): Adapters {
  const { tableName = '' } = dynamodb; // `config.ts` refuses `store: dynamodb` without one.
  const { prefix, kmsKeyId } = secretsManager;
  return {
    store: createDynamoStore({ client: new DynamoDBClient(clientDefaults), tableName }),
    secrets: createSecretsManagerSecrets({
      client: new SecretsManagerClient(clientDefaults),
      prefix,
      ...(kmsKeyId !== undefined && { kmsKeyId }),
    }),
  };
}
