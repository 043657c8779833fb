import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { notAgentIds, refusedTargets } from '../attacks/path-catalogue.ts';
import { type LocalGateway, permitDemo, startLocalGateway } from '../aws-local/local-gateway.ts';
import { errorInfo, exchange, rawRequest } from '../support/raw.ts';
import { answerJson, nextCall } from '../support/scripted-agent.ts';
import { readStream } from '../support/stream-reader.ts';
import { describeWith } from './tools.ts';

/** What stands between a caller and the core on AWS: API Gateway's own answers, its cache, Lambda's clock. */

/** A quarter is kept for ending in good order: streams end after four and a half seconds. */
const dataPlaneSeconds = 6;
let gateway: LocalGateway;

const said = { message: { messageId: 'm-1', role: 'ROLE_USER', parts: [{ text: 'hello' }] } };
const post = (path: string, body: unknown = said, headers: Record<string, string> = {}): Promise<Response> =>
  gateway.fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
const infoOf = async (response: Response) => errorInfo(await response.text());

describeWith(['java', 'moto'], 'aws:local', () => {
  beforeAll(async () => {
    gateway = await startLocalGateway({ timeouts: { 'data-plane': dataPlaneSeconds } });
  });
  afterAll(() => gateway?.close());
  beforeEach(() => {
    gateway.agent.script(answerJson({ task: { id: 't-1' } }));
    gateway.agent.seen.length = 0;
  });

  describe('a stream', () => {
    it('gives each event before the agent has sent the next', async () => {
      const held = nextCall(gateway.agent);
      const answer = post('/agents/agent/message:stream');
      const { response } = await held;
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      const stream = readStream(await answer);
      for (const count of [1, 2, 3]) {
        response.write(`data: {"n":${count}}\n\n`);
        expect(await stream.until('\n\n')).toBe(`data: {"n":${count}}\n\n`);
      }
      response.end();
      expect(await stream.rest()).toBe('');
    });

    it('ends at the agent when the caller leaves', async () => {
      const held = nextCall(gateway.agent);
      const answer = post('/agents/agent/message:stream');
      const { response, closed } = await held;
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: {"n":1}\n\n');
      const stream = readStream(await answer);
      await stream.until('\n\n');
      await stream.leave();
      await closed;
    });

    it('outlives its function: it ends in good order, says what to do, and is taken up again', async () => {
      const held = nextCall(gateway.agent);
      const answer = post('/agents/agent/message:stream');
      const { response, closed } = await held;
      response
        .writeHead(200, { 'content-type': 'text/event-stream' })
        .write('data: {"task":{"id":"t-1"}}\n\n');
      // A stream that was cut would reject here.
      const text = await (await answer).text();
      expect(text).toMatch(
        /^data: \{"task":\{"id":"t-1"\}\}\n\n(?::[^\n]*\n\n)*: [^\n]*subscribe again\n\n$/,
      );
      await closed;

      const again = nextCall(gateway.agent);
      const subscribed = post('/agents/agent/tasks/t-1:subscribe', {});
      const second = await again;
      second.response.writeHead(200, { 'content-type': 'text/event-stream' }).end('data: {"n":2}\n\n');
      expect(await (await subscribed).text()).toBe('data: {"n":2}\n\n');
    });

    it('that has not begun by then is an error of ours, and the agent is let go', async () => {
      const held = nextCall(gateway.agent);
      const answer = post('/agents/agent/message:send');
      const { closed } = await held;
      const response = await answer;
      expect([response.status, await infoOf(response)]).toEqual([
        504,
        { reason: 'UPSTREAM_TIMEOUT', metadata: { phase: 'deadline' } },
      ]);
      await closed;
    });
  });

  describe('a refusal', () => {
    it.each([
      ['without a token', {}],
      ['with a token that is none', { authorization: 'Bearer nonsense' }],
      ['with another scheme', { authorization: 'Basic YTpi' }],
    ])('%s is 401 with a challenge, in our shape', async (_, headers) => {
      const response = await fetch(`${gateway.url}/agents/agent/tasks`, { headers: headers as HeadersInit });
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toMatch(/^Bearer /);
      expect(['TOKEN_MISSING', 'TOKEN_INVALID']).toContain((await infoOf(response))?.reason);
    });

    it('of a card has its challenge renamed: no authorizer stands before it, and a function cannot set that header', async () => {
      const response = await fetch(`${gateway.url}/agents/agent/.well-known/agent-card.json`);
      expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, null]);
      expect(response.headers.get('x-amzn-remapped-www-authenticate')).toMatch(/^Bearer /);
      expect(await infoOf(response)).toMatchObject({ reason: 'TOKEN_MISSING' });
    });

    it('is 403 for what is not permitted and for what is not there, alike', async () => {
      const carol = { authorization: `Bearer ${await gateway.token('carol')}` };
      const hidden = await gateway.fetch('/agents/agent/tasks', { headers: carol });
      const absent = await gateway.fetch('/agents/nobody/tasks', { headers: carol });
      expect([hidden.status, absent.status]).toEqual([403, 403]);
      expect(await hidden.text()).toBe(await absent.text());
      const admin = await gateway.fetch('/admin/agents');
      expect(admin.status).toBe(403);
      expect(await infoOf(admin)).toBeDefined();
    });

    it.each(['/nowhere', '/agents/agent/nowhere', '/admin/nowhere'])(
      'is an error of ours at %s',
      async (path) => {
        const response = await gateway.fetch(path);
        expect([403, 404]).toContain(response.status);
        expect(await infoOf(response)).toBeDefined();
      },
    );

    it('is 413 for a body that is too large, in our shape', async () => {
      const text = 'x'.repeat(11 * 1024 * 1024);
      const large = { message: { ...said.message, parts: [{ text }] } };
      const response = await post('/agents/agent/message:send', large);
      expect([response.status, (await infoOf(response))?.reason]).toEqual([413, 'BODY_TOO_LARGE']);
      expect(gateway.agent.seen).toEqual([]);
    });
  });

  describe('a hostile path', () => {
    const targets = Object.values(refusedTargets).flat();
    const ids = notAgentIds.map((agentId) => `/agents/${agentId}/tasks`);

    it.each([...targets, ...ids].map((target) => [target.slice(0, 60), target]))(
      'reaches no agent: %j',
      async (_, target) => {
        const headers = [`authorization: Bearer ${await gateway.token('admin')}`, 'a2a-version: 1.0'];
        for (const line of [`GET ${target}`, `POST ${target}`]) {
          const { status } = await exchange(gateway.url, rawRequest(line, [...headers, 'content-length: 0']));
          expect(status).toBeGreaterThanOrEqual(400);
          expect(status).toBeLessThan(500);
        }
        expect(gateway.agent.seen).toEqual([]);
      },
    );
  });

  it('a scheduled function runs when it is invoked by hand', async () => {
    const url = `${gateway.aws.invokeEndpoint}/2015-03-31/functions/maintenance/invocations`;
    const response = await fetch(url, { method: 'POST', body: '{}' });
    expect([response.status, response.headers.get('x-amz-function-error'), await response.json()]).toEqual([
      200,
      null,
      null,
    ]);
    expect(gateway.printed.join('\n')).toContain('secrets swept');
  });

  it('a round of probes is shown where nobody has called', async () => {
    // One of its own: the calls of the other tests stand for a probe of theirs.
    const body = { agentId: 'uncalled', agentCardUrl: gateway.agent.cardUrl };
    expect((await gateway.admin('POST', '/admin/agents', body)).status).toBe(201);
    const url = `${gateway.aws.invokeEndpoint}/2015-03-31/functions/maintenance/invocations`;
    const response = await fetch(url, { method: 'POST', body: '{"work":"probe"}' });
    expect([response.status, response.headers.get('x-amz-function-error')]).toEqual([200, null]);
    expect(gateway.printed.join('\n')).toContain('agents probed');
    const health = await gateway.admin('GET', '/admin/agents/uncalled/health');
    const { processes } = (await health.json()) as { processes: { id: string; origins: unknown[] }[] };
    expect(processes.find(({ id }) => id === 'probes')?.origins).toMatchObject([
      { origin: gateway.agent.url, probe: { lastSuccessAt: expect.any(String) } },
    ]);
  });

  describe('a permission', () => {
    it('that is taken away is gone at once, though API Gateway keeps the policy that granted it', async () => {
      const call = () => gateway.fetch('/agents/agent/tasks');
      expect((await call()).status).toBe(200);
      await permitDemo(gateway, ['echo']);
      const edgeRefusals = () => gateway.printed.filter((line) => line.includes('ACCESS_DENIED')).length;
      const before = edgeRefusals();
      // The core keeps what it read for two seconds.
      await expect.poll(async () => (await call()).status, { timeout: 4_000, interval: 200 }).toBe(403);
      expect(edgeRefusals()).toBe(before);
      await permitDemo(gateway, ['*']);
      await expect.poll(async () => (await call()).status, { timeout: 4_000, interval: 200 }).toBe(200);
    });
  });
});
