import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { lambdaUrl } from '../src/backends/targets/lambda-url.ts';
import {
  admitted,
  answerAwsError,
  closeServer,
  exampleKeys,
  keysOf,
  listen,
  wireRequest,
} from './support/aws-service.ts';
import { bindings, call, expectRefusal, success } from './support/bindings.ts';
import { permit, register, startGateway, type TestGateway } from './support/gateway.ts';
import { answerJson, cardAt, type Script } from './support/scripted-agent.ts';
import { readStream } from './support/stream-reader.ts';

/** An agent behind a function URL with AWS_IAM, which asks for a signature before anything else. */

let gateway: TestGateway;
let server: Server;
let functionUrl: string;
let script: Script;

beforeAll(async () => {
  gateway = await startGateway({ registration: null });
  server = createServer(async (incoming, response) => {
    const request = await wireRequest(incoming);
    const signed = { keys: keysOf(exampleKeys), region: 'eu-west-1', service: 'lambda', nowMs: Date.now() };
    if (!admitted(request, response, signed)) return;
    if (request.target === '/.well-known/agent-card.json') {
      response.end(JSON.stringify(cardAt(functionUrl)));
      return;
    }
    const { method, target, body } = request;
    script(
      { method, target, headers: incoming.headers, body: Buffer.from(body).toString() },
      response,
      incoming,
    );
  });
  functionUrl = await listen(server);
  await register(gateway, registration());
  await permit(gateway, 'demo', { allowedAgents: ['*'], operations: ['send', 'stream', 'read'] });
});
afterAll(() => Promise.all([gateway.close(), closeServer(server)]));
beforeEach(() => {
  script = answerJson({});
});

function registration(members: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    agentCardUrl: undefined,
    backend: { type: 'lambda_url', functionUrl },
    // On loopback the host says nothing of them.
    authConfig: { type: 'aws_sigv4', region: 'eu-west-1', service: 'lambda', ...exampleKeys },
    ...members,
  };
}

describe.each(bindings)('a function URL called in %s', (binding) => {
  it('is called with a signature it accepts', async () => {
    script = answerJson(success(binding, { ok: true }));
    const response = await call(gateway, binding, 'SendMessage', {
      headers: { 'content-type': 'application/json', 'accept-language': 'de,  en' },
    });
    expect([response.status, await response.text()]).toEqual([200, success(binding, { ok: true })]);
  });

  it('streams event by event', async () => {
    const opened = new Promise<Parameters<Script>[1]>((resolve) => {
      script = (_, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
        resolve(response);
      };
    });
    const calling = call(gateway, binding, 'SendStreamingMessage');
    const answer = await opened;
    const stream = readStream(await calling);
    answer.write('data: {"n":1}\n\n');
    expect(await stream.until('\n\n')).toBe('data: {"n":1}\n\n');
    answer.end();
    expect(await stream.rest()).toBe('');
  });

  it.each([
    [403, 'AccessDeniedException', 'UPSTREAM_UNAUTHORIZED', {}],
    [429, 'TooManyRequestsException', 'UPSTREAM_UNAVAILABLE', { status: '429' }],
    [502, 'InternalServerErrorException', 'UPSTREAM_UNAVAILABLE', { status: '502' }],
  ] as const)('that Lambda answers for with %d %s is a failure', async (status, type, reason, metadata) => {
    script = (_, response) => answerAwsError(response, status, type);
    await expectRefusal(await call(gateway, binding, 'GetTask'), binding, reason, metadata);
  });
});

describe('a function URL', () => {
  it.each([
    ['https://abc012.lambda-url.eu-central-1.on.aws/', { region: 'eu-central-1', service: 'lambda' }],
    ['https://abc012.lambda-url.eu-central-1.on.aws.evil.example/', undefined],
    ['https://abc012.lambda-url.evil.on.aws/', undefined],
    ['https://agent.example.com/', undefined],
  ])('says what is signed for: %s', (functionUrl, signing) => {
    expect(lambdaUrl.signing?.({ functionUrl })).toEqual(signing);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['a card elsewhere', { agentCardUrl: 'https://example.com/card' }, 'agentCardUrl'],
    ['an address beside it', { backendUrl: 'https://example.com' }, 'backendUrl'],
    ['nothing to sign for', { authConfig: { type: 'aws_sigv4', ...exampleKeys } }, 'authConfig.region'],
  ])('is refused with %s', async (_, members, parameter) => {
    const response = await gateway.admin('POST', '/admin/agents', {
      agentId: 'refused',
      ...registration(members),
    });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain(parameter);
  });

  it('may have its card at another path', async () => {
    const body = { agentId: 'other', ...registration({ agentCardUrl: `${functionUrl}/card` }) };
    script = answerJson(cardAt(functionUrl));
    expect((await gateway.admin('POST', '/admin/agents', body)).status).toBe(201);
  });
});
