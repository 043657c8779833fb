import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Binding, bindings, call, expectRefusal, hookUrl, success } from './support/bindings.ts';
import { cites } from './support/cites.ts';
import { startGateway, type TestGateway } from './support/gateway.ts';
import { answerEvents, answerJson, type Script } from './support/scripted-agent.ts';

/** What an agent may answer beside a good result: each is relayed as it is, or refused in the agent's stead. */

const maxAnswerBytes = 4_096;
let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway({ settings: { limits: { maxAnswerBytes } } });
});
afterAll(() => gateway.close());

function answer(status: number, type: string, body: string, headers: Record<string, string> = {}): Script {
  return (_request, response) => {
    response.writeHead(status, { ...(type !== '' && { 'content-type': type }), ...headers });
    response.end(body);
  };
}

const html = '<!doctype html><title>502</title>';
const json = 'application/json';
const rpcResult = (members: string) => `{"jsonrpc":"2.0",${members}}`;

type Case = readonly [title: string, binding: Binding, script: Script, problem: string];

const invalid: readonly Case[] = [
  ['HTML', 'JSON-RPC', answer(200, 'text/html', html), 'media_type'],
  ['HTML', 'HTTP+JSON', answer(200, 'text/html', html), 'media_type'],
  ['HTML with status 500', 'JSON-RPC', answer(500, 'text/html', html), 'media_type'],
  ['HTML with status 404', 'HTTP+JSON', answer(404, 'text/html', html), 'media_type'],
  ['HTML called JSON', 'JSON-RPC', answer(200, json, html), 'syntax'],
  ['HTML called JSON', 'HTTP+JSON', answer(200, json, html), 'syntax'],
  ['JSON cut in half', 'JSON-RPC', answer(200, json, '{"jsonrpc":"2.0","id":1,"res'), 'syntax'],
  ['JSON cut in half', 'HTTP+JSON', answer(200, json, '{"id":"t-1"'), 'syntax'],
  ['text that is not UTF-8', 'HTTP+JSON', invalidUtf8, 'syntax'],
  ['nothing', 'JSON-RPC', answer(200, json, ''), 'jsonrpc'],
  ['nothing, with status 204', 'JSON-RPC', answer(204, '', ''), 'jsonrpc'],
  ['nothing, with status 404', 'HTTP+JSON', answer(404, '', ''), 'status_404'],
  ['a list', 'JSON-RPC', answer(200, json, '[]'), 'jsonrpc'],
  ['a list', 'HTTP+JSON', answer(200, json, '[{"id":"t-1"}]'), 'object'],
  ['null', 'HTTP+JSON', answer(200, json, 'null'), 'object'],
  ['a bare text with status 409', 'HTTP+JSON', answer(409, json, '"conflict"'), 'status_409'],
  ['another id', 'JSON-RPC', answer(200, json, rpcResult('"id":2,"result":{}')), 'id'],
  ['the id as a text', 'JSON-RPC', answer(200, json, rpcResult('"id":"1","result":{}')), 'id'],
  ['a result without id', 'JSON-RPC', answer(200, json, rpcResult('"result":{}')), 'id'],
  ["another call's error", 'JSON-RPC', answer(200, json, rpcResult('"id":2,"error":{}')), 'id'],
  ['another protocol', 'JSON-RPC', answer(200, json, '{"jsonrpc":"1.0","id":1,"result":{}}'), 'jsonrpc'],
  ['no protocol', 'JSON-RPC', answer(200, json, '{"id":1,"result":{}}'), 'jsonrpc'],
  ['the other binding', 'JSON-RPC', answer(404, json, '{"error":{"code":404}}'), 'jsonrpc'],
  ['result and error', 'JSON-RPC', answer(200, json, rpcResult('"id":1,"result":{},"error":{}')), 'jsonrpc'],
  ['neither', 'JSON-RPC', answer(200, json, rpcResult('"id":1')), 'jsonrpc'],
  ['an event stream', 'JSON-RPC', answerEvents('data: {}\n\n'), 'media_type'],
  ['an event stream', 'HTTP+JSON', answerEvents('data: {}\n\n'), 'media_type'],
  ['a compressed body', 'JSON-RPC', compressed, 'content_encoding'],
  ['a compressed body', 'HTTP+JSON', compressed, 'content_encoding'],
];

