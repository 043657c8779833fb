import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CallerLimits } from '../src/access/permission.ts';
import { bindings, call, expectRefusal, message, success } from './support/bindings.ts';
import { permit, register, startGateway, type TestGateway, withHeaders } from './support/gateway.ts';
import { grpcCaller, grpcSettings, rpcResult } from './support/grpc.ts';
import { dialects, idsIn, sent } from './support/resuming.ts';
import { answerEvents, answerJson, nextCall } from './support/scripted-agent.ts';
import { readStream } from './support/stream-reader.ts';

/** How much a caller may do, as callers meet it: in each binding, over the whole life of a call. */

type Caller = Pick<TestGateway, 'fetch' | 'agent'>;

const page = 'https://console.example.com';
let gateway: TestGateway;
let callers = 0;

beforeAll(async () => {
  gateway = await startGateway({
    settings: {
      grpc: grpcSettings,
      cors: { allowOrigins: [page] },
      callerLimits: { discoveryPerMinute: 4 },
      streams: { replay: { maxStreamBytes: 65_536 }, resumeWindowMs: 60_000, keepAliveMs: 60_000 },
    },
  });
  await register(gateway, { agentId: 'other' });
});
afterAll(() => gateway.close());
beforeEach(() => void gateway.agent.seen.splice(0));

/** A caller nobody was before, of a scope with these limits. */
async function limited(limits: CallerLimits & Record<string, unknown>): Promise<Caller & { token: string }> {
  const name = `caller-${callers++}`;
  const grants = { allowedAgents: ['agent', 'other'], operations: ['send', 'stream', 'read'] };
  await permit(gateway, name, { ...grants, ...limits });
  const token = await gateway.issuer.token({ sub: name, client_id: name, scope: name });
  const { fetch } = withHeaders(gateway, { authorization: `Bearer ${token}` });
  return { fetch, agent: gateway.agent, token };
}

const task = { task: { id: 't-1', contextId: 'c-1', status: { state: 'TASK_STATE_WORKING' } } };

