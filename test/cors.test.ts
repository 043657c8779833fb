import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rpc, startGateway, type TestGateway } from './support/gateway.ts';

const page = 'https://console.example.com';

function preflight(gateway: TestGateway, origin: string): Promise<Response> {
  return fetch(`${gateway.url}/agents/agent`, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type,a2a-version',
    },
  });
}

function corsHeaders({ headers }: Response): string[] {
  return [...headers.keys()].filter((name) => name.startsWith('access-control-'));
}

describe('a page of a listed origin', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway({ settings: { cors: { allowOrigins: [page] } } });
  });
  afterAll(() => gateway.close());

  it('has its preflight answered without a token', async () => {
    const answer = await preflight(gateway, page);
    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-origin')).toBe(page);
    expect(answer.headers.get('access-control-allow-methods')?.split(', ')).toContain('POST');
    const allowed = answer.headers.get('access-control-allow-headers')?.toLowerCase().split(', ');
    expect(allowed).toEqual(
      expect.arrayContaining(['authorization', 'content-type', 'a2a-version', 'if-match']),
    );
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
  });

  it.each([
    ['an answer', '/agents', {}],
    ['a refusal of the token', '/agents', { authorization: 'Bearer no' }],
    ['a refusal of the path', '/nowhere', {}],
  ])('may read %s', async (_, path, headers) => {
    const answer = await gateway.fetch(path, { headers: { origin: page, ...headers } });
    expect(answer.headers.get('access-control-allow-origin')).toBe(page);
    expect(answer.headers.get('access-control-expose-headers')).toContain('WWW-Authenticate');
    expect(answer.headers.get('vary')).toContain('Origin');
  });

  it('is told by the answer that caches must tell origins apart, whoever asks', async () => {
    expect((await gateway.fetch('/agents')).headers.get('vary')).toBe('Origin');
    const card = await gateway.fetch('/agents/agent/.well-known/agent-card.json');
    expect(card.headers.get('vary')).toBe('Authorization, A2A-Version, Origin');
  });

  it.each([
    'https://evil.example.com',
    'https://console.example.com.evil.example',
    'http://console.example.com',
    'null',
    '*',
  ])('is not %s', async (origin) => {
    const refused = await preflight(gateway, origin);
    expect(refused.status).toBe(405);
    expect(corsHeaders(refused)).toEqual([]);
    const answer = await gateway.fetch('/agents', { headers: { origin } });
    expect(corsHeaders(answer)).toEqual([]);
  });

  it('needs its token all the same: OPTIONS reaches no agent', async () => {
    const calls = gateway.agent.seen.length;
    await preflight(gateway, page);
    const send = await fetch(`${gateway.url}/agents/agent`, {
      ...rpc('SendMessage'),
      headers: { origin: page },
    });
    expect(send.status).toBe(401);
    expect(gateway.agent.seen.length).toBe(calls);
  });
});

describe('without listed origins', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway.close());

  it('no page may read anything', async () => {
    expect(corsHeaders(await preflight(gateway, page))).toEqual([]);
    expect(corsHeaders(await gateway.fetch('/agents', { headers: { origin: page } }))).toEqual([]);
  });
});

describe('with every origin listed', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway({ settings: { cors: { allowOrigins: ['*'] } } });
  });
  afterAll(() => gateway.close());

  it('any page may read', async () => {
    const answer = await gateway.fetch('/agents', { headers: { origin: 'https://any.example' } });
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://any.example');
  });
});
