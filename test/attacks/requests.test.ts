import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cites } from '../support/cites.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { errorInfo, exchange, type RawAnswer, rawRequest } from '../support/raw.ts';
import { answerJson, type SeenRequest } from '../support/scripted-agent.ts';

let gateway: TestGateway;
let headers: readonly string[];
const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ListTasks' });
const maxBodyBytes = 4_096;

beforeAll(async () => {
  gateway = await startGateway({ settings: { limits: { maxBodyBytes } } });
  gateway.agent.script(answerJson({ jsonrpc: '2.0', id: 1, result: {} }));
  const token = await gateway.issuer.token();
  headers = [`authorization: Bearer ${token}`, 'a2a-version: 1.0', 'content-type: application/json'];
});
afterAll(() => gateway.close());
afterEach(() => void gateway.agent.seen.splice(0));

const line = 'POST /agents/agent';

/** A call whose framing the test gives. */
function send(more: readonly string[], text = body): Promise<RawAnswer> {
  return exchange(gateway.url, rawRequest(line, [...headers, ...more], text));
}

/** A call that arrives, with headers of the test. */
async function reaching(more: readonly string[]): Promise<SeenRequest> {
  const answer = await send([`content-length: ${body.length}`, ...more]);
  expect(answer.status).toBe(200);
  expect(gateway.agent.seen).toHaveLength(1);
  return gateway.agent.seen.splice(0)[0] as SeenRequest;
}

describe('a request of two lengths', () => {
  beforeEach(() => cites('RFC-9112-3.2-targets'));

  const chunked = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
  const smuggled = 'GET /agents/agent/tasks HTTP/1.1\r\nhost: x\r\n\r\n';

  it.each<[string, readonly string[], string]>([
    ['a length and chunks', ['content-length: 6', 'transfer-encoding: chunked'], chunked],
    ['chunks and a length', ['transfer-encoding: chunked', 'content-length: 6'], chunked],
    ['two lengths', [`content-length: ${body.length}`, 'content-length: 0'], body],
    ['two equal lengths', [`content-length: ${body.length}`, `content-length: ${body.length}`], body],
    ['lengths in a list', [`content-length: ${body.length}, 0`], body],
    ['a signed length', [`content-length: +${body.length}`], body],
    ['a negative length', ['content-length: -1'], body],
    ['a length in hex', ['content-length: 0x10'], body],
    ['a length beyond counting', ['content-length: 99999999999999999999'], body],
    ['a space before the colon', [`content-length : ${body.length}`], body],
    ['a folded header', [`content-length: ${body.length}`, 'x-a: b\r\n c: d'], body],
    ['a folded length', ['content-length:\r\n 5'], body],
    ['an unknown transfer coding', ['transfer-encoding: xchunked'], chunked],
    ['chunks not last', ['transfer-encoding: chunked, identity'], chunked],
    ['a bad chunk size', ['transfer-encoding: chunked'], 'zz\r\nx\r\n0\r\n\r\n'],
    ['a signed chunk size', ['transfer-encoding: chunked'], '+5\r\nhello\r\n0\r\n\r\n'],
    ['a bare line feed in the chunks', ['transfer-encoding: chunked'], `5\nhello\r\n0\r\n\r\n`],
    ['a bare carriage return', ['x-a: b\rtransfer-encoding: chunked', 'content-length: 0'], ''],
    ['a NUL in a header', ['x-a: b\u0000c', `content-length: ${body.length}`], body],
    ['a header without a name', [': b', `content-length: ${body.length}`], body],
    ['a header name with a space', ['x a: b', `content-length: ${body.length}`], body],
  ])('never reaches the agent: %s', async (_, framing, text) => {
    const { status } = await send(framing, text + smuggled);
    expect(status).toBe(400);
    expect(gateway.agent.seen).toEqual([]);
  });

  it('is over where its length says: what follows is a request of its own, without the token', async () => {
    const request = rawRequest(
      line,
      [...headers, 'connection: keep-alive', `content-length: ${body.length}`],
      body,
    );
    const next = rawRequest('GET /agents/agent/tasks');
    const { body: answers } = await exchange(gateway.url, request + next);
    expect(gateway.agent.seen).toHaveLength(1);
    expect(answers).toContain('HTTP/1.1 401 Unauthorized');
  });
});

