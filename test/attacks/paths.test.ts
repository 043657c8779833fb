import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cites } from '../support/cites.ts';
import { permit, register, startGateway, type TestGateway } from '../support/gateway.ts';
import { errorInfo, exchange, type RawAnswer, rawRequest } from '../support/raw.ts';
import { notAgentIds, refusedTargets } from './path-catalogue.ts';

let gateway: TestGateway;
let headers: readonly string[];

beforeAll(async () => {
  gateway = await startGateway();
  await register(gateway, { agentId: 'hidden' });
  // As an administrator who may call the agent: what is refused here is refused to everyone.
  await permit(gateway, 'demo', { allowedAgents: ['agent'] });
  const token = await gateway.issuer.token({ scope: 'demo gateway:admin' });
  headers = [`authorization: Bearer ${token}`, 'a2a-version: 1.0'];
});
afterAll(() => gateway.close());

function send(line: string, more: readonly string[] = []): Promise<RawAnswer> {
  return exchange(gateway.url, rawRequest(line, [...headers, ...more]));
}

async function expectRefused(line: string, rule: string, more: readonly string[] = []): Promise<void> {
  const { status, body } = await send(line, more);
  expect(errorInfo(body)).toEqual({ reason: 'PATH_REFUSED', metadata: { rule } });
  expect(status).toBe(400);
  expect(gateway.agent.seen.splice(0)).toEqual([]);
}

describe('a request target out of canonical form', () => {
  beforeEach(() => cites('RFC-9112-3.2-targets'));

  for (const [rule, targets] of Object.entries(refusedTargets)) {
    it.each(targets.map((target) => [target.slice(0, 60), target]))(
      `is refused by the rule ${rule}: %j`,
      async (_, target) => {
        await expectRefused(`GET ${target}`, rule);
        await expectRefused(`POST ${target}`, rule, ['content-length: 0']);
      },
    );
  }

  it.each([
    'GET agents/agent/tasks',
    'GET ?x',
    'GET \\\\evil.test/agents',
    'GET 127.0.0.1:443',
    'GET http:/agents/agent/tasks',
    'GET /agents/agent/tasks/\u0000',
    'GET /agents/agent/tasks/\u007f',
    'GET /agents/agent /tasks',
    'GET /agents/agent\t/tasks',
    'GET',
    'get /health',
    'BREW /health',
  ])('is refused by the parser before it is a request: %j', async (line) => {
    expect(await send(line)).toMatchObject({ status: 400, body: '' });
  });

  it('is refused by the parser with bytes beyond ASCII', async () => {
    const request = Buffer.from(rawRequest('GET /agents/agent/tasks/\u00e4', headers), 'latin1');
    expect(await exchange(gateway.url, request)).toMatchObject({ status: 400, body: '' });
  });
});

describe('a Host that would change the target', () => {
  it.each([
    'a\u00e4/agents',
    'a\u00e4/admin#',
    'a\u00e4/admin?',
    'evil.test/agents/agent',
    'user@gateway.test',
    'user:secret@gateway.test',
    'gateway.test#',
    'gateway.test?a=b',
    'gateway.test\\..',
    'gateway.test:80:80',
    'gateway.test:port',
    'gate way',
    '[::1',
    '[::1]evil',
    '',
  ])('is refused: %j', async (host) => {
    const request = Buffer.from(rawRequest('GET /health', [`host: ${host}`]), 'latin1');
    const { status, body } = await exchange(gateway.url, request);
    expect([status, errorInfo(body)?.metadata]).toEqual([400, { rule: 'host' }]);
  });

  it('is refused where there is none', async () => {
    expect(await exchange(gateway.url, 'GET /health HTTP/1.1\r\nconnection: close\r\n\r\n')).toMatchObject({
      status: 400,
    });
  });

  it.each(['gateway.test', 'GATEWAY.test:8080', '127.0.0.1', '[::1]:80', 'gateway_1'])(
    'is let through as a plain name or address: %j',
    async (host) => {
      const answer = await exchange(gateway.url, rawRequest('GET /health', [`host: ${host}`]));
      expect(answer.status).toBe(200);
    },
  );
});

describe('an agent id outside its pattern', () => {
  it.each(notAgentIds)('is refused on every route that takes one: %j', async (agentId) => {
    for (const line of [
      `POST /agents/${agentId}`,
      `POST /agents/${agentId}/`,
      `GET /agents/${agentId}/tasks`,
      `GET /agents/${agentId}/.well-known/agent-card.json`,
      `GET /admin/agents/${agentId}`,
      `DELETE /admin/agents/${agentId}`,
      `POST /admin/agents/${agentId}/sync`,
      `GET /.well-known/oauth-protected-resource/agents/${agentId}`,
    ]) {
      await expectRefused(line, 'agent_id');
    }
  });
});