describe.each(bindings)('the limits of a caller in %s', (binding) => {
  const send = (caller: Caller, agentId = 'agent') => call(caller, binding, 'SendMessage', { agentId });
  beforeEach(() => gateway.agent.script(answerJson(success(binding, task))));

  async function expectExceeded(answer: Response, limit: string, allowed: number): Promise<void> {
    const retryAfterSeconds = answer.headers.get('retry-after') ?? '';
    expect(Number(retryAfterSeconds)).toBeGreaterThanOrEqual(1);
    await expectTold(answer, { limit, allowed: `${allowed}`, retryAfterSeconds });
  }

  /** Streams are counted when the body has been read, all else before: then JSON-RPC has no id to answer under. */
  async function expectTold(answer: Response, metadata: Record<string, string>): Promise<void> {
    if (binding === 'HTTP+JSON' || metadata.limit === 'maxOpenStreams')
      return expectRefusal(answer, binding, 'LIMIT_EXCEEDED', metadata);
    expect(answer.status).toBe(429);
    const told = { reason: 'LIMIT_EXCEEDED', domain: 'a2a-gateway', metadata };
    expect(await answer.json()).toMatchObject({
      jsonrpc: '2.0',
      id: null,
      error: { code: -32096, data: [told] },
    });
  }

  it('let so many requests of a minute through, and refuse the next before the agent sees it', async () => {
    const caller = await limited({ requestsPerMinute: 2 });
    for (let n = 0; n < 2; n++) expect((await send(caller)).status).toBe(200);
    const refused = await send(caller);
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    await expectExceeded(refused, 'requestsPerMinute', 2);
    expect(gateway.agent.seen).toHaveLength(2);
  });

  it('are of each agent by itself', async () => {
    const caller = await limited({ requestsPerMinute: 5, agentLimits: { agent: 1 } });
    await send(caller);
    await expectExceeded(await send(caller), 'requestsPerMinute', 1);
    expect((await send(caller, 'other')).status).toBe(200);
  });

  it('let so many of a day through', async () => {
    const caller = await limited({ requestsPerDay: 1 });
    await send(caller);
    await expectExceeded(await send(caller), 'requestsPerDay', 1);
  });

  it('let so many come at once, and the others evenly', async () => {
    const caller = await limited({ requestsPerMinute: 6, burst: 1 });
    await send(caller);
    const refused = await send(caller);
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(10);
    await expectExceeded(refused, 'requestsPerMinute', 6);
  });

  it.each(['requestsPerMinute', 'requestsPerDay'])('let nothing through where %s is 0', async (limit) => {
    const caller = await limited({ [limit]: 0 });
    for (let n = 0; n < 2; n++) {
      const refused = await send(caller);
      expect(refused.headers.get('retry-after')).toBeNull();
      await expectTold(refused, { limit, allowed: '0' });
    }
    expect(gateway.agent.seen).toEqual([]);
  });

  it('count nothing that is refused, by them or by a permission', async () => {
    const caller = await limited({ requestsPerMinute: 2, requestsPerDay: 3 });
    for (let n = 0; n < 5; n++) await call(caller, binding, 'SendMessage', { agentId: 'nobody' });
    expect((await send(caller)).headers.get('ratelimit')).toMatch(/^"minute";r=1;t=\d+, "day";r=2;t=\d+$/);
    await send(caller);
    for (let n = 0; n < 5; n++) await expectExceeded(await send(caller), 'requestsPerMinute', 2);
    const refused = await send(caller);
    expect(refused.headers.get('ratelimit')).toMatch(/^"minute";r=0;t=\d+, "day";r=1;t=\d+$/);
  });

  it('are told with every answer, and not by the agent', async () => {
    const caller = await limited({ requestsPerMinute: 9, requestsPerDay: 50 });
    const foreign = {
      ratelimit: '"theirs";r=0;t=9',
      'ratelimit-policy': '"theirs";q=1',
      'x-ratelimit-limit': '1',
    };
    gateway.agent.script((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', ...foreign });
      response.end(success(binding, task));
    });
    const { headers } = await send(caller);
    expect(headers.get('ratelimit-policy')).toBe('"minute";q=9;w=60, "day";q=50;w=86400');
    expect(headers.get('ratelimit')).toMatch(/^"minute";r=8;t=(60|59), "day";r=49;t=\d+$/);
    expect(headers.get('x-ratelimit-limit')).toBeNull();
    const unlimited = await send(await limited({}));
    expect([unlimited.headers.get('ratelimit'), unlimited.headers.get('ratelimit-policy')]).toEqual([
      null,
      null,
    ]);
  });

  it('are told to a page of a browser', async () => {
    const caller = await limited({ requestsPerMinute: 9 });
    const answer = await call(withHeaders(caller, { origin: page }), binding, 'GetTask');
    const exposed = answer.headers.get('access-control-expose-headers')?.split(', ');
    expect(exposed).toEqual(expect.arrayContaining(['RateLimit', 'RateLimit-Policy', 'Retry-After']));
    expect(answer.headers.get('ratelimit')).toMatch(/^"minute";r=8;/);
  });

  it('are the most generous of the permissions that grant the agent, and of those alone', async () => {
    await limited({ requestsPerMinute: 1 });
    const [small] = [`caller-${callers - 1}`];
    await limited({ requestsPerMinute: 2, agentLimits: { other: 1 } });
    const [large] = [`caller-${callers - 1}`];
    await permit(gateway, `elsewhere-${large}`, { allowedAgents: ['x'], requestsPerMinute: 100 });
    const scope = `${small} ${large} elsewhere-${large}`;
    const token = await gateway.issuer.token({ sub: large, client_id: large, scope });
    const caller = { ...withHeaders(gateway, { authorization: `Bearer ${token}` }), agent: gateway.agent };
    for (let n = 0; n < 2; n++) expect((await send(caller)).status).toBe(200);
    await expectExceeded(await send(caller), 'requestsPerMinute', 2);
    await send(caller, 'other');
    await expectExceeded(await send(caller, 'other'), 'requestsPerMinute', 1);
  });

  it('bound the body', async () => {
    const caller = await limited({ maxBodyBytes: 500 });
    expect((await send(caller)).status).toBe(200);
    const params = { message: { ...message, parts: [{ text: 'x'.repeat(500) }] } };
    const refused = await call(caller, binding, 'SendMessage', { params });
    expect(refused.status).toBe(413);
    expect(await refused.text()).toContain('"maxBodyBytes":"500"');
    expect((await call(await limited({ maxBodyBytes: 0 }), binding, 'SendMessage')).status).toBe(413);
  });

  describe('on open streams', () => {
    const open = (caller: Caller) => call(caller, binding, 'SendStreamingMessage');

    /** Opened, with the agent's side of it. */
    async function opened(caller: Caller) {
      const held = nextCall(gateway.agent);
      const answer = open(caller);
      const { response, closed } = await held;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`data: ${success(binding, task)}\n\n`);
      const stream = readStream(await answer);
      await stream.until('\n\n');
      return { response, closed, stream };
    }

    async function untilFree(caller: Caller): Promise<Response> {
      gateway.agent.script(answerEvents(`data: ${success(binding, task)}\n\n`));
      for (;;) {
        const answer = await open(caller);
        if (answer.status === 200) return answer;
        await answer.text();
      }
    }

    it('refuse one more before the agent is asked, and take it when one has ended', async () => {
      const caller = await limited({ maxOpenStreams: 1 });
      const { response, stream } = await opened(caller);
      gateway.agent.seen.splice(0);
      await expectExceeded(await open(caller), 'maxOpenStreams', 1);
      await expectExceeded(await call(caller, binding, 'SubscribeToTask'), 'maxOpenStreams', 1);
      expect(gateway.agent.seen).toEqual([]);
      gateway.agent.script(answerJson(success(binding, task)));
      expect((await send(caller)).status).toBe(200);
      response.end();
      await stream.rest();
      const again = await untilFree(caller);
      expect(await again.text()).toContain('data:');
    });

    it('are given back by a caller who leaves', async () => {
      const caller = await limited({ maxOpenStreams: 1 });
      const { stream } = await opened(caller);
      await stream.leave();
      await (await untilFree(caller)).text();
    });

    it('are given back by an agent that breaks off', async () => {
      const caller = await limited({ maxOpenStreams: 1 });
      const { response, stream } = await opened(caller);
      response.destroy();
      expect(await stream.rest()).toContain('event: error');
      await (await untilFree(caller)).text();
    });

    it('are given back at once where the agent answers with no stream, fails or cannot be asked', async () => {
      const caller = await limited({ maxOpenStreams: 1 });
      for (let n = 0; n < 2; n++) {
        gateway.agent.script(answerJson(success(binding, task)));
        expect((await open(caller)).status).toBe(200);
        gateway.agent.script(answerJson({ code: 1 }, 500));
        expect((await open(caller)).status).not.toBe(429);
        gateway.agent.script((_, response) => void response.destroy());
        expect((await open(caller)).status).not.toBe(429);
      }
    });

    it('let none through where there may be none', async () => {
      const caller = await limited({ maxOpenStreams: 0 });
      await expectRefusal(await open(caller), binding, 'LIMIT_EXCEEDED', {
        limit: 'maxOpenStreams',
        allowed: '0',
      });
    });
  });
});

