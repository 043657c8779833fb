import {
  InvokeWithResponseStreamCommand,
  LambdaClient,
  ResourceNotFoundException,
  TooManyRequestsException,
} from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { exampleKeys } from './support/aws-service.ts';
import { bindings, call, expectErrorEvent, expectRefusal, message, success } from './support/bindings.ts';
import { permit, register, startGateway, type TestGateway } from './support/gateway.ts';
import {
  answerBuffered,
  answerStreamed,
  type FunctionAnswer,
  type FunctionScript,
  functionArn,
  type LambdaApi,
  payloadChunk,
  startLambda,
} from './support/lambda-invoke.ts';
import { cardAt } from './support/scripted-agent.ts';
import { readStream } from './support/stream-reader.ts';

/** An agent that is a function, invoked by the Lambda API. */

let gateway: TestGateway;
let lambda: LambdaApi;

const authConfig = { type: 'aws_sigv4', ...exampleKeys };
const json = { 'content-type': 'application/json' };
const eventStream = { 'content-type': 'text/event-stream' };

function registration(members: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    agentId: 'agent',
    backend: { type: 'lambda', functionArn, qualifier: 'live', endpointUrl: lambda.url },
    authConfig,
    ...members,
  };
}

beforeAll(async () => {
  [gateway, lambda] = await Promise.all([startGateway({ registration: null }), startLambda()]);
  lambda.card(cardAt('https://what-the-function-thinks.example'));
  await register(gateway, { ...registration(), agentCardUrl: undefined });
  await permit(gateway, 'demo', { allowedAgents: ['*'], operations: ['send', 'stream', 'read', 'cancel'] });
});
afterAll(() => Promise.all([gateway.close(), lambda.close()]));
beforeEach(() => {
  lambda.refuse(undefined);
  lambda.invoked.splice(0);
});

/** The function's next invocation, its answer left to the test. */
function nextInvocation(): Promise<FunctionAnswer> {
  return new Promise((resolve) => lambda.script((_event, answer) => resolve(answer)));
}

describe('the stand-in for the Lambda API, to the client of the SDK', () => {
  const client = (keys = exampleKeys) =>
    new LambdaClient({ region: 'eu-west-1', endpoint: lambda.url, credentials: { ...keys }, maxAttempts: 1 });
  const event = { version: '2.0', rawPath: '/', headers: {}, isBase64Encoded: false };
  const command = () =>
    new InvokeWithResponseStreamCommand({
      FunctionName: functionArn,
      Qualifier: 'live',
      Payload: Buffer.from(JSON.stringify(event)),
    });

  it('streams payloads and says how the function ended', async () => {
    lambda.script((_event, answer) => {
      answer.write('one');
      answer.write('two');
      answer.fail('Unhandled', 'it broke');
    });
    const { EventStream = [], StatusCode } = await client().send(command());
    const said: unknown[] = [];
    for await (const { PayloadChunk, InvokeComplete } of EventStream)
      said.push(PayloadChunk ? Buffer.from(PayloadChunk.Payload ?? []).toString() : InvokeComplete);
    expect(StatusCode).toBe(200);
    expect(said).toEqual(['one', 'two', { ErrorCode: 'Unhandled', ErrorDetails: 'it broke' }]);
    expect(lambda.invoked).toEqual([{ qualifier: 'live', event }]);
  });

  it('refuses as Lambda does', async () => {
    lambda.refuse({ status: 429, type: 'TooManyRequestsException' });
    await expect(client().send(command())).rejects.toBeInstanceOf(TooManyRequestsException);
    lambda.refuse(undefined);
    const other = new InvokeWithResponseStreamCommand({ FunctionName: 'other' });
    await expect(client().send(other)).rejects.toBeInstanceOf(ResourceNotFoundException);
    const wrong = client({ ...exampleKeys, secretAccessKey: 'wrong' }).send(command());
    await expect(wrong).rejects.toHaveProperty('name', 'InvalidSignatureException');
  });
});

