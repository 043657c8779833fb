/**
 * `npm run aws:local`: the AWS stack's own bundles on this machine, loopback only, until stopped. `PORT` is where,
 * 8080 without it, 0 for a free one; `A2A_GATEWAY_LAMBDA_RIC` names AWS's own runtime client, where it is installed,
 * and `A2A_GATEWAY_LAMBDA_NODE` the Node the functions run on.
 */
import { once } from 'node:events';
import { hasJava } from './dynamodb-local.ts';
import { type LocalAws, startLocalAws } from './local-aws.ts';
import { hasMoto } from './moto.ts';

process.exitCode = await main();

async function main(): Promise<number> {
  const missing = whatIsMissing();
  if (missing !== undefined) return failed(missing);
  // Heard from the start on, so that what is half started is ended too.
  const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  const starting = startLocalAws({
    port: Number(process.env.PORT ?? 8080),
    environment: process.env,
    print: (source, line) => process.stderr.write(`${source}  ${line}\n`),
  });
  const aws = await starting.catch((error: unknown) => error);
  if (aws instanceof Error) return failed(aws.message);
  for (const line of linesOf(aws as LocalAws)) console.log(line); // What is no error has started.
  await stopped;
  await (aws as LocalAws).close();
  return 0;
}

function whatIsMissing(): string | undefined {
  if (!hasJava()) return 'DynamoDB Local needs Java 17 or later, and there is no java here';
  if (!hasMoto())
    return 'Secrets Manager and SQS are played by moto, and there is no moto_server here: pip install "moto[server]"';
  return undefined;
}

function failed(reason: string): number {
  console.error(`aws:local cannot start: ${reason}`);
  return 1;
}

function linesOf({ url, stack, invokeEndpoint, endpoints }: LocalAws): string[] {
  const { api, functions, tables, queues, vectorIndexes, leftOut } = stack;
  return [
    'A2A gateway on AWS, as far as one machine goes: the stack that would be deployed, run from its template.',
    '',
    `API Gateway      ${api.apiId}, stage ${api.stage.name}: our emulator, at ${url}`,
    ...functions.map(
      ({ definition: { name, memoryMb, timeoutSeconds } }) =>
        `Lambda           ${name}: a process for each call at once (${timeoutSeconds} s, ${memoryMb} MB not enforced)`,
    ),
    `DynamoDB         ${tables.join(', ')}: DynamoDB Local, at ${endpoints.dynamoDb}`,
    `Secrets Manager  moto, at ${endpoints.secretsManager}`,
    `SQS              ${queues.join(', ')}: moto, at ${endpoints.sqs}`,
    `S3 Vectors       ${vectorIndexes.join(', ')}: our stand-in, at ${endpoints.s3Vectors}`,
    `KMS              keys that sign cards: our stand-in, at ${endpoints.kms}`,
    `Bedrock          the Universal Sentence Encoder in place of its model, at ${endpoints.bedrock}`,
    '',
    'Left out:',
    ...leftOut.map((line) => `  ${line}`),
    '',
    'Clients   admin, alice, bob, carol; the secret of each is <name>-secret; issuer at /dev/issuer',
    'Agents    echo, writer, researcher, booking; veteran speaks 0.3, the others 1.0',
    `Run a scheduled function by hand:`,
    `  curl -X POST ${invokeEndpoint}/2015-03-31/functions/maintenance/invocations -d '{}'`,
    'Find agents by what they do (the token is of a client above):',
    `  curl ${url}/search -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d '{"query":"reserve a table"}'`,
    'Call the agents with the official SDK:',
    `  node --import tsx examples/call-agents.ts ${url}`,
    '',
    `ready ${url}`,
  ];
}
