import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuthConfig, SecretValues } from '../src/backends/auth-config.ts';
import { createBackends } from '../src/backends/backends.ts';
import type { OutgoingRequest } from '../src/backends/request.ts';
import type { SendToBackend } from '../src/backends/send.ts';
import type { Clock, Upstream } from '../src/ports.ts';
import type { AwsCredentials } from '../src/runtimes/aws-credentials.ts';
import { createAwsSigner } from '../src/runtimes/aws-signer.ts';
import { createNodeUpstream } from '../src/upstream/node-upstream.ts';
import { createUpstream } from '../src/upstream/undici-upstream.ts';
import { type AwsService, exampleKeys, keysOf, startAwsService } from './support/aws-service.ts';
import { failsWith } from './support/upstream-servers.ts';

/** What is signed is what is on the wire, as a verifier sees it that shares no code with the signer. */

const startMs = Date.UTC(2026, 0, 2, 3, 4, 5);
const rules = { allowHttp: true, allowAddresses: ['127.0.0.0/8'] };
const upstreams = { undici: createUpstream({ rules }), node: createNodeUpstream({ rules }) };

let service: AwsService;
const nowMs = startMs;
const clock: Clock = { nowMs: () => nowMs };

beforeAll(async () => {
  service = await startAwsService({
    region: 'eu-west-1',
    service: 'execute-api',
    clock,
    keys: keysOf(exampleKeys),
  });
});
afterAll(async () => {
  await Promise.all([service.close(), upstreams.undici.close(), upstreams.node.close()]);
});

function sender(upstream: Upstream, fetched: () => AwsCredentials = noCredentials): SendToBackend {
  return createBackends({
    upstream,
    clock,
    newId: () => 'id',
    secrets: noSecrets,
    aws: createAwsSigner({ clock, fetchCredentials: async () => fetched() }),
    currentAuth: async () => undefined,
  }).send;
}

function noCredentials(): never {
  throw new Error('no credentials');
}

const noSecrets = {
  put: async () => {},
  create: async () => false,
  get: async () => undefined,
  delete: async () => {},
  list: async () => [],
};

const byKeys: AuthConfig = {
  type: 'aws_sigv4',
  region: 'eu-west-1',
  service: 'execute-api',
  accessKeyId: exampleKeys.accessKeyId,
};
const byItself: AuthConfig = { type: 'aws_sigv4', region: 'eu-west-1', service: 'execute-api' };

interface Sent {
  request?: Partial<OutgoingRequest>;
  auth?: AuthConfig;
  secrets?: SecretValues;
}

async function statusOf(
  send: SendToBackend,
  { request = {}, auth = byKeys, secrets }: Sent = {},
): Promise<number> {
  const response = await send({
    to: { agentId: 'agent', authConfig: auth },
    request: {
      method: 'GET',
      url: new URL(service.url),
      headers: {},
      headersTimeoutMs: 10_000,
      idleTimeoutMs: 10_000,
      ...request,
    },
    facts: { agentId: 'agent', requestId: 'request' },
    secrets: secrets ?? { secretAccessKey: exampleKeys.secretAccessKey },
  });
  response.close();
  return response.status;
}

const oddText = fc.string({
  unit: fc.constantFrom(...'abcXYZ019-._~ /:@!$\'()*,;&=+%2F%"<>\\^`{|}[]éሴ😀'),
  maxLength: 12,
});
const name = fc.constantFrom(
  'a2a-version',
  'accept',
  'content-type',
  'traceparent',
  'user-agent',
  'x-request-id',
);
const value = fc.string({ unit: fc.constantFrom(...'aZ0 ,;=/"é'), maxLength: 12 }).map((text) => text.trim());
const requests = fc.record({
  method: fc.constantFrom('GET' as const, 'DELETE' as const, 'POST' as const),
  path: fc.array(oddText, { maxLength: 4 }).map((segments) => `/${segments.join('/').replaceAll('?', '')}`),
  query: fc.array(fc.tuple(oddText, oddText), { maxLength: 4 }),
  headers: fc.dictionary(name, value, { maxKeys: 4, noNullPrototype: true }),
  body: fc.option(fc.oneof(fc.string(), fc.uint8Array({ maxLength: 64 })), { nil: undefined }),
});

