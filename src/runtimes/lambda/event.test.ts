import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EventOptions, proxyEvent } from '../../../test/support/lambda-events.ts';
import { canonicalTarget } from '../../http/path.ts';
import { type ProxyEvent, toRequest } from './event.ts';

const publicUrl = 'https://agents.test/prod';
const { signal } = new AbortController();

function requestOf(event: unknown, url = publicUrl): Request {
  const made = toRequest(event, { publicUrl: url, signal });
  if (!made.ok) throw new Error(JSON.stringify(made.failure));
  return made.value;
}

function failureOf(event: unknown): unknown {
  const made = toRequest(event, { publicUrl, signal });
  return made.ok ? undefined : made.failure;
}

function posted(options: EventOptions): ProxyEvent {
  return proxyEvent('/', { method: 'POST', ...options });
}

const character = fc.constantFrom(..."abyzAZ09-._~!$&'()*+,=:@%ž 🐎/".split(/(?:)/u));
const encoded = fc
  .array(character, { maxLength: 6 })
  .map((texts) => encodeURIComponent(texts.join('')).replace(/%2F/gi, ''));
const path = fc.array(encoded, { maxLength: 4 }).map((segments) => `/${segments.join('/')}`);
const pair = fc.tuple(encoded, encoded).map(([name, value]) => `${name || 'n'}=${value}`);
const target = fc
  .tuple(path, fc.array(pair, { maxLength: 4 }))
  .map(([before, pairs]) => (pairs.length === 0 ? before : `${before}?${pairs.join('&')}`))
  .filter((text) => canonicalTarget(text).ok);

/** Names in the order they first come, each with its values in their order: what API Gateway leaves of a query. */
function grouped(query: string): Record<string, string[]> {
  const values: Record<string, string[]> = Object.create(null);
  for (const [name, value] of new URLSearchParams(query)) values[name] = [...(values[name] ?? []), value];
  return values;
}

describe('a target', () => {
  it.each([
    ["under the API's own host", { stage: 'prod' }, publicUrl],
    ["under the API's own host, though callers are told another", { stage: 'prod' }, 'https://a.test/base'],
    ['under a custom domain', { basePath: '' }, 'https://a.test'],
    ['under a custom domain with a base path', { basePath: '/base/v1' }, 'https://a.test/base/v1/'],
  ])('comes out as it went in, %s', (_, reached, url) => {
    fc.assert(
      fc.property(target, (given) => {
        const [before = '', query = ''] = given.split('?');
        const made = new URL(requestOf(proxyEvent(given, { reached }), url).url);
        expect(made.origin).toBe(new URL(url).origin);
        expect(made.pathname).toBe(before);
        expect(grouped(made.search)).toEqual(grouped(query));
      }),
    );
  });

  it('is the root where the custom domain has nothing but its base path', () => {
    const event = proxyEvent('', { reached: { basePath: '/base' } });
    expect(requestOf(event, 'https://a.test/base').url).toBe('https://a.test/');
  });

  it("keeps a path that begins like the public URL's, where the stage stood before it", () => {
    expect(requestOf(proxyEvent('/prod/agents')).url).toBe('https://agents.test/prod/agents');
  });

  it('keeps a path that only begins like the base path', () => {
    const event = proxyEvent('/x', { reached: { basePath: '/based' } });
    expect(requestOf(event, 'https://a.test/base').url).toBe('https://a.test/based/x');
  });

  it('is read from single values where there are no multiple ones', () => {
    const event = {
      ...proxyEvent('/agents?tag=a'),
      headers: { 'x-one': '1' },
      multiValueHeaders: null,
      multiValueQueryStringParameters: null,
    };
    const request = requestOf(event);
    expect([request.url, request.headers.get('x-one')]).toEqual(['https://agents.test/agents?tag=a', '1']);
  });
});

describe('headers', () => {
  it('keep all their values, under any spelling, once', () => {
    const event = {
      ...posted({}),
      headers: { 'X-Many': 'c', 'x-single': 's' },
      multiValueHeaders: { 'X-Many': ['a', 'b'], 'x-many': ['c'] },
    };
    const { headers } = requestOf(event);
    expect([headers.get('x-many'), headers.get('x-single')]).toEqual(['a, b, c', 's']);
  });

  it('of one connection, and those of AWS, stay outside', () => {
    const headers = [
      ['Connection', 'close, X-Inner'],
      ['X-Inner', '1'],
      ['Keep-Alive', 'timeout=5'],
      ['Proxy-Authorization', 'Basic x'],
      ['TE', 'trailers'],
      ['Transfer-Encoding', 'chunked'],
      ['Upgrade', 'h2c'],
      ['X-Amzn-Trace-Id', 'Root=1'],
      ['x-amz-cf-id', '1'],
      ['CloudFront-Viewer-Address', '::1'],
      ['Authorization', 'Bearer x'],
    ] as const;
    expect([...requestOf(proxyEvent('/', { headers })).headers]).toEqual([['authorization', 'Bearer x']]);
  });
});

describe('a body', () => {
  it('of any bytes comes through base64 as it is, with its real length', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1 }), async (bytes) => {
        const request = requestOf(posted({ body: bytes, headers: [['content-length', '1']] }));
        expect(request.headers.get('content-length')).toBe(String(bytes.length));
        expect(new Uint8Array(await request.arrayBuffer())).toEqual(bytes);
      }),
    );
  });

  it('of text is UTF-8', async () => {
    expect(await requestOf(posted({ body: '{"a":"🐎"}' })).text()).toBe('{"a":"🐎"}');
  });

  it.each(['GET', 'HEAD'])('is left out with %s, which has none', (method) => {
    const request = requestOf(proxyEvent('/', { method, body: 'x', headers: [['content-length', '1']] }));
    expect([request.body, request.headers.has('content-length')]).toEqual([null, false]);
  });

  it.each(['a', 'ab==c', '====', 'YQ', 'YQ=', '\u2028', 'YWJj\n', '-_-_'])(
    'that says it is base64 and is %j is refused',
    (body) => {
      const event = posted({ members: { body, isBase64Encoded: true } });
      expect(failureOf(event)).toEqual({ code: 'body_malformed', problem: 'base64' });
    },
  );
});

it('ends when the caller is gone', () => {
  const gone = new AbortController();
  const made = toRequest(proxyEvent('/'), { publicUrl, signal: gone.signal });
  gone.abort();
  expect(made).toMatchObject({ ok: true, value: { signal: { aborted: true } } });
});