describe.each(dialects.slice(0, 2))('a stream that is gone on with in $name', (dialect) => {
  it('takes the place of the one it was, also where that seems to be there', async () => {
    const caller = await limited({ maxOpenStreams: 1 });
    const { held, stream } = await sent(caller, dialect);
    held.response.write(dialect.event(1));
    const [id = ''] = idsIn(await stream.until('\n\n'));
    const [path, init] = dialect.subscribe('t-1', 1);
    const headers = { ...Object.fromEntries(new Headers(init.headers)), 'last-event-id': id };
    const again = await caller.fetch(`/agents/agent${path}`, { ...init, headers });
    expect(again.status).toBe(200);
    held.response.write(dialect.event(2));
    const resumed = readStream(again);
    expect(await resumed.until('\n\n')).toContain('"n":2');
    const [path2, init2] = dialect.send(1);
    expect((await caller.fetch(`/agents/agent${path2}`, init2)).status).toBe(429);
    held.response.end();
    await resumed.rest();
    await stream.leave();
  });
});

describe('a limit in gRPC', () => {
  it('is RESOURCE_EXHAUSTED, and one with that of the other bindings', async () => {
    const caller = await limited({ requestsPerMinute: 2 });
    gateway.agent.script(answerJson(success('JSON-RPC', task)));
    await call(caller, 'JSON-RPC', 'SendMessage');
    gateway.agent.script(rpcResult(task.task));
    const alice = grpcCaller(gateway.grpcAddress, { token: caller.token });
    expect(await alice.call('GetTask', { id: 't-1', tenant: 'agent' })).toMatchObject({ code: status.OK });
    const refused = await alice.call('GetTask', { id: 't-1', tenant: 'agent' });
    alice.close();
    expect(refused.code).toBe(status.RESOURCE_EXHAUSTED);
    const metadata = { limit: 'requestsPerMinute', allowed: '2', retryAfterSeconds: expect.any(String) };
    expect(refused.details).toContainEqual(
      expect.objectContaining({ reason: 'LIMIT_EXCEEDED', domain: 'a2a-gateway', metadata }),
    );
    await expectRefusal(
      await call(caller, 'HTTP+JSON', 'GetTask'),
      'HTTP+JSON',
      'LIMIT_EXCEEDED',
      expect.objectContaining({ limit: 'requestsPerMinute' }),
    );
  });
});