function invalidUtf8(...[, response]: Parameters<Script>): void {
  response.writeHead(200, { 'content-type': json });
  response.end(Buffer.from([...Buffer.from('{"id":"'), 0xc3, 0x28, ...Buffer.from('"}')]));
}

function compressed(...[, response]: Parameters<Script>): void {
  response.writeHead(200, { 'content-type': json, 'content-encoding': 'gzip' });
  response.end(gzipSync(success('HTTP+JSON', {})));
}

describe('an agent that answers', () => {
  it.each(invalid)('%s in %s has answered something invalid', async (_, binding, script, problem) => {
    cites('A2A-5.4-invalid-agent-response', 'JSON-RPC 1.0', 'HTTP+JSON 1.0');
    gateway.agent.script(script);
    const response = await call(gateway, binding, 'GetTask');
    await expectRefusal(response, binding, 'INVALID_AGENT_RESPONSE', { problem });
  });

  it.each(bindings)('more than the limit, of declared length or not, is cut off in %s', async (binding) => {
    cites('A2A-13.4-limits');
    const big = success(binding, { padding: 'x'.repeat(maxAnswerBytes) });
    const undeclared: Script = (_request, response) => {
      response.writeHead(200, { 'content-type': json });
      response.write(big.slice(0, 10));
      response.end(big.slice(10));
    };
    for (const script of [answerJson(big), undeclared]) {
      gateway.agent.script(script);
      const response = await call(gateway, binding, 'GetTask');
      const metadata = { maxBytes: String(maxAnswerBytes) };
      await expectRefusal(response, binding, 'INVALID_AGENT_RESPONSE', metadata);
    }
  });

  it.each(bindings)('a stream with an error status has not begun one in %s', async (binding) => {
    gateway.agent.script(answer(500, 'text/event-stream', 'data: {}\n\n'));
    const response = await call(gateway, binding, 'SendStreamingMessage');
    await expectRefusal(response, binding, 'INVALID_AGENT_RESPONSE', { problem: 'media_type' });
  });

  it.each(bindings)('JSON to a streaming method is relayed in %s', async (binding) => {
    const body = ` ${success(binding, { message: { messageId: 'm-2', parts: [] } })}\n`;
    gateway.agent.script(answer(200, json, body));
    const response = await call(gateway, binding, 'SendStreamingMessage');
    expect([response.status, await response.text()]).toEqual([200, body]);
    expect(response.headers.get('content-type')).toBe(json);
  });

  it.each(bindings)('without saying of which type is told on as JSON in %s', async (binding) => {
    for (const type of ['', ' ', ';charset=utf-8']) {
      gateway.agent.script((_request, response) => {
        response.writeHead(200, { 'content-type': type }).end(success(binding, {}));
      });
      const response = await call(gateway, binding, 'SendMessage');
      expect([response.status, await response.text()]).toEqual([200, success(binding, {})]);
      expect(response.headers.get('content-type')).toBe('application/json');
    }
  });
});