describe('a verb of HTTP+JSON in disguise', () => {
  beforeEach(() => cites('A2A-11.3-routes', 'HTTP+JSON 1.0'));

  it.each([
    'GET /agents/agent/tasks/t1%3Asubscribe',
    'GET /agents/agent/tasks/t1%3acancel',
    'POST /agents/agent/tasks/t1:cancel:subscribe',
    'POST /agents/agent/tasks/t1:subscribe:cancel',
    'POST /agents/agent/tasks/t1%3Acancel:subscribe',
    'GET /agents/agent/tasks/t1:cancel/pushNotificationConfigs',
    'GET /agents/agent/tasks/t1/pushNotificationConfigs/c1%3Acancel',
  ])('is no part of an id, because an agent that decodes first would act on it: %s', async (line) => {
    await expectRefused(line, 'verb', ['content-length: 0']);
  });

  it.each([
    ['POST', '/tasks/t1%3Acancel', 405],
    ['POST', '/tasks/t1:CANCEL', 405],
    ['POST', '/tasks/t1:Cancel', 405],
    ['GET', '/tasks/t1:cancel', 405],
    ['DELETE', '/tasks/t1:cancel', 405],
    ['POST', '/tasks/:cancel', 404],
    ['POST', '/tasks/t1:cancel/', 404],
    ['POST', '/message%3Asend', 404],
    ['POST', '/message:SEND', 404],
    ['POST', '/Message:send', 404],
    ['POST', '/message:send/', 404],
    ['POST', '/message:send:stream', 404],
    ['POST', '/message', 404],
    ['GET', '/message:send', 405],
    ['GET', '/tasks/', 404],
    ['GET', '/tasks/t1/', 404],
    ['GET', '/tasks/t1/pushNotificationConfigs/c1/', 404],
    ['GET', '/Tasks', 404],
    ['DELETE', '/tasks/t1', 405],
    ['PUT', '/tasks/t1', 405],
    ['GET', '/agent/tasks', 404],
    ['GET', '/admin/agents', 404],
    ['GET', '/agents/agent/tasks', 404],
    ['GET', '/.well-known/agent.json', 404],
    ['GET', '/.well-known/jwks.json', 404],
    ['GET', '/.well-known/agent-card.json/x', 404],
  ])('finds no operation: %s %s', async (method, path, status) => {
    const answer = await send(`${method} /agents/agent${path}`, ['content-length: 0']);
    expect(answer.status).toBe(status);
    expect(gateway.agent.seen.splice(0)).toEqual([]);
  });
});

describe('a path beside the routes', () => {
  it.each([
    ['GET', '/AGENTS', 404],
    ['GET', '/Admin/agents', 404],
    ['GET', '/admin', 404],
    ['GET', '/admin/', 404],
    ['GET', '/admin/agents/', 404],
    ['GET', '/admin/agents/agent/', 404],
    ['GET', '/admin/agents/agent/sync/x', 404],
    ['GET', '/admin/permissions/', 404],
    ['GET', '/health/', 404],
    ['GET', '/agents/agent', 405],
    ['DELETE', '/agents/agent', 405],
    ['GET', '/agents/hidden', 405],
    ['PUT', '/admin/agents', 405],
    ['PUT', '/admin/agents/agent', 405],
    ['TRACE', '/health', 405],
    ['TRACE', '/agents/agent/tasks', 405],
    ['OPTIONS', '/agents/agent/tasks', 405],
    ['QUERY', '/agents/agent/tasks', 405],
    ['PROPFIND', '/agents/agent/tasks', 405],
  ])('finds no route: %s %s', async (method, path, status) => {
    expect((await send(`${method} ${path}`)).status).toBe(status);
    expect(gateway.agent.seen.splice(0)).toEqual([]);
  });

  it('opens no tunnel', async () => {
    const line = `CONNECT ${new URL(gateway.agent.url).host}`;
    expect(await send(line)).toEqual({ status: 0, head: '', body: '' });
    expect(gateway.agent.seen.splice(0)).toEqual([]);
  });

  it('switches to no other protocol', async () => {
    const upgrade = [
      'connection: upgrade, close',
      'upgrade: h2c',
      'http2-settings: AAMAAABkAARAAAAAAAIAAAAA',
    ];
    expect((await send('GET /health', upgrade)).status).toBe(200);
  });
});

describe('an id that only looks odd', () => {
  it.each([
    ['/tasks/a:b', '/rest/tasks/a%3Ab'],
    ['/tasks/a%3Ab', '/rest/tasks/a%3Ab'],
    ['/tasks/100%25', '/rest/tasks/100%25'],
    ['/tasks/...', '/rest/tasks/...'],
    ['/tasks/%C3%A4%20%E2%88%95', '/rest/tasks/%C3%A4%20%E2%88%95'],
    ['/tasks/t1%3Fx%23y', '/rest/tasks/t1%3Fx%23y'],
    ['/tasks/t1:CANCEL', '/rest/tasks/t1%3ACANCEL'],
  ])('reaches the agent as one segment: %s', async (path, target) => {
    await send(`GET /agents/agent${path}`);
    expect(gateway.agent.seen.splice(0).map((seen) => seen.target)).toEqual([target]);
  });
});
