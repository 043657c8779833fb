import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDirectoryStand } from './support/directory.ts';
import { refusalOf } from './support/management.ts';
import type { SearchStand } from './support/search-stand.ts';

let stand: SearchStand;
beforeAll(async () => {
  stand = await startDirectoryStand();
});
afterAll(() => stand.close());

function ask(body: unknown): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return stand.fetch('/search', { method: 'POST', headers, body: text });
}

describe('a query', () => {
  const refused: readonly (readonly [unknown, string])[] = [
    [{}, 'query'],
    [{ query: '' }, 'query'],
    [{ query: ' \n\t\u3000 ' }, 'query'],
    [{ query: '\u0000\u0007' }, 'query'],
    [{ query: '\ud800' }, 'query'],
    [{ query: 'x'.repeat(1_001) }, 'query'],
    [{ query: 'x y '.repeat(2_500) }, 'query'],
    [{ query: 7 }, 'query'],
    [{ query: null }, 'query'],
    [{ query: ['a'] }, 'query'],
    [{ query: { text: 'a' } }, 'query'],
    [{ query: 'x', topK: 0 }, 'topK'],
    [{ query: 'x', topK: 101 }, 'topK'],
    [{ query: 'x', topK: 1.5 }, 'topK'],
    [{ query: 'x', topK: '5' }, 'topK'],
    [{ query: 'x', tags: 'money' }, 'tags'],
    [{ query: 'x', tags: [''] }, 'tags.0'],
    [{ query: 'x', tags: Array(21).fill('t') }, 'tags'],
    [{ query: 'x', tags: ['t'.repeat(65)] }, 'tags.0'],
    [{ query: 'x', protocolBinding: 'SOAP' }, 'protocolBinding'],
    [{ query: 'x', protocolVersion: '1' }, 'protocolVersion'],
    [{ query: 'x', protocolVersion: '1.0; drop' }, 'protocolVersion'],
    [{ query: 'x', capability: 'root' }, 'capability'],
    [{ query: 'x', patterns: ['*'] }, 'patterns'],
    [{ query: 'x', explain: true }, 'explain'],
    [[{ query: 'x' }], ''],
    ['"x"', ''],
    ['null', ''],
  ];
  it.each(refused)('that is not one is refused by its member: %#', async (body, parameter) => {
    const refusal = await refusalOf(ask(body));
    expect(refusal).toMatchObject({ status: 400, reason: 'PARAMETER_INVALID', metadata: { parameter } });
  });

  it.each([
    ['', 'BODY_MALFORMED', 400],
    ['{', 'BODY_MALFORMED', 400],
    [`{"query":${'['.repeat(200)}${']'.repeat(200)}}`, 'BODY_MALFORMED', 400],
    ['{"query":"x","query":"y"}', 'MEMBER_REFUSED', 400],
    ['{"query":"x","QUERY":"y"}', 'PARAMETER_INVALID', 400],
    [JSON.stringify({ query: 'x'.repeat(12_000_000) }), 'BODY_TOO_LARGE', 413],
  ])('in a body that is none is refused: %#', async (body, reason, status) => {
    expect(await refusalOf(ask(body))).toMatchObject({ reason, status });
  });

  it.each([
    ['🐎🐎🐎'],
    ['\u200b\u200d\ufeff.'],
    ['\u202e'],
    ['"; DROP TABLE agents; --'],
    ['* OR NEAR("a" "b") NOT {col}: ^x'],
    ['%_\\'],
    ['a\u0300'.repeat(500)],
    ['ﷺ'.repeat(1_000)],
    ['x'.repeat(1_000)],
    ['1 '.repeat(500).trim()],
    ['__proto__'],
    ['<script>alert(1)</script>'],
  ])('of any text is answered: %#', async (query) => {
    const response = await ask({ query });
    expect(response.status).toBe(200);
    const found = await response.json();
    expect(found.query).toBe(query);
    expect(found.totalMatches).toBe(found.results.length);
  });

  it('is read without what surrounds it and what says nothing', async () => {
    const given = '  pay\u0000\ud800 invoices\n';
    expect(await (await ask({ query: given })).json()).toMatchObject({
      query: 'pay   invoices',
      totalMatches: 2,
    });
    expect(await (await ask({ query: `${' '.repeat(5_000)}travel` })).json()).toMatchObject({
      query: 'travel',
    });
  });
});

describe('what a search takes', () => {
  it('is described in the OpenAPI document, with its limits', async () => {
    const { paths } = await (await stand.fetch('/openapi.json')).json();
    const { requestBody, parameters, security } = paths['/search'].post;
    expect(requestBody.content['application/json'].schema).toMatchObject({
      ...{ additionalProperties: false, required: ['query'] },
      properties: {
        query: { type: 'string', minLength: 1, maxLength: 1_000 },
        topK: { type: 'integer', minimum: 1, maximum: 100, default: 10 },
        tags: { type: 'array', maxItems: 20 },
        protocolBinding: { enum: ['JSONRPC', 'HTTP+JSON', 'GRPC'] },
      },
    });
    expect(parameters).toMatchObject([{ name: 'explain', in: 'query' }]);
    expect(security).toEqual([{ gateway: [] }]);
  });
});
