import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OperationName } from '../../src/protocol/operations.ts';
import { cites } from '../support/cites.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { errorInfo } from '../support/raw.ts';
import { answerJson } from '../support/scripted-agent.ts';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway();
  gateway.agent.script((request, response, incoming) => {
    const isRpc = request.target === '/rpc';
    answerJson(isRpc ? { jsonrpc: '2.0', id: 1, result: {} } : {})(request, response, incoming);
  });
});
afterAll(() => gateway.close());
afterEach(() => void gateway.agent.seen.splice(0));

const headers = { 'content-type': 'application/json' };

function rpcText(method: OperationName, params: string): string {
  return `{"jsonrpc":"2.0","id":1,"method":"${method}","params":${params}}`;
}

/** What came of a body: the refusal, or what reached the agent. */
async function sent(path: string, body: string | Uint8Array<ArrayBuffer>): Promise<unknown> {
  const answer = await gateway.fetch(`/agents/agent${path}`, { method: 'POST', headers, body });
  const info = errorInfo(await answer.text());
  const seen = gateway.agent.seen.splice(0);
  if (info !== undefined) expect(seen).toEqual([]);
  return info ?? seen[0]?.body;
}

function malformed(problem: string): object {
  return { reason: 'BODY_MALFORMED', metadata: { problem } };
}

const utf8 = (text: string) => new TextEncoder().encode(text);

describe('a body that is no JSON', () => {
  beforeEach(() => cites('JSONRPC-5.1-parse-error', 'JSON-RPC 1.0'));

  it.each<[string, string | Uint8Array<ArrayBuffer>, string]>([
    ['in gzip', Uint8Array.from(gzipSync('{}')), 'utf-8'],
    ['with a byte that is no UTF-8', Uint8Array.of(0x7b, 0xff, 0x7d), 'utf-8'],
    ['with an overlong character', Uint8Array.of(0x22, 0xc0, 0xaf, 0x22), 'utf-8'],
    ['with half a surrogate pair in UTF-8', Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22), 'utf-8'],
    ['in UTF-16', Uint8Array.of(0xff, 0xfe, 0x7b, 0, 0x7d, 0), 'utf-8'],
    ['after a byte order mark', Uint8Array.of(0xef, 0xbb, 0xbf, ...utf8('{}')), 'syntax'],
    ['in single quotes', "{'a':1}", 'syntax'],
    ['with a comment', '{}//', 'syntax'],
    ['with a comma too many', '{"a":1,}', 'syntax'],
    ['followed by another', '{}{}', 'syntax'],
    ['with NaN', '{"a":NaN}', 'syntax'],
    ['with a control in a text', '{"a":"\u0001"}', 'syntax'],
    ['nested without end', '['.repeat(100_000), 'syntax'],
    ['nested too deep in lists', `{"a":${'['.repeat(200)}${']'.repeat(200)}}`, 'nesting'],
    ['nested too deep in objects', `${'{"a":'.repeat(200)}1${'}'.repeat(200)}`, 'nesting'],
    ['that is empty', '', 'empty'],
  ])('is refused: %s', async (_, body, problem) => {
    expect(await sent('', body)).toEqual(malformed(problem));
    expect(await sent('/message:send', body)).toEqual(malformed(problem));
  });

  it('is refused by its type before it is read', async () => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
      'text/json',
      'application/jsonp',
    ]) {
      for (const path of ['', '/message:send']) {
        const init = { method: 'POST', headers: { 'content-type': type }, body: '{}' };
        expect((await gateway.fetch(`/agents/agent${path}`, init)).status).toBe(415);
      }
    }
    expect(gateway.agent.seen).toEqual([]);
  });

  it.each(['[]', '[{"jsonrpc":"2.0","id":1,"method":"ListTasks"}]', 'null', '"x"', '1', 'true'])(
    'is refused where it is no object: %s',
    async (body) => {
      expect(await sent('', body)).toMatchObject({ reason: 'ENVELOPE_INVALID' });
      expect(await sent('/message:send', body)).toEqual(malformed('object'));
    },
  );
});

describe('members with meaning to JavaScript', () => {
  it('arrive as they left and change nothing here', async () => {
    const params =
      '{"__proto__":{"tenant":"x","message":{"taskId":"t"}},"constructor":{"prototype":{"isAdmin":true}},' +
      '"message":{"__proto__":{"taskId":"t"},"toString":1,"parts":[{"data":{"__proto__":1,"big":9007199254740993}}]}}';
    const body = rpcText('SendMessage', params);
    expect(await sent('', body)).toBe(body);
    expect(await sent('/message:send', params)).toBe(params);
    expect(({} as { isAdmin?: boolean; tenant?: string }).isAdmin).toBeUndefined();
    expect(await sent('', '{"__proto__":{"jsonrpc":"2.0","id":1,"method":"ListTasks"}}')).toMatchObject({
      reason: 'ENVELOPE_INVALID',
    });
  });

  it('do not pass a closed schema of our own', async () => {
    for (const member of ['__proto__', 'constructor', 'isAdmin']) {
      const body = `{"agentId":"x","agentCardUrl":"${gateway.agent.cardUrl}","${member}":{"status":"active"}}`;
      const answer = await gateway.admin('POST', '/admin/agents', body);
      expect([answer.status, errorInfo(await answer.text())?.reason]).toEqual([400, 'PARAMETER_INVALID']);
    }
  });

  it('may be many', async () => {
    const many = Array.from({ length: 100_000 }, (_, index) => `"k${index}":0`).join(',');
    const body = rpcText('ListTasks', `{${many}}`);
    expect(await sent('', body)).toBe(body);
  });
});
