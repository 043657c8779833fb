import type { AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { ImportStopped } from '../import/admin.ts';
import { plainItem } from '../import/attribute-value.ts';
import type { SampleSource } from '../import/import-sample.ts';
import { oneLine } from '../import/outcome.ts';
import { clientSecretIn } from '../import/sample-agent.ts';

export interface SampleTables {
  agentsTable: string;
  permissionsTable: string;
}

/** One page of a table, or one secret, retries included. */
const timeoutMs = 30_000;
/** More rows than this are not of a sample; all of them are held in memory. */
const maxRows = 100_000;

const agentMembers = ['agentId', 'agentCardUrl', 'backendUrl', 'status', 'authConfig'];
const permissionMembers = ['scope', 'allowedAgents', 'description', 'requestsPerMinute', 'agentLimits'];

/**
 * The tables and secrets of a deployment of the AWS sample, read only. Credentials, region and endpoints are found as
 * every AWS tool finds them, in the process's own environment and files.
 */
export async function openAwsSample(tables: SampleTables): Promise<SampleSource & { close(): void }> {
  // Loaded here, so that no other command loads the SDK.
  const [dynamoDb, secretsManager] = await Promise.all([
    import('@aws-sdk/client-dynamodb'),
    import('@aws-sdk/client-secrets-manager'),
  ]);
  const database = new dynamoDb.DynamoDBClient({});
  const secrets = new secretsManager.SecretsManagerClient({});
  const { ScanCommand } = dynamoDb;
  const { GetSecretValueCommand } = secretsManager;
  return {
    agents: () => tableRows(database, ScanCommand, tables.agentsTable, agentMembers),
    permissions: () => tableRows(database, ScanCommand, tables.permissionsTable, permissionMembers),
    clientSecret: (arn) => clientSecret(secrets, GetSecretValueCommand, arn),
    close() {
      database.destroy();
      secrets.destroy();
    },
  };
}

type Scan = typeof import('@aws-sdk/client-dynamodb').ScanCommand;
type GetSecretValue = typeof import('@aws-sdk/client-secrets-manager').GetSecretValueCommand;

/** All rows, page by page. A scan is right for once: the sample's tables have no other order to read them in. */
async function tableRows(
  database: DynamoDBClient,
  ScanCommand: Scan,
  table: string,
  members: readonly string[],
): Promise<unknown[]> {
  const names = Object.fromEntries(members.map((name, at) => [`#${at}`, name]));
  const rows: unknown[] = [];
  let after: Record<string, AttributeValue> | undefined;
  do {
    const scan = new ScanCommand({
      TableName: table,
      ConsistentRead: true,
      ProjectionExpression: Object.keys(names).join(', '),
      ExpressionAttributeNames: names, // `status` and others are reserved words.
      ...(after !== undefined && { ExclusiveStartKey: after }),
    });
    const page = await database
      .send(scan, { abortSignal: AbortSignal.timeout(timeoutMs) })
      .catch((error: unknown) => {
        throw new ImportStopped(`cannot read table ${table}: ${awsProblem(error)}`);
      });
    rows.push(...(page.Items ?? []).map(plainItem));
    if (rows.length > maxRows) throw new ImportStopped(`table ${table} has more than ${maxRows} rows`);
    after = page.LastEvaluatedKey;
  } while (after !== undefined);
  return rows;
}

async function clientSecret(
  secrets: SecretsManagerClient,
  GetSecretValueCommand: GetSecretValue,
  arn: string,
): ReturnType<SampleSource['clientSecret']> {
  try {
    const { SecretString, CreatedDate } = await secrets.send(new GetSecretValueCommand({ SecretId: arn }), {
      abortSignal: AbortSignal.timeout(timeoutMs),
    });
    const found = clientSecretIn(SecretString);
    if (found === undefined) return { missing: 'its secret holds no clientSecret' };
    return { clientSecret: found, createdAtMs: CreatedDate?.getTime() ?? 0 };
  } catch (error) {
    const name = error instanceof Error ? error.name : 'failed';
    if (name === 'ResourceNotFoundException') return { missing: 'its secret is missing' };
    return { missing: `its secret cannot be read: ${oneLine(name)}` };
  }
}

/** The first line only: further ones of a refused signature repeat the request, session token included. */
function awsProblem(error: unknown): string {
  if (!(error instanceof Error)) return 'failed';
  const [first = ''] = error.message.split('\n');
  return oneLine(`${error.name}: ${first}`);
}
