import {
  BedrockAgentCoreClient,
  GetAgentCardCommand,
  InvokeAgentRuntimeCommand,
  ThrottlingException,
} from '@aws-sdk/client-bedrock-agentcore';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createBackends } from '../src/backends/backends.ts';
import { createAwsSigner } from '../src/runtimes/aws-signer.ts';
import { systemClock } from '../src/runtimes/clock.ts';
import {
  type AgentCoreApi,
  answerError,
  answerRpcError,
  invocationPath,
  runtimeArn,
  type ServerScript,
  startAgentCore,
} from './support/agentcore.ts';
import { exampleKeys } from './support/aws-service.ts';
import { call, expectErrorEvent, expectRefusal, success } from './support/bindings.ts';
import { permit, register, startGateway, type TestGateway } from './support/gateway.ts';
import { answerJson, cardAt, type ScriptedAgent, startScriptedAgent } from './support/scripted-agent.ts';
import { readStream } from './support/stream-reader.ts';
import { upstream } from './support/upstream-servers.ts';

/** An agent in AgentCore Runtime: JSON-RPC at one derived URL, in sessions of the platform. */

const binding = 'JSON-RPC';
let gateway: TestGateway;
let agentCore: AgentCoreApi;
let tokens: ScriptedAgent;

const backend = () => ({
  type: 'agentcore',
  agentRuntimeArn: runtimeArn,
  qualifier: 'prod',
  endpointUrl: agentCore.url,
});
const signed = { type: 'aws_sigv4', ...exampleKeys };
const bySigning = (members: Record<string, unknown> = {}) => ({
  agentCardUrl: undefined,
  backend: backend(),
  authConfig: signed,
  ...members,
});
const answers = (body: unknown, status = 200): ServerScript => {
  return (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
};

beforeAll(async () => {
  [gateway, agentCore, tokens] = await Promise.all([
    startGateway({ registration: null }),
    startAgentCore(),
    startScriptedAgent(),
  ]);
  await register(gateway, bySigning());
  await permit(gateway, 'demo', { allowedAgents: ['*'], operations: ['send', 'stream', 'read', 'cancel'] });
});
afterAll(() => Promise.all([gateway.close(), agentCore.close(), tokens.close()]));
beforeEach(() => {
  agentCore.bearer(undefined);
  agentCore.script(answers(success(binding, { ok: true })));
  agentCore.invoked.splice(0);
});

describe('the stand-in for AgentCore, to the client of the SDK', () => {
  const session = 's'.repeat(33);
  const client = () =>
    new BedrockAgentCoreClient({
      region: 'us-west-2',
      endpoint: agentCore.url,
      credentials: { ...exampleKeys },
      maxAttempts: 1,
    });
  const invoke = (members = {}) =>
    client().send(
      new InvokeAgentRuntimeCommand({
        agentRuntimeArn: runtimeArn,
        qualifier: 'prod',
        runtimeSessionId: session,
        contentType: 'application/json',
        payload: Buffer.from('{"jsonrpc":"2.0"}'),
        ...members,
      }),
    );

  it('passes calls on to the server in the runtime', async () => {
    const { response, runtimeSessionId, statusCode } = await invoke();
    expect([await response?.transformToString(), runtimeSessionId, statusCode]).toEqual([
      success(binding, { ok: true }),
      session,
      200,
    ]);
    expect(agentCore.invoked).toEqual([
      { target: `${invocationPath}?qualifier=prod`, session, body: '{"jsonrpc":"2.0"}' },
    ]);
  });

  it('shows the card', async () => {
    const command = new GetAgentCardCommand({ agentRuntimeArn: runtimeArn, qualifier: 'prod' });
    expect((await client().send(command)).agentCard).toMatchObject({ name: 'Scripted' });
  });

  it('refuses as AgentCore does', async () => {
    agentCore.script(answerError(429, 'ThrottlingException'));
    await expect(invoke()).rejects.toBeInstanceOf(ThrottlingException);
    await expect(invoke({ qualifier: 'other' })).rejects.toHaveProperty('name', 'ResourceNotFoundException');
    await expect(invoke({ runtimeSessionId: 'short' })).rejects.toHaveProperty('name', 'ValidationException');
  });
});

describe('an agent in AgentCore', () => {
  it('is registered by its ARN: card and calls are where the ARN says', async () => {
    const shown = (await (await gateway.admin('GET', '/admin/agents/agent')).json()) as Record<
      string,
      unknown
    >;
    expect(shown).toMatchObject({
      status: 'active',
      agentCardUrl: `${agentCore.url}${invocationPath}/.well-known/agent-card.json?qualifier=prod`,
      authConfig: { region: 'us-west-2', service: 'bedrock-agentcore' },
    });
    // JSON-RPC is all AgentCore passes on.
    expect(shown.cardWarnings).toEqual([expect.stringContaining('/supportedInterfaces')]);
  });

  it('answers through the gateway', async () => {
    const response = await call(gateway, binding, 'SendMessage');
    expect([response.status, await response.text()]).toEqual([200, success(binding, { ok: true })]);
    expect(agentCore.invoked[0]?.target).toBe(`${invocationPath}?qualifier=prod`);
  });

  it('streams event by event', async () => {
    const opened = new Promise<Parameters<ServerScript>[1]>((resolve) =>
      agentCore.script((_, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
        resolve(response);
      }),
    );
    const calling = call(gateway, binding, 'SendStreamingMessage');
    const answer = await opened;
    const stream = readStream(await calling);
    for (const event of ['data: {"n":1}\n\n', 'data: {"n":2}\n\n']) {
      answer.write(event);
      expect(await stream.until('\n\n')).toBe(event);
    }
    answer.destroy();
    expectErrorEvent(await stream.rest(), binding, 'UPSTREAM_RESET');
  });

  it.each<[string, ServerScript]>([
    ['an error of A2A', answers({ jsonrpc: '2.0', id: 1, error: { code: -32001, message: 'no task' } })],
    [
      'one with an HTTP error',
      answers({ jsonrpc: '2.0', id: 1, error: { code: -32602, message: 'x' } }, 400),
    ],
  ])('tells its own errors: %s', async (_, script) => {
    agentCore.script(script);
    const { error } = (await (await call(gateway, binding, 'GetTask')).json()) as { error: { code: number } };
    expect(error.code).toBeOneOf([-32001, -32602]);
  });

  it.each<[string, ServerScript, string, Record<string, string>]>([
    ['403', answerError(403, 'AccessDeniedException'), 'UPSTREAM_UNAUTHORIZED', {}],
    ['404', answerError(404, 'ResourceNotFoundException'), 'UPSTREAM_UNAVAILABLE', { status: '404' }],
    ['409', answerError(409, 'RetryableConflictException'), 'UPSTREAM_UNAVAILABLE', { status: '409' }],
    ['424', answerError(424, 'RuntimeClientError'), 'UPSTREAM_UNAVAILABLE', { status: '424' }],
    [
      '429',
      answerError(429, 'ThrottlingException', { 'retry-after': '7' }),
      'UPSTREAM_UNAVAILABLE',
      { status: '429', retryAfter: '7' },
    ],
    ['500', answerError(500, 'InternalServerException'), 'UPSTREAM_UNAVAILABLE', { status: '500' }],
    ['400', answerError(400, 'ValidationException'), 'INVALID_AGENT_RESPONSE', { problem: 'status_400' }],
    ['424 in JSON-RPC', answerRpcError(424, -32505), 'UPSTREAM_UNAVAILABLE', { status: '424' }],
    ['429 in JSON-RPC', answerRpcError(429, -32503), 'UPSTREAM_UNAVAILABLE', { status: '429' }],
    ['504 of no JSON', answers('<html>', 504), 'UPSTREAM_UNAVAILABLE', { status: '504' }],
  ])('is behind errors of AgentCore that are not its own: %s', async (_, script, reason, metadata) => {
    agentCore.script(script);
    const response = await call(gateway, binding, 'GetTask');
    expect(await response.clone().text()).not.toContain('arn:');
    await expectRefusal(response, binding, reason, metadata);
  });

  it('is reached with a bearer token where it is set up for one', async () => {
    agentCore.bearer('a-token');
    tokens.script(answerJson({ access_token: 'a-token', token_type: 'Bearer', expires_in: 3_600 }));
    const authConfig = {
      type: 'oauth2_client_credentials',
      tokenUrl: `${tokens.url}/token`,
      clientId: 'gateway',
      clientSecret: 'secret',
    };
    await register(gateway, bySigning({ agentId: 'by-token', authConfig }));
    expect((await call(gateway, binding, 'SendMessage', { agentId: 'by-token' })).status).toBe(200);
    agentCore.bearer('another');
    const refused = await call(gateway, binding, 'SendMessage', { agentId: 'by-token' });
    expect(refused.headers.get('www-authenticate')).toBeNull();
    await expectRefusal(refused, binding, 'UPSTREAM_UNAUTHORIZED');
  });

  it('that speaks 0.3 alone is served where the ARN says', async () => {
    const { supportedInterfaces: _, ...card } = cardAt('http://0.0.0.0:9000');
    agentCore.card({
      ...card,
      protocolVersion: '0.3.0',
      url: 'http://0.0.0.0:9000/',
      preferredTransport: 'JSONRPC',
    });
    await register(gateway, bySigning({ agentId: 'older' }));
    agentCore.card(cardAt('http://0.0.0.0:9000'));
    const shown = await (await gateway.admin('GET', '/admin/agents/older')).json();
    expect(shown).toMatchObject({ status: 'active', cardWarnings: [] });
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['no credential', { authConfig: { type: 'none' } }, 'authConfig.type'],
    ['an address beside it', { backendUrl: 'https://example.com' }, 'backendUrl'],
    [
      'an ARN of something else',
      { backend: { type: 'agentcore', agentRuntimeArn: runtimeArn.replace('runtime/', 'gateway/') } },
      'backend.agentRuntimeArn',
    ],
    [
      'a qualifier that changes the query',
      { backend: { type: 'agentcore', agentRuntimeArn: runtimeArn, qualifier: 'a&b=c' } },
      'backend.qualifier',
    ],
  ])('is refused with %s', async (_, members, parameter) => {
    const body = { agentId: 'refused', ...bySigning(members) };
    const response = await gateway.admin('POST', '/admin/agents', body);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain(parameter);
  });
});

describe('a session of AgentCore', () => {
  const send = (session: string | undefined) => {
    const { send } = createBackends({
      upstream: upstream(),
      clock: systemClock,
      newId: () => 'id',
      secrets: {
        put: async () => {},
        create: async () => false,
        get: async () => undefined,
        delete: async () => {},
        list: async () => [],
      },
      aws: createAwsSigner({ clock: systemClock }),
      currentAuth: async () => undefined,
    });
    return send({
      to: {
        agentId: 'agent',
        backend: backend(),
        authConfig: {
          ...signed,
          secretAccessKey: undefined,
          region: 'us-west-2',
          service: 'bedrock-agentcore',
        },
      },
      request: {
        method: 'POST',
        url: new URL(`${invocationPath}?qualifier=prod`, agentCore.url),
        headers: { 'content-type': 'application/json' },
        body: '{}',
        headersTimeoutMs: 10_000,
        idleTimeoutMs: 10_000,
      },
      facts: { agentId: 'agent', requestId: 'request' },
      session,
      secrets: { secretAccessKey: exampleKeys.secretAccessKey },
    });
  };

  it('is the one the gateway chose, every time it is asked for, under the signature', async () => {
    const sessions = ['a'.repeat(33), 'b'.repeat(256), 'a'.repeat(33)];
    for (const session of sessions) {
      const response = await send(session);
      response.close();
      expect(response.status).toBe(200);
    }
    expect(agentCore.invoked.map(({ session }) => session)).toEqual(sessions);
  });

  it.each(['a'.repeat(32), 'b'.repeat(257), `${'a'.repeat(33)}\r\nx: y`, `${'a'.repeat(33)} `])(
    'is never %j',
    async (session) => {
      await expect(send(session)).rejects.toBeInstanceOf(TypeError);
      expect(agentCore.invoked).toEqual([]);
    },
  );
});
