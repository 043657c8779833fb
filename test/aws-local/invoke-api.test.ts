import {
  InvokeCommand,
  InvokeWithResponseStreamCommand,
  type InvokeWithResponseStreamCompleteEvent,
  LambdaClient,
} from '@aws-sdk/client-lambda';
import { describe, expect, it } from 'vitest';
import { startInvokeApi } from '../../aws-local/invoke-api.ts';
import { endWithFile } from '../support/endings.ts';
import { diesWithItsReader, eventually, functionOf, type TestFunction } from './support.ts';

/** The SDK's own client, to whom the answers must look like Lambda's, and where it calls. */
async function clientOf(called: TestFunction): Promise<{ client: LambdaClient; endpoint: string }> {
  const api = await startInvokeApi([called]);
  const { endpoint } = api;
  const client = new LambdaClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
  endWithFile(async () => {
    client.destroy();
    await api.close();
  });
  return { client, endpoint };
}

async function streamed(client: LambdaClient, event: unknown, FunctionName = 'test') {
  const Payload = Buffer.from(JSON.stringify(event));
  const { EventStream } = await client.send(new InvokeWithResponseStreamCommand({ FunctionName, Payload }));
  const pieces: string[] = [];
  let complete: InvokeWithResponseStreamCompleteEvent | undefined;
  for await (const { PayloadChunk, InvokeComplete } of EventStream ?? []) {
    if (PayloadChunk?.Payload !== undefined) pieces.push(Buffer.from(PayloadChunk.Payload).toString());
    complete = InvokeComplete ?? complete;
  }
  return { pieces, complete };
}

describe('a function that is invoked', () => {
  it('streams what it writes, piece by piece, by its name or its ARN', async () => {
    const called =
      await functionOf(`export const handler = awslambda.streamifyResponse(async (event, stream) => {
      stream.write('one ' + event.name);
      await new Promise((resolve) => setTimeout(resolve, 100));
      stream.write('two');
      stream.end();
    });`);
    const { client } = await clientOf(called);
    for (const name of ['test', called.definition.arn])
      expect(await streamed(client, { name: 'ä' }, name)).toEqual({ pieces: ['one ä', 'two'], complete: {} });
  });

  it('answers in one piece where it does not stream', async () => {
    const { client } = await clientOf(await functionOf('export const handler = async ({ n }) => ({ n });'));
    expect(await streamed(client, { n: 1 })).toEqual({ pieces: ['{"n":1}'], complete: {} });
    const { Payload } = await client.send(new InvokeCommand({ FunctionName: 'test', Payload: '{"n":2}' }));
    expect(Payload?.transformToString()).toBe('{"n":2}');
  });

  it.each([
    ['before its first byte', `throw new RangeError('too far');`, []],
    [
      'after it began',
      `stream.write('begun'); await new Promise((resolve) => setTimeout(resolve, 50)); throw new RangeError('too far');`,
      ['begun'],
    ],
  ])('says at the end how it failed %s', async (_, body, pieces) => {
    const source = `export const handler = awslambda.streamifyResponse(async (event, stream) => {${body}});`;
    const { client } = await clientOf(await functionOf(source));
    const { complete, ...answer } = await streamed(client, {});
    expect(answer).toEqual({ pieces });
    expect(complete?.ErrorCode).toBe('Unhandled');
    expect(JSON.parse(complete?.ErrorDetails ?? '')).toEqual({
      errorType: 'RangeError',
      errorMessage: 'too far',
    });
  });

  it('that nobody knows is not found', async () => {
    const { client } = await clientOf(await functionOf('export const handler = async () => 1;'));
    await expect(streamed(client, {}, 'other')).rejects.toMatchObject({ $metadata: { httpStatusCode: 404 } });
  });

  it.skipIf(diesWithItsReader)(
    'frees its process when its caller leaves, and is refused until then',
    async () => {
      const source = `export const handler = awslambda.streamifyResponse(async (event, stream) => {
      stream.on('error', () => {});
      stream.write('begun');
      if (!event.ends) await new Promise((resolve) => stream.once('close', resolve));
      stream.end();
    });`;
      const { client, endpoint } = await clientOf(await functionOf(source, { reservedConcurrency: 1 }));
      const leaving = new AbortController();
      const url = `${endpoint}/2021-11-15/functions/test/response-streaming-invocations`;
      await fetch(url, { method: 'POST', signal: leaving.signal });
      await expect(streamed(client, {})).rejects.toMatchObject({ name: 'TooManyRequestsException' });
      leaving.abort();
      const again = () =>
        streamed(client, { ends: true }).then(
          ({ pieces }) => pieces,
          () => [],
        );
      await eventually(again).toEqual(['begun']);
    },
  );
});
