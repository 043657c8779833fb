import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ConfigError } from '../../../config.ts';
import { createDynamoStore } from '../../../store/dynamodb/store.ts';
import { createJsonLog } from '../../../telemetry/json-log.ts';
import { createNodeUpstream } from '../../../upstream/node-upstream.ts';
import { systemClock } from '../../clock.ts';
import { openUpstream } from '../../upstream.ts';
import { createAuthorizer } from '../authorizer.ts';
import { functionSettings } from '../settings.ts';
import { started, writeLine } from '../start.ts';

/** Made once a process, so that keys and verified tokens outlive an invocation. */
export const handler = started(() => {
  const settings = functionSettings(process.env);
  const { tableName } = settings.dynamodb;
  if (tableName === undefined)
    throw new ConfigError(['setting dynamodb.tableName: needed by the authorizer']);
  // Not by `aws-adapters.ts`: this function reads no secrets, and their client would be a quarter of it.
  const client = new DynamoDBClient({
    maxAttempts: 3,
    // API Gateway waits for the authorizer before every call; a lost answer must leave time for another try.
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true },
  });
  return createAuthorizer({
    settings,
    store: createDynamoStore({ client, tableName }),
    upstream: openUpstream(settings, createNodeUpstream),
    clock: systemClock,
    log: createJsonLog(settings.log.level, writeLine),
  });
});