describe('finding agents', () => {
  const card = '/agents/agent/.well-known/agent-card.json';
  const search: [string, RequestInit] = [
    '/search',
    { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"query":"say"}' },
  ];

  it('is counted as one: lists, searches and cards', async () => {
    const caller = await limited({});
    const asked: [string, RequestInit?][] = [['/agents'], [card], ['/agents/', { method: 'HEAD' }], search];
    for (const [n, [path, init]] of asked.entries()) {
      const answer = await caller.fetch(path, init);
      // The search is switched off here, which who asks learns at the price of asking.
      expect(answer.status).toBe(path === '/search' ? 404 : 200);
      expect(answer.headers.get('ratelimit-policy')).toBe('"discovery";q=4;w=60');
      expect(answer.headers.get('ratelimit')).toMatch(new RegExp(`^"discovery";r=${3 - n};t=\\d+$`));
    }
    for (const [path, init] of [...asked, [`${card}/`]] as typeof asked) {
      const refused = await caller.fetch(path, init);
      expect(refused.status).toBe(429);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
      if (init?.method === 'HEAD') continue;
      expect(await refused.json()).toMatchObject({
        error: {
          details: [{ reason: 'LIMIT_EXCEEDED', metadata: { limit: 'discoveryPerMinute', allowed: '4' } }],
        },
      });
    }
    gateway.agent.script(answerJson(success('JSON-RPC', task)));
    expect((await call(caller, 'JSON-RPC', 'SendMessage')).status).toBe(200);
  });

  it('is not counted by what is refused, nor among the calls of an agent', async () => {
    const caller = await limited({ requestsPerMinute: 1 });
    for (let n = 0; n < 6; n++) {
      const refused = await caller.fetch('/agents/nobody/.well-known/agent-card.json');
      expect(refused.status).toBe(403);
    }
    for (let n = 0; n < 4; n++) expect((await caller.fetch(card)).status).toBe(200);
    gateway.agent.script(answerJson(success('JSON-RPC', task)));
    expect((await call(caller, 'JSON-RPC', 'SendMessage')).status).toBe(200);
  });
});

describe('a restart', () => {
  it('leaves the quota of a day as it was', async () => {
    const caller = await limited({ requestsPerDay: 2 });
    gateway.agent.script(answerJson(success('JSON-RPC', task)));
    for (let n = 0; n < 2; n++) await call(caller, 'JSON-RPC', 'SendMessage');
    await gateway.restart();
    expect((await call(caller, 'JSON-RPC', 'SendMessage')).status).toBe(429);
  });
});