describe('an answer without a result', () => {
  beforeEach(() => cites('A2A-3.1.10-delete-push-config', 'JSON-RPC 1.0', 'HTTP+JSON 1.0'));

  async function create(binding: Binding): Promise<void> {
    gateway.agent.script(answerJson(success(binding, { taskId: 't-1', id: 'c-1', url: hookUrl })));
    expect((await call(gateway, binding, 'CreateTaskPushNotificationConfig')).status).toBe(200);
  }

  it.each([
    [204, ''],
    [200, ''],
    [200, '{}'],
  ])('to a deletion, %i %j, is a deletion in HTTP+JSON', async (status, body) => {
    await create('HTTP+JSON');
    gateway.agent.script(answer(status, body === '' ? '' : json, body));
    const response = await call(gateway, 'HTTP+JSON', 'DeleteTaskPushNotificationConfig');
    expect([response.status, await response.text()]).toEqual([200, '{}']);
    expect(gateway.agent.seen.at(-1)?.method).toBe('DELETE');
  });

  it('to a deletion is null in JSON-RPC', async () => {
    await create('JSON-RPC');
    gateway.agent.script(answerJson(success('JSON-RPC', null)));
    const response = await call(gateway, 'JSON-RPC', 'DeleteTaskPushNotificationConfig');
    expect(await response.text()).toBe('{"jsonrpc":"2.0","id":1,"result":null}');
    expect(gateway.agent.seen.at(-1)?.body).toContain('DeleteTaskPushNotificationConfig');
  });

  it('may say 201 for what was created', async () => {
    const body = `{"id":"c-1","taskId":"t-1","url":"${hookUrl}"}`;
    gateway.agent.script(answer(201, 'application/a2a+json', body));
    const response = await call(gateway, 'HTTP+JSON', 'CreateTaskPushNotificationConfig');
    expect(await response.json()).toEqual(JSON.parse(body));
  });
});

describe("an agent's error", () => {
  const rpcError = (id: string) =>
    `{"jsonrpc": "2.0"${id}, "error": {"code": -32001, "message": "no", "data": [9007199254740993]}}`;

  it.each([
    [200, ', "id": 1'],
    [200, ', "id": null'],
    [200, ''],
    [400, ', "id": 1'],
    [403, ', "id": 1'],
    [404, ', "id": 1'],
    [409, ', "id": 1, "result": null'],
    [429, ', "id": 1'],
    [500, ', "id": 1'],
    [503, ', "id": 1'],
  ])('is relayed letter for letter in JSON-RPC: %i%s', async (status, id) => {
    cites('A2A-5.4-agent-errors', 'JSON-RPC 1.0');
    gateway.agent.script(answer(status, json, rpcError(id), { 'retry-after': '7' }));
    const response = await call(gateway, 'JSON-RPC', 'GetTask');
    expect([response.status, await response.text()]).toEqual([status, rpcError(id)]);
    expect(response.headers.get('retry-after')).toBe('7');
  });

  it.each([400, 403, 404, 405, 409, 415, 429, 500, 501, 502, 503, 504])(
    'is relayed letter for letter in HTTP+JSON: %i',
    async (status) => {
      cites('A2A-5.4-agent-errors', 'HTTP+JSON 1.0');
      const body = `{ "error": {"code": ${status}, "message": "no", "details": [{"n": 1.0}]} }`;
      gateway.agent.script(answer(status, json, body, { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' }));
      const response = await call(gateway, 'HTTP+JSON', 'GetTask');
      expect([response.status, await response.text()]).toEqual([status, body]);
      expect(response.headers.get('retry-after')).toBe('Wed, 21 Oct 2026 07:28:00 GMT');
    },
  );

  for (const binding of bindings) {
    it.each([
      [429, 'text/html', html],
      [502, 'text/plain', 'bad gateway'],
      [503, 'text/html', html],
      [503, '', ''],
      [504, json, ''],
      [503, json, '{"mess'],
    ])(`of a proxy before it makes it unavailable in ${binding}: %i %s %j`, async (status, type, body) => {
      gateway.agent.script(answer(status, type, body, { 'retry-after': '7' }));
      const response = await call(gateway, binding, 'GetTask');
      expect(response.headers.get('retry-after')).toBe('7');
      const metadata = { status: String(status), retryAfter: '7' };
      await expectRefusal(response, binding, 'UPSTREAM_UNAVAILABLE', metadata);
    });

    it(`of a proxy before it that says nothing of when gets a default in ${binding}`, async () => {
      gateway.agent.script(answer(503, 'text/html', html, { 'retry-after': '"><script>' }));
      const response = await call(gateway, binding, 'GetTask');
      expect(response.headers.get('retry-after')).toBe('5');
      await expectRefusal(response, binding, 'UPSTREAM_UNAVAILABLE', { status: '503' });
    });
  }
});