describe.each(Object.entries(upstreams))('a request signed and sent by %s', (_, upstream) => {
  it('is accepted whatever its path, query, headers and body', async () => {
    const send = sender(upstream);
    await fc.assert(
      fc.asyncProperty(requests, async ({ method, path, query, headers, body }) => {
        const url = new URL(service.url);
        url.pathname = path;
        url.search = query.map(([name, value]) => `${name}=${value}`).join('&');
        const withBody = method === 'POST' && body !== undefined && { body };
        expect(await statusOf(send, { request: { method, url, headers, ...withBody } })).toBe(200);
      }),
      { numRuns: 150 },
    );
  });

  it.each([
    '/runtimes/arn%3Aaws%3Abedrock-agentcore%3Aus-west-2%3A123456789012%3Aruntime%2Fa-b/invocations',
    '/tasks/a%2Fb%20c',
    '/a//b/./c/',
    '/',
    '/tasks?q=a+b&q=a%20b&b=%2B&a',
    "/tasks?filter[x]='(*)'&x",
  ])('is accepted at %s', async (target) => {
    const url = new URL(target, service.url);
    expect(await statusOf(sender(upstream), { request: { url } })).toBe(200);
  });

  it('hands its query on with the meaning it had', async () => {
    const url = new URL("/tasks?q=a+b&q=%2B&odd='(*)'&x", service.url);
    await statusOf(sender(upstream), { request: { url } });
    const [path, query] = service.seen.at(-1)?.target.split('?') ?? [];
    expect([path, [...new URLSearchParams(query)]]).toEqual([
      '/tasks',
      [
        ['q', 'a b'],
        ['q', '+'],
        ['odd', "'(*)'"],
        ['x', ''],
      ],
    ]);
    expect(query).toBe('q=a%20b&q=%2B&odd=%27%28%2A%29%27&x=');
  });

  it('carries the session of temporary keys', async () => {
    const temporary = {
      ...exampleKeys,
      accessKeyId: 'ASIATEMPORARYEXAMPLE',
      sessionToken: 'the/session+token==',
    };
    const { secretAccessKey, sessionToken } = temporary;
    service.keys[temporary.accessKeyId] = { secretAccessKey, sessionToken };
    const auth = { ...byKeys, accessKeyId: temporary.accessKeyId };
    expect(await statusOf(sender(upstream), { auth, secrets: { secretAccessKey, sessionToken } })).toBe(200);
  });

  it('is not sent where there are no credentials', async () => {
    const seen = service.seen.length;
    const sent = statusOf(sender(upstream), { auth: byItself, secrets: {} });
    await expect(sent).rejects.toMatchObject(failsWith('credential_unavailable', { problem: 'aws' }));
    expect(service.seen.length).toBe(seen);
  });
});

