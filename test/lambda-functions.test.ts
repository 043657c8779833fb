import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { StreamingHandler } from '../src/runtimes/lambda/awslambda.ts';
import { contextWith, invoke, proxyEvent } from './support/lambda-events.ts';

/** The functions as Lambda loads them: settings by the environment, everything made at import. Nothing here calls AWS. */

const environment = {
  A2A_GATEWAY_PUBLIC_URL: 'https://agents.test/prod',
  A2A_GATEWAY_ISSUERS: '[{"issuer":"https://issuer.test","audiences":["a"]}]',
  A2A_GATEWAY_STORE: 'dynamodb',
  A2A_GATEWAY_DYNAMODB_TABLE_NAME: 'registry',
  A2A_GATEWAY_LOG_METRICS_NAMESPACE: 'Gateway',
  AWS_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: 'none',
  AWS_SECRET_ACCESS_KEY: 'none',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
};

let printed: Record<string, unknown>[];

beforeEach(() => {
  printed = [];
  vi.resetModules();
  vi.stubGlobal('awslambda', { streamifyResponse: (handler: StreamingHandler) => handler });
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  vi.spyOn(process.stdout, 'write').mockImplementation((line) => {
    printed.push(JSON.parse(String(line)));
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

const health = proxyEvent('/health');
const call = proxyEvent('/agents/agent/tasks/1');
const refusal = (reason: string) => ({ error: { details: [{ reason }] } });

describe('a function', () => {
  it('that streams answers, and counts it', async () => {
    const { handler } = await import('../src/runtimes/lambda/functions/data-plane.ts');
    // Above, marking it as one that streams leaves it as it is.
    const response = await invoke(handler as StreamingHandler, call).response;
    expect(await response.json()).toMatchObject(refusal('TOKEN_MISSING'));
    expect(printed).toMatchObject([{ msg: 'request', Requests: 1, Environment: 'default' }]);
  });

  it('that does not stream answers', async () => {
    const { handler } = await import('../src/runtimes/lambda/functions/management.ts');
    expect(await handler(health, contextWith())).toMatchObject({ statusCode: 200 });
  });

  it('serves its own routes and nothing else', async () => {
    const dataPlane = await import('../src/runtimes/lambda/functions/data-plane.ts');
    const { response } = invoke(dataPlane.handler as StreamingHandler, health);
    expect(await (await response).json()).toMatchObject(refusal('ROUTE_NOT_FOUND'));
    const management = await import('../src/runtimes/lambda/functions/management.ts');
    const { body } = await management.handler(call, contextWith());
    expect(JSON.parse(body)).toMatchObject(refusal('ROUTE_NOT_FOUND'));
  });

  it.each([
    ['data plane', () => import('../src/runtimes/lambda/functions/data-plane.ts')],
    ['management', () => import('../src/runtimes/lambda/functions/management.ts')],
  ])('of %s probes no agent, whatever the settings say', async (_, load) => {
    vi.stubEnv('A2A_GATEWAY_HEALTH_PROBE_INTERVAL_MS', '1000');
    const ids = vi.spyOn((await import('../src/store/dynamodb/agents.ts')).DynamoAgents.prototype, 'ids');
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    await load();
    await vi.advanceTimersByTimeAsync(10_000);
    vi.useRealTimers();
    expect(ids).not.toHaveBeenCalled();
  });

  it.each([
    ['c6af9ac6-7b61-11e6-9a41-93e8deadbeef', true],
    ['two\nlines', false],
    ['x'.repeat(65), false],
    [7, false],
  ])("calls a request by API Gateway's name where it is one: %j", async (requestId, isTaken) => {
    const { handler } = await import('../src/runtimes/lambda/functions/management.ts');
    const event = { ...health, requestContext: { ...health.requestContext, requestId } };
    const { multiValueHeaders } = await handler(event, contextWith());
    const [named] = multiValueHeaders['x-request-id'] ?? [];
    expect(named === requestId).toBe(isTaken);
    expect(printed).toMatchObject([{ requestId: named }]);
  });

  it.each([
    ['maintenance', () => import('../src/runtimes/lambda/functions/maintenance.ts')],
    ['seed', () => import('../src/runtimes/lambda/functions/seed.ts')],
  ])('of %s is made of the same settings', async (_, load) => {
    expect((await load()).handler).toBeInstanceOf(Function);
    expect(printed).toEqual([]);
  });

  it.each([
    ['A2A_GATEWAY_PUBLIC_URL', 'nowhere', 'setting publicUrl: Invalid URL'],
    ['A2A_GATEWAY_STORE', 'sqlite', 'setting store: must be dynamodb here: a function keeps no files'],
    ['A2A_GATEWAY_SURPRISE', '1', 'unknown setting: A2A_GATEWAY_SURPRISE'],
    ['A2A_GATEWAY_UPSTREAM_CA_FILE', '/nowhere', expect.stringContaining('upstream.caFile')],
  ])('does not start with %s=%s, and says so in one line', async (name, value, problem) => {
    vi.stubEnv(name, value);
    await expect(import('../src/runtimes/lambda/functions/management.ts')).rejects.toThrow();
    expect(printed).toMatchObject([{ level: 'error', msg: 'not started', problems: [problem] }]);
  });

  it('does not start where gRPC is to be served, which cannot reach it', async () => {
    vi.stubEnv('A2A_GATEWAY_GRPC_ENABLED', 'true');
    vi.stubEnv('A2A_GATEWAY_GRPC_PUBLIC_AUTHORITY', 'grpc.example:443');
    await expect(import('../src/runtimes/lambda/functions/management.ts')).rejects.toThrow();
    const problem = 'setting grpc.enabled: must be false here: gRPC cannot pass API Gateway';
    expect(printed).toMatchObject([{ level: 'error', msg: 'not started', problems: [problem] }]);
  });

  it.each([
    ['management', () => import('../src/runtimes/lambda/functions/management.ts')],
    ['authorizer', () => import('../src/runtimes/lambda/functions/authorizer.ts')],
  ])('of %s does not start with a principal for requests without a token', async (_, load) => {
    vi.stubEnv('A2A_GATEWAY_TESTING_ANONYMOUS_SCOPES', 'kit');
    // As a gateway on a laptop may have them: of settings, these are what would let it start.
    vi.stubEnv('A2A_GATEWAY_PUBLIC_URL', 'http://127.0.0.1:8080');
    await expect(load()).rejects.toThrow();
    const problems = [expect.stringMatching(/^setting testing\.anonymous\.scopes: .*Lambda/)];
    expect(printed).toMatchObject([{ level: 'error', msg: 'not started', problems }]);
  });
});
