import { fetchDynamoDbLocal, hasJava } from '../../aws-local/dynamodb-local.ts';

/** Before the tests: in their hooks it would be fetched by several files at once, in the time one has to start. */
export async function setup(): Promise<void> {
  if (hasJava()) await fetchDynamoDbLocal();
}