describe.each(bindings)('a function called in %s', (binding) => {
  const path = binding === 'JSON-RPC' ? '/rpc' : '/rest/message:send';

  it('gets the request as an HTTP event, and its answer is the agent’s', async () => {
    lambda.script(answerBuffered({ statusCode: 200, headers: json, body: success(binding, { ok: true }) }));
    const response = await call(gateway, binding, 'SendMessage');
    expect([response.status, await response.text()]).toEqual([200, success(binding, { ok: true })]);
    const [{ qualifier, event } = { qualifier: null, event: undefined }] = lambda.invoked;
    expect([qualifier, event?.version, event?.rawPath, event?.isBase64Encoded]).toEqual([
      'live',
      '2.0',
      path,
      false,
    ]);
    expect(event?.headers).toMatchObject({
      ...{ 'a2a-version': '1.0', ...json, host: new URL(lambda.url).host },
      tracestate: expect.stringMatching(/^a2a-gateway=/),
    });
    expect(event?.requestContext).toMatchObject({ http: { method: 'POST', path } });
    expect(JSON.parse(event?.body ?? '')).toMatchObject(
      binding === 'JSON-RPC' ? { params: { message } } : { message },
    );
    // Neither the caller's token nor the gateway's signature is the function's.
    expect(JSON.stringify(event)).not.toMatch(/bearer|AWS4-HMAC/i);
  });

  it.each<[string, (body: string) => FunctionScript]>([
    [
      'streams',
      (body) => answerStreamed({ statusCode: 200, headers: json }, body.slice(0, 5), body.slice(5)),
    ],
    ['streams without a status', (body) => answerStreamed({}, body)],
    [
      'answers base64',
      (body) => answerBuffered({ statusCode: 200, body: btoa(body), isBase64Encoded: true }),
    ],
    ['answers its body alone', (body) => answerBuffered(body)],
  ])('that %s is understood', async (_, script) => {
    lambda.script(script(success(binding, { text: 'é'.length })));
    const response = await call(gateway, binding, 'GetTask');
    expect([response.status, await response.text()]).toEqual([200, success(binding, { text: 1 })]);
  });

  it('streams event by event', async () => {
    const invoked = nextInvocation();
    const calling = call(gateway, binding, 'SendStreamingMessage');
    const answer = await invoked;
    answer.head({ statusCode: 200, headers: eventStream });
    const stream = readStream(await calling);
    for (const event of ['data: {"n":1}\n\n', 'data: {"n":2}\n\n']) {
      answer.write(event);
      expect(await stream.until('\n\n')).toBe(event);
    }
    answer.end();
    expect(await stream.rest()).toBe('');
  });

  it('that fails in the middle of a stream ends it with an error', async () => {
    const invoked = nextInvocation();
    const calling = call(gateway, binding, 'SendStreamingMessage');
    const answer = await invoked;
    answer.head({ statusCode: 200, headers: eventStream });
    answer.write('data: {"n":1}\n\n');
    answer.fail('Unhandled', 'Error: secret at /var/task/index.mjs');
    const text = await (await calling).text();
    const [first, error = ''] = text.split(/(?<=\n\n)/);
    expect(first).toBe('data: {"n":1}\n\n');
    expectErrorEvent(error, binding, 'UPSTREAM_UNAVAILABLE', { status: '502' });
    expect(JSON.stringify(gateway.logged)).not.toContain('secret at');
  });

  it('is let go when its caller leaves', async () => {
    const invoked = nextInvocation();
    const calling = call(gateway, binding, 'SendStreamingMessage');
    const answer = await invoked;
    const gone = new Promise((resolve) => answer.response.once('close', resolve));
    answer.head({ statusCode: 200, headers: eventStream });
    answer.write('data: {}\n\n');
    const stream = readStream(await calling);
    await stream.until('\n\n');
    await stream.leave();
    await gone;
  });

  it.each<[string, FunctionScript, string, Record<string, string>]>([
    ['fails', (_, answer) => answer.fail('Unhandled'), 'UPSTREAM_UNAVAILABLE', { status: '502' }],
    [
      'fails with a result',
      (_, answer) => {
        answer.write(JSON.stringify({ errorType: 'Error', errorMessage: 'secret' }));
        answer.fail('Unhandled');
      },
      'UPSTREAM_UNAVAILABLE',
      { status: '502' },
    ],
    [
      'meets an exception of Lambda',
      (_, answer) => {
        answer.message({ ':message-type': 'exception', ':exception-type': 'ServiceException' }, '{}');
        answer.response.end();
      },
      'UPSTREAM_UNAVAILABLE',
      { status: '502' },
    ],
    ['hangs up', (_, answer) => answer.response.end(payloadChunk('{"statusCode"')), 'UPSTREAM_RESET', {}],
    ['answers 401', answerBuffered({ statusCode: 401 }), 'UPSTREAM_UNAUTHORIZED', {}],
    ['redirects', answerStreamed({ statusCode: 302 }), 'UPSTREAM_REDIRECTED', {}],
    [
      'answers no status',
      answerBuffered({ statusCode: 'x' }),
      'INVALID_AGENT_RESPONSE',
      { problem: 'lambda_head' },
    ],
    [
      'answers no head',
      answerBuffered('{"a\0\0\0\0\0\0\0\0'),
      'INVALID_AGENT_RESPONSE',
      { problem: 'lambda_head' },
    ],
    ['answers text', answerBuffered('hello'), 'INVALID_AGENT_RESPONSE', { problem: 'syntax' }],
    [
      'answers no event stream',
      (_, answer) => answer.response.end('this is no event stream'),
      'INVALID_AGENT_RESPONSE',
      { maxEventBytes: String(8 * 1024 * 1024) },
    ],
  ])('that %s is a failure', async (_, script, reason, metadata) => {
    lambda.script(script);
    await expectRefusal(await call(gateway, binding, 'GetTask'), binding, reason, metadata);
  });

  it.each([
    [429, 'TooManyRequestsException', 'UPSTREAM_UNAVAILABLE', { status: '429', retryAfter: '3' }],
    [404, 'ResourceNotFoundException', 'UPSTREAM_UNAVAILABLE', { status: '404' }],
    [500, 'ServiceException', 'UPSTREAM_UNAVAILABLE', { status: '500' }],
    [502, 'EC2ThrottledException', 'UPSTREAM_UNAVAILABLE', { status: '502' }],
    [403, 'AccessDeniedException', 'UPSTREAM_UNAUTHORIZED', {}],
    [413, 'RequestTooLargeException', 'INVALID_AGENT_RESPONSE', { problem: 'status_413' }],
  ] as const)('that Lambda refuses with %d %s is a failure', async (status, type, reason, metadata) => {
    lambda.refuse({ status, type, ...('retryAfter' in metadata && { headers: { 'retry-after': '3' } }) });
    const response = await call(gateway, binding, 'GetTask');
    expect(await response.clone().text()).not.toContain('arn:');
    await expectRefusal(response, binding, reason, metadata);
  });
});