describe('a header of the caller', () => {
  it.each([
    'authorization',
    'cookie: session=1',
    'proxy-authorization: Basic eDp5',
    'x-forwarded-for: 10.0.0.1',
    'x-forwarded-host: admin.test',
    'x-forwarded-proto: https',
    'x-real-ip: 10.0.0.1',
    'x-original-url: /admin',
    'x-rewrite-url: /admin',
    'forwarded: for=10.0.0.1;host=admin.test',
    'via: 1.1 proxy',
    'x-user-id: admin',
    'x-forwarded-user: admin',
    'x-amzn-oidc-identity: admin',
    'x-authenticated-scopes: gateway:admin',
    'x-gateway-agent: hidden',
    'x-api-key: caller-key',
    'origin: https://evil.test',
    'referer: https://evil.test/',
    'x-http-method-override: DELETE',
    'x-a2a-extensions: https://x.test/ext',
    'te: trailers',
    'trailer: x-user-id',
    'keep-alive: timeout=1',
    'proxy-connection: close, x',
    'upgrade: websocket',
    'range: bytes=0-1',
    'if-match: *',
    'content-encoding: identity',
    'content-language: de',
  ])('stays here: %s', async (header) => {
    const seen = await reaching(header === 'authorization' ? [] : [header]);
    const [name = '', value = ''] = header.split(': ');
    expect(seen.headers[name]).toBeUndefined();
    if (value.length > 8) expect(JSON.stringify(seen)).not.toContain(value);
  });

  it('stays here when Connection names it', async () => {
    const seen = await reaching(['connection: x-internal, authorization, close', 'x-internal: 1']);
    expect(seen.headers).not.toHaveProperty('x-internal');
    expect(seen.headers.connection).toBe('keep-alive');
  });

  it('is one of these and no other where it reaches the agent', async () => {
    const given = {
      'a2a-extensions': 'https://x.test/ext',
      'accept-language': 'de',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      tracestate: 'a=b',
    };
    const seen = await reaching(Object.entries(given).map(([name, value]) => `${name}: ${value}`));
    const tracestate = expect.stringMatching(/^a2a-gateway=[0-9a-f]{8},a=b$/);
    expect(seen.headers).toMatchObject({ ...given, tracestate });
    const ours = ['accept', 'a2a-version', 'content-type', 'content-length', 'user-agent', 'x-request-id'];
    const transport = ['host', 'connection', 'accept-encoding'];
    expect(Object.keys(seen.headers).sort()).toEqual([...Object.keys(given), ...ours, ...transport].sort());
  });

  it('cannot choose the request id, nor the host, the version or the type the agent sees', async () => {
    const seen = await reaching([
      'x-request-id: mine',
      'host: evil.test',
      'user-agent: mine',
      'accept: text/html',
    ]);
    expect(seen.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(seen.headers).toMatchObject({
      host: new URL(gateway.agent.url).host,
      'user-agent': 'a2a-gateway',
      accept: 'application/json',
      'a2a-version': '1.0',
    });
  });

  it.each(['x-request-id', 'traceparent', 'tracestate', 'a2a-extensions', 'a2a-version', 'accept-language'])(
    'cannot break out of its line: %s',
    async (name) => {
      for (const injected of [
        'a\rx-user-id: admin',
        'a\u0000x-user-id: admin',
        'a\u007fb',
        'a\r\n\tx-user-id: admin',
      ]) {
        const { status } = await send([`${name}: ${injected}`, `content-length: ${body.length}`]);
        expect(status).toBe(400);
      }
      expect(gateway.agent.seen).toEqual([]);
    },
  );

  it('means nothing encoded, and is handed on as it was', async () => {
    const seen = await reaching([
      'tracestate: a=%0d%0ax-user-id:%20admin',
      'a2a-extensions: \\r\\nx-user-id: admin',
    ]);
    expect(seen.headers).not.toHaveProperty('x-user-id');
  });
});

describe('a method named beside the request line', () => {
  it.each(['x-http-method-override', 'x-http-method', 'x-method-override'])(
    'is not heard: %s',
    async (name) => {
      const override = { [name]: 'DELETE' };
      const task = '/agents/agent/tasks/t-1';
      await gateway.fetch(task, { headers: override });
      expect(gateway.agent.seen.splice(0).map(({ method }) => method)).toEqual(['GET']);
      const remove = await gateway.admin('POST', '/admin/agents/agent', {}, { ...override, 'if-match': '*' });
      expect(remove.status).toBe(405);
      expect((await gateway.fetch(`${task}?_method=DELETE`)).status).toBe(200);
      expect(gateway.agent.seen.splice(0).map(({ method }) => method)).toEqual(['GET']);
    },
  );

  it('is no operation where it is OPTIONS or HEAD', async () => {
    for (const method of ['OPTIONS', 'HEAD']) {
      for (const path of ['/tasks', '/tasks/t-1:subscribe', '/message:send', '/extendedAgentCard']) {
        expect((await gateway.fetch(`/agents/agent${path}`, { method })).status).toBe(405);
      }
    }
    expect(gateway.agent.seen).toEqual([]);
  });
});

describe('a body that is too large', () => {
  const big = 'x'.repeat(maxBodyBytes + 1);

  it.each<[string, readonly string[], string]>([
    ['as declared', [`content-length: ${big.length}`], big],
    ['as declared, and never sent', ['content-length: 1000000000'], ''],
    ['in one chunk', ['transfer-encoding: chunked'], `${big.length.toString(16)}\r\n${big}\r\n0\r\n\r\n`],
    [
      'in many chunks',
      ['transfer-encoding: chunked'],
      `${`400\r\n${'x'.repeat(0x400)}\r\n`.repeat(5)}0\r\n\r\n`,
    ],
    ['in chunks without end', ['transfer-encoding: chunked'], `400\r\n${'x'.repeat(0x400)}\r\n`.repeat(5)],
  ])('is refused: %s', async (_, framing, text) => {
    const answer = await send(framing, text);
    expect(answer.status).toBe(413);
    expect(errorInfo(answer.body)).toEqual({
      reason: 'BODY_TOO_LARGE',
      metadata: { maxBodyBytes: `${maxBodyBytes}` },
    });
    expect(gateway.agent.seen).toEqual([]);
  });

  it('is refused on our own routes too', async () => {
    const answer = await gateway.admin('POST', '/admin/agents', { agentId: big });
    expect(answer.status).toBe(413);
  });

  it('is not read at all from who may not call', async () => {
    cites('A2A-13.1-before-lookup');
    const stranger = rawRequest(line, ['content-length: 1000000000', 'content-type: application/json']);
    expect((await exchange(gateway.url, stranger)).status).toBe(401);
  });
});

describe('a request that never ends', () => {
  it.each([
    ['in its headers', 'POST /agents/agent HTTP/1.1\r\nhost: gateway.test\r\nx-slow: '],
    ['in its body', 'body'],
    ['in its chunks', 'chunks'],
  ])('keeps no other waiting: %s', async (_, part) => {
    const framing = part === 'chunks' ? 'transfer-encoding: chunked' : 'content-length: 100';
    const text = part.startsWith('POST')
      ? part
      : rawRequest(line, [...headers, framing], part === 'chunks' ? '5\r\n{' : '{');
    const { hostname, port } = new URL(gateway.url);
    const sockets = Array.from({ length: 50 }, () => connect(Number(port), hostname));
    await Promise.all(
      sockets.map((socket) => new Promise<void>((written) => socket.write(text, () => written()))),
    );
    await reaching([]);
    for (const socket of sockets) socket.destroy();
    await reaching([]);
  });
});
