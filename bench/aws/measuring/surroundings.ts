import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

const publicUrl = 'https://gateway.test';
const tableName = 'bench';
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };

/** What a function has around it, all of it on loopback: an agent, an issuer and a table. */
export interface Surroundings {
  /** Of every function. */
  environment: Record<string, string>;
  agentUrl: string;
  /** A new token every time: callers are many, and each is met for the first time. */
  token(scope: string): Promise<string>;
  close(): void;
}

/** @param dynamoDbEndpoint of an empty DynamoDB Local; absent: functions that need a table do not work */
export async function startSurroundings(dynamoDbEndpoint: string | undefined): Promise<Surroundings> {
  const agent = fork(new URL('../../agent.ts', import.meta.url), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [{ url: agentUrl }] = (await once(agent, 'message')) as [{ url: string }];
  const issuer = await startIssuer();
  if (dynamoDbEndpoint !== undefined) await createTable(dynamoDbEndpoint);
  return {
    agentUrl,
    token: issuer.token,
    environment: {
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
      ...(dynamoDbEndpoint !== undefined && { AWS_ENDPOINT_URL_DYNAMODB: dynamoDbEndpoint }),
      BENCH_TARGET: `${agentUrl}/rpc`,
      A2A_GATEWAY_PUBLIC_URL: publicUrl,
      A2A_GATEWAY_ISSUERS: JSON.stringify([
        { issuer: issuer.url, jwksUrl: issuer.url, audiences: [publicUrl] },
      ]),
      A2A_GATEWAY_STORE: 'dynamodb',
      A2A_GATEWAY_DYNAMODB_TABLE_NAME: tableName,
      A2A_GATEWAY_UPSTREAM_ALLOW_HTTP: 'true',
      A2A_GATEWAY_UPSTREAM_ALLOW_ADDRESSES: '127.0.0.0/8',
    },
    close() {
      agent.disconnect();
      issuer.close();
    },
  };
}

async function startIssuer() {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const keys = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'bench', alg: 'RS256' }] });
  const server = createServer((_, response) =>
    response.setHeader('content-type', 'application/json').end(keys),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // A TCP server that listens has one.
  let count = 0;
  return {
    url,
    close: () => server.close(),
    token: (scope: string) =>
      new SignJWT({ scope, client_id: 'bench', jti: String(++count) })
        .setProtectedHeader({ alg: 'RS256', kid: 'bench', typ: 'at+jwt' })
        .setIssuer(url)
        .setAudience(publicUrl)
        .setSubject('bench')
        .setExpirationTime('1h')
        .sign(privateKey),
  };
}

async function createTable(endpoint: string): Promise<void> {
  const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials });
  await client.send(
    new CreateTableCommand({
      TableName: tableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    }),
  );
  client.destroy();
}