describe('a function as a backend', () => {
  it('is registered by its ARN alone, its card read by the same way', async () => {
    const shown = await (await gateway.admin('GET', '/admin/agents/agent')).json();
    expect(shown).toMatchObject({
      status: 'active',
      authConfig: { type: 'aws_sigv4', region: 'eu-west-1', service: 'lambda', secrets: ['secretAccessKey'] },
      agentCardUrl: `${lambda.url}/.well-known/agent-card.json`,
    });
    expect(JSON.stringify(shown)).not.toContain(exampleKeys.secretAccessKey);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['another credential', { authConfig: { type: 'none' } }, 'authConfig.type'],
    ['an address beside it', { backendUrl: 'https://example.com' }, 'backendUrl'],
    [
      'an endpoint the gateway may not call',
      { backend: { type: 'lambda', functionArn, endpointUrl: 'http://169.254.169.254' } },
      'refused',
    ],
    ['no ARN', { backend: { type: 'lambda', functionArn: 'my-agent' } }, 'backend.functionArn'],
    [
      'an ARN of something else',
      { backend: { type: 'lambda', functionArn: functionArn.replace(':lambda:', ':sqs:') } },
      'backend.functionArn',
    ],
    [
      'keys without their secret',
      { authConfig: { type: 'aws_sigv4', accessKeyId: exampleKeys.accessKeyId } },
      'authConfig',
    ],
    ['a secret without its key', { authConfig: { type: 'aws_sigv4', secretAccessKey: 'x' } }, 'authConfig'],
    [
      'two identities',
      { authConfig: { ...authConfig, roleArn: 'arn:aws:iam::123456789012:role/r' } },
      'authConfig.roleArn',
    ],
    [
      'an external id without a role',
      { authConfig: { type: 'aws_sigv4', externalId: 'xx' } },
      'authConfig.externalId',
    ],
    [
      'nothing to sign for',
      { backend: undefined, agentCardUrl: 'http://127.0.0.1:1/card' },
      'authConfig.region',
    ],
  ])('is refused with %s', async (_, members, parameter) => {
    const body = { ...registration(members), agentId: 'refused' };
    const response = await gateway.admin('POST', '/admin/agents', body);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain(parameter);
  });

  it('whose signature is refused is not registered', async () => {
    const body = {
      ...registration({ authConfig: { ...authConfig, secretAccessKey: 'wrong' } }),
      agentId: 'wrong',
    };
    const response = await gateway.admin('POST', '/admin/agents', body);
    expect(await response.json()).toMatchObject({
      error: { details: [{ metadata: { problem: 'unauthorized' } }] },
    });
  });
});