describe('a service refuses', () => {
  const send = sender(upstreams.undici);

  it.each<[string, Sent, string]>([
    ['another key', { secrets: { secretAccessKey: 'another' } }, 'signature'],
    ['another region', { auth: { ...byKeys, region: 'eu-west-2' } }, 'scope'],
    ['another service', { auth: { ...byKeys, service: 'lambda' } }, 'scope'],
    ['a session that is none', { secrets: { ...exampleKeys, sessionToken: 'x' } }, 'session'],
  ])('%s', async (_, sent, verdict) => {
    expect(await statusOf(send, sent).catch(() => 'refused')).toBeOneOf([403, 'refused']);
    expect(service.verdicts.at(-1)).toBe(verdict);
  });

  it('a signature of another time', async () => {
    const late = sender(upstreams.undici);
    service.aheadMs = 301_000;
    expect(await statusOf(late)).toBe(403);
    expect(service.verdicts.at(-1)).toBe('skew');
    service.aheadMs = 0;
    expect(await statusOf(late)).toBe(200);
  });

  it('what was changed on the way: target, host, headers and body', async () => {
    await statusOf(send, {
      request: { method: 'POST', body: '{"a":1}', headers: { 'x-request-id': 'one' } },
    });
    const sent = service.seen.at(-1);
    if (sent === undefined) throw new Error('nothing was sent');
    const changed = (rawHeaders: readonly string[]) => service.verdictOf({ ...sent, rawHeaders });
    expect(service.verdictOf(sent)).toBe('valid');
    expect(service.verdictOf({ ...sent, target: '/other' })).toBe('signature');
    expect(service.verdictOf({ ...sent, target: '/?a=b' })).toBe('signature');
    expect(service.verdictOf({ ...sent, method: 'DELETE' })).toBe('signature');
    expect(service.verdictOf({ ...sent, body: Buffer.from('{"a":2}') })).toBe('body');
    expect(changed(sent.rawHeaders.map((text) => (text === 'one' ? 'two' : text)))).toBe('signature');
    expect(changed([...sent.rawHeaders, 'x-added', 'x'])).toBe('unsigned');
    // Whoever was sent a signature can use it nowhere else.
    const host = new URL(service.url).host;
    expect(
      changed(sent.rawHeaders.map((text) => (text === host ? 'lambda.eu-west-1.amazonaws.com' : text))),
    ).toBe('signature');
  });
});

describe('credentials that expired', () => {
  /** Each fetch gives the next of these. */
  function fetching(...names: string[]): { fetched: string[]; fetch: () => AwsCredentials } {
    const fetched: string[] = [];
    return {
      fetched,
      fetch: () => {
        const accessKeyId = names[fetched.length] ?? 'NONE';
        fetched.push(accessKeyId);
        return { accessKeyId, secretAccessKey: `secret of ${accessKeyId}` };
      },
    };
  }

  it('are fetched again once, and the call is sent again', async () => {
    service.keys.ASIAOLD = { secretAccessKey: 'secret of ASIAOLD', expiresAtMs: nowMs };
    service.keys.ASIANEW = { secretAccessKey: 'secret of ASIANEW' };
    const { fetched, fetch } = fetching('ASIAOLD', 'ASIANEW');
    const send = sender(upstreams.undici, fetch);
    const calls = Array.from({ length: 5 }, () => statusOf(send, { auth: byItself, secrets: {} }));
    expect(await Promise.all(calls)).toEqual([200, 200, 200, 200, 200]);
    expect(fetched).toEqual(['ASIAOLD', 'ASIANEW']);
  });

  it('are not presented twice', async () => {
    service.keys.ASIAOLD = { secretAccessKey: 'secret of ASIAOLD', expiresAtMs: nowMs };
    const { fetched, fetch } = fetching('ASIAOLD', 'ASIAOLD');
    const seen = service.seen.length;
    const sent = statusOf(sender(upstreams.undici, fetch), { auth: byItself, secrets: {} });
    await expect(sent).rejects.toMatchObject(failsWith('upstream_unauthorized'));
    expect([fetched.length, service.seen.length - seen]).toEqual([2, 1]);
  });

  it('of an owner are the end of it', async () => {
    const [key = ''] = Object.keys(keysOf(exampleKeys));
    service.keys[key] = { ...exampleKeys, expiresAtMs: nowMs };
    const seen = service.seen.length;
    await expect(statusOf(sender(upstreams.undici))).rejects.toMatchObject(
      failsWith('upstream_unauthorized'),
    );
    expect(service.seen.length - seen).toBe(1);
    service.keys[key] = { secretAccessKey: exampleKeys.secretAccessKey };
  });
});
