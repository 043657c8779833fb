import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createRemoteJWKSet, decodeProtectedHeader, type JWTPayload, jwtVerify } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createDevIssuer, type DevIssuer } from '../src/runtimes/node/dev-issuer.ts';
import { loadOrCreateSigningKeys, type SigningKeys } from '../src/runtimes/node/dev-issuer-keys.ts';

const agentAudience = 'http://agents.test';

let directory: string;
let signingKeys: SigningKeys;
let server: RunningIssuer;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dev-issuer-'));
  signingKeys = await loadOrCreateSigningKeys(join(directory, 'keys', 'signing.json'));
  server = await startIssuer();
});

afterAll(async () => {
  await server.close();
  await rm(directory, { recursive: true });
});

afterEach(() => {
  vi.restoreAllMocks();
});

describe('discovery', () => {
  it('names the issuer and puts every endpoint below it', async () => {
    const document = await (await fetch(server.issuer.discoveryUrl)).json();
    expect(document.issuer).toBe(server.issuer.issuer);
    const urls = Object.entries(document).filter(
      ([name]) => name.endsWith('_endpoint') || name.endsWith('_uri'),
    );
    expect(urls.map(([name]) => name).sort()).toEqual([
      'authorization_endpoint',
      'jwks_uri',
      'token_endpoint',
    ]);
    for (const [name, url] of urls) expect(url, name).toMatch(new RegExp(`^${server.issuer.issuer}/`));
    expect(document).toMatchObject({
      jwks_uri: server.issuer.jwksUrl,
      token_endpoint: server.issuer.tokenUrl,
    });
    expect(document.grant_types_supported).toEqual(
      expect.arrayContaining(['authorization_code', 'client_credentials']),
    );
    expect(document.code_challenge_methods_supported).toEqual(['S256']);
  });

  it('says the same however the server was addressed', async () => {
    const { port } = new URL(server.base);
    const elsewhere = await fetch(server.issuer.discoveryUrl.replace('127.0.0.1', 'localhost')).catch(
      () => undefined,
    );
    // Some machines resolve localhost to ::1 only, where nobody listens.
    if (elsewhere === undefined) return;
    expect((await elsewhere.json()).token_endpoint).toBe(`http://127.0.0.1:${port}/dev/issuer/token`);
  });

  it('publishes public keys only', async () => {
    const { keys } = await (await fetch(server.issuer.jwksUrl)).json();
    expect(keys).toHaveLength(1);
    expect(keys[0]).toMatchObject({ kty: 'RSA', alg: 'RS256', use: 'sig' });
    expect(keys[0]).not.toHaveProperty('d');
  });
});

describe('client credentials', () => {
  it.each(['post', 'basic'] as const)(
    'gives an RFC 9068 token for the gateway, secret sent by %s',
    async (method) => {
      const { status, body } = await requestToken('alice', { scope: 'demo' }, { method });
      expect(status).toBe(200);
      expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 3600, scope: 'demo' });
      expect(decodeProtectedHeader(body.access_token)).toMatchObject({ alg: 'RS256', typ: 'at+jwt' });
      const claims = await verified(body.access_token);
      expect(claims).toMatchObject({ sub: 'alice', client_id: 'alice', scope: 'demo', aud: server.base });
      expect(claims.jti).toEqual(expect.any(String));
      expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(3600);
    },
  );

  it.each([
    ['admin', 'gateway:admin demo'],
    ['alice', 'demo'],
    ['bob', 'demo'],
  ])('gives %s all its scopes when the parameter is forgotten', async (client, scope) => {
    const { body } = await requestToken(client, {});
    expect(body.scope).toBe(scope);
    expect(await verified(body.access_token)).toMatchObject({ scope, aud: server.base });
  });

  it('gives a client no more than it asks for', async () => {
    const { body } = await requestToken('admin', { scope: 'demo' });
    expect(await verified(body.access_token)).toMatchObject({ scope: 'demo' });
  });

  it('gives carol a token without scopes', async () => {
    const { status, body } = await requestToken('carol', {});
    expect(status).toBe(200);
    expect(body).not.toHaveProperty('scope');
    const claims = await verified(body.access_token);
    expect(claims).toMatchObject({ sub: 'carol', aud: server.base });
    expect(claims).not.toHaveProperty('scope');
  });

  it('gives the gateway tokens for the agents', async () => {
    const { body } = await requestToken('gateway', {});
    const claims = await verified(body.access_token, agentAudience);
    expect(claims).toMatchObject({ sub: 'gateway', scope: 'invoke', aud: agentAudience });
  });

  it.each([
    ['alice', 'gateway:admin'],
    ['alice', 'demo gateway:admin'],
    ['alice', 'invoke'],
    ['carol', 'demo'],
    ['gateway', 'demo'],
    ['gateway', 'gateway:admin'],
  ])('refuses %s the scope %s', async (client, scope) => {
    const { status, body } = await requestToken(client, { scope });
    expect(status).toBe(400);
    expect(body.error).toBe('invalid_scope');
  });

  it('keeps each client to its own side of the gateway', async () => {
    const alice = await requestToken('alice', { resource: agentAudience });
    expect([alice.status, alice.body.error]).toEqual([400, 'invalid_target']);
    const gateway = await requestToken('gateway', { resource: server.base });
    expect([gateway.status, gateway.body.error]).toEqual([400, 'invalid_target']);
    const same = await requestToken('alice', { resource: server.base });
    expect(same.status).toBe(200);
  });

  it.each(['post', 'basic'] as const)('refuses a wrong secret sent by %s', async (method) => {
    const { status, body } = await requestToken('alice', {}, { method, secret: 'bob-secret' });
    expect(status).toBe(401);
    expect(body.error).toBe('invalid_client');
  });

  it('refuses the public client and unknown ones', async () => {
    const none = await postForm(server.issuer.tokenUrl, {
      grant_type: 'client_credentials',
      client_id: 'console',
    });
    expect(none.status).toBe(400);
    const { status } = await requestToken('mallory', {});
    expect(status).toBe(401);
  });
});

describe('the code flow with PKCE', () => {
  it.each([
    ['admin', 'gateway:admin demo'],
    ['alice', 'demo'],
    ['bob', 'demo'],
    ['carol', undefined],
  ])('signs %s in with that scope', async (user, scope) => {
    const { tokens } = await signIn(user);
    const claims = await verified(tokens.access_token);
    expect(decodeProtectedHeader(tokens.access_token).typ).toBe('at+jwt');
    expect(claims).toMatchObject({ sub: user, client_id: 'console', aud: server.base });
    expect(claims.scope).toBe(scope);
    const { payload } = await jwtVerify(tokens.id_token, jwks(), { audience: 'console' });
    expect(payload).toMatchObject({ sub: user, nonce: 'n1' });
  });

  it.each([
    ['alice', 'openid gateway:admin demo', 'demo'],
    ['alice', 'openid demo', 'demo'],
    ['admin', 'openid demo', 'demo'],
    ['alice', 'openid profile', 'demo'],
    ['alice', 'openid gateway:admin', undefined],
  ])('gives %s who asks for "%s" the scope %s at the console', async (user, asked, granted) => {
    const { tokens } = await signIn(user, { scope: asked });
    expect((await verified(tokens.access_token)).scope).toBe(granted);
  });

  it('asks again at the next sign-in, so that another user can be chosen', async () => {
    const browser = newBrowser();
    await signIn('alice', { browser });
    const { tokens } = await signIn('bob', { browser });
    expect((await verified(tokens.access_token)).sub).toBe('bob');
  });

  it('shows an accessible page that loads nothing and runs nothing', async () => {
    const { response, html } = await begin(newBrowser());
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    expect(policy).not.toContain('script-src');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(html).toContain('<html lang="en">');
    expect(html).toContain('<h1>');
    expect(html).not.toMatch(/<script|<link|<img|@import|https?:/);
    const style = /<style>([\s\S]*)<\/style>/.exec(html)?.[1] ?? '';
    expect(policy).toContain(createHash('sha256').update(style).digest('base64'));
    const users = [...html.matchAll(/<button name="user" value="(\w+)"/g)].map(([, user]) => user);
    expect(users).toEqual(['admin', 'alice', 'bob', 'carol']);
  });

  it('takes a cancelled sign-in back to the console as access_denied', async () => {
    const browser = newBrowser();
    const { url } = await begin(browser);
    const callback = await follow(browser, await browser(url, formOf({ user: '' })));
    expect(callback.searchParams.get('error')).toBe('access_denied');
    expect(callback.searchParams.get('state')).toBe('s1');
  });

  it('refuses a user that is not offered, the gateway included', async () => {
    const browser = newBrowser();
    const { url } = await begin(browser);
    for (const user of ['mallory', 'gateway', 'console']) {
      expect((await browser(url, formOf({ user }))).status).toBe(400);
    }
  });

  it('refuses a choice from a browser that did not ask', async () => {
    const { url } = await begin(newBrowser());
    const stranger = await newBrowser()(url, formOf({ user: 'admin' }));
    expect(stranger.status).toBe(400);
    expect(stranger.headers.get('location')).toBeNull();
  });

  it('refuses a wrong verifier, a second use of the code and a foreign redirect', async () => {
    const wrong = await signIn('alice', { verifier: 'x'.repeat(43) });
    expect(wrong.tokens.error).toBe('invalid_grant');
    const right = await signIn('alice');
    const again = await postForm(server.issuer.tokenUrl, right.exchange);
    expect((await again.json()).error).toBe('invalid_grant');
    const foreign = await newBrowser()(
      authorizationUrl({ redirect_uri: 'http://evil.test/console/callback' }),
    );
    expect(foreign.status).toBe(400);
    expect(foreign.headers.get('location')).toBeNull();
  });

  it('refuses a request without PKCE', async () => {
    const url = new URL(authorizationUrl({}));
    url.searchParams.delete('code_challenge');
    const answer = await newBrowser()(url.href);
    expect(new URL(answer.headers.get('location') ?? '').searchParams.get('error')).toBe('invalid_request');
  });

  it('shows errors on a page of its own, with nothing from elsewhere and nothing reflected raw', async () => {
    const url = authorizationUrl({
      redirect_uri: 'http://evil.test/',
      client_id: '<script>alert(1)</script>',
    });
    const answer = await newBrowser()(url, { headers: { accept: 'text/html' } });
    const html = await answer.text();
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(html).not.toMatch(/<script|fonts|@import/);
  });
});

describe('the signing keys', () => {
  it('are written for the owner alone, and no draft is left', async () => {
    const path = join(directory, 'keys', 'signing.json');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(directory, 'keys'))).toEqual(['signing.json']);
  });

  it('survive a restart, and so do the tokens', async () => {
    const { body } = await requestToken('alice', {});
    const reloaded = await loadOrCreateSigningKeys(join(directory, 'keys', 'signing.json'));
    expect(reloaded).toEqual(signingKeys);
    const restarted = await startIssuer(reloaded);
    try {
      const keys = createRemoteJWKSet(new URL(restarted.issuer.jwksUrl));
      const { payload } = await jwtVerify(body.access_token, keys, { issuer: server.issuer.issuer });
      expect(payload.sub).toBe('alice');
    } finally {
      await restarted.close();
    }
  });

  it('are the same for all who make them at the same moment', async () => {
    const path = join(directory, 'race.json');
    const made = await Promise.all(Array.from({ length: 4 }, () => loadOrCreateSigningKeys(path)));
    expect(new Set(made.map(({ keys }) => keys[0]?.kid)).size).toBe(1);
  });

  it.each(['', '{"keys":[]}', '{"keys":[{"kty":"RSA","n":"x","e":"AQAB"}]}'])(
    'are not made anew over a file that holds %j',
    async (text) => {
      const path = join(directory, 'foreign.json');
      await writeFile(path, text);
      await expect(loadOrCreateSigningKeys(path)).rejects.toThrow('holds no signing keys');
      expect(await readFile(path, 'utf8')).toBe(text);
    },
  );
});

describe('the terminal', () => {
  it('shows nothing of the library when it is imported for the first time', async () => {
    const program = `
      const { createDevIssuer } = await import('./src/runtimes/node/dev-issuer.ts');
      const { loadOrCreateSigningKeys } = await import('./src/runtimes/node/dev-issuer-keys.ts');
      await createDevIssuer({
        issuer: 'http://127.0.0.1:1/dev/issuer',
        audience: 'http://127.0.0.1:1',
        agentAudience: 'http://agents.test',
        signingKeys: await loadOrCreateSigningKeys(process.argv[1]),
      });
      console.warn('started');`;
    const args = ['--import', 'tsx', '--input-type=module', '-e', program, join(directory, 'child.json')];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args);
    expect({ stdout, stderr }).toEqual({ stdout: '', stderr: 'started\n' });
  });

  it('stays free of the remarks of the library, and only of those', async () => {
    const { console } = globalThis;
    const written: string[] = [];
    for (const level of ['log', 'info', 'warn', 'error'] as const) {
      vi.spyOn(console, level).mockImplementation((...words) => void written.push(words.join(' ')));
    }
    const { warn } = console;
    vi.resetModules();
    const fresh = await import('../src/runtimes/node/dev-issuer.ts');
    const starting = fresh.createDevIssuer({
      issuer: 'http://127.0.0.1:1/dev/issuer',
      audience: 'http://127.0.0.1:1',
      agentAudience,
      signingKeys,
    });
    console.warn('someone else');
    await starting;
    await requestToken('alice', {});
    await signIn('alice');
    expect(written).toEqual(['someone else']);
    expect(console.warn).toBe(warn);
  });
});

describe('misuse', () => {
  it.each([
    { issuer: 'http://127.0.0.1:8080' },
    { issuer: 'http://127.0.0.1:8080/dev/issuer/' },
    { audience: 'gateway' },
    { agentAudience: 'agents' },
  ])('of the options is a TypeError: %j', async (wrong) => {
    const right = {
      issuer: 'http://127.0.0.1:1/dev/issuer',
      audience: 'http://a.test',
      agentAudience,
      signingKeys,
    };
    await expect(createDevIssuer({ ...right, ...wrong })).rejects.toThrow(TypeError);
  });

  it('owns its own paths only', () => {
    expect(server.issuer.owns('/dev/issuer')).toBe(true);
    expect(server.issuer.owns('/dev/issuer/token')).toBe(true);
    expect(server.issuer.owns('/dev/issuers')).toBe(false);
    expect(server.issuer.owns('/agents')).toBe(false);
  });
});

interface RunningIssuer {
  base: string;
  issuer: DevIssuer;
  close(): Promise<void>;
}

async function startIssuer(keys: SigningKeys = signingKeys): Promise<RunningIssuer> {
  const http: Server = createServer();
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const issuer = await createDevIssuer({
    issuer: `${base}/dev/issuer`,
    audience: base,
    agentAudience,
    signingKeys: keys,
  });
  http.on('request', (request, response) => issuer.handle(request, response));
  const close = async () => {
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
  };
  return { base, issuer, close };
}

function postForm(url: string, fields: Record<string, string>, headers: Record<string, string> = {}) {
  return fetch(url, { method: 'POST', body: new URLSearchParams(fields), headers });
}

async function requestToken(
  client: string,
  fields: Record<string, string>,
  { method = 'post', secret = `${client}-secret` }: { method?: 'post' | 'basic'; secret?: string } = {},
) {
  const form = { grant_type: 'client_credentials', ...fields };
  const response =
    method === 'post'
      ? await postForm(server.issuer.tokenUrl, { ...form, client_id: client, client_secret: secret })
      : await postForm(server.issuer.tokenUrl, form, {
          authorization: `Basic ${btoa(`${client}:${secret}`)}`,
        });
  return { status: response.status, body: await response.json() };
}

function jwks() {
  return createRemoteJWKSet(new URL(server.issuer.jwksUrl));
}

async function verified(token: string, audience: string = server.base): Promise<JWTPayload> {
  const { payload } = await jwtVerify(token, jwks(), {
    issuer: server.issuer.issuer,
    audience,
    typ: 'at+jwt',
  });
  return payload;
}

const codeVerifier = 'v'.repeat(64);

function authorizationUrl(more: Record<string, string>): string {
  const url = new URL(`${server.issuer.issuer}/auth`);
  const parameters = {
    response_type: 'code',
    client_id: 'console',
    redirect_uri: `${server.base}/console/callback`,
    scope: 'openid',
    state: 's1',
    nonce: 'n1',
    code_challenge: createHash('sha256').update(codeVerifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...more,
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

type Browser = (url: string, init?: RequestInit) => Promise<Response>;

/** A cookie jar of its own, paths respected, redirects left to the test. */
function newBrowser(): Browser {
  const jar = new Map<string, { value: string; path: string }>();
  return async (url, init = {}) => {
    const { pathname } = new URL(url);
    const sent = [...jar].filter(([, { path }]) => pathname.startsWith(path));
    const headers = new Headers(init.headers);
    headers.set('cookie', sent.map(([name, { value }]) => `${name}=${value}`).join('; '));
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      const path = /path=([^;]+)/i.exec(line)?.[1] ?? '/';
      expect(line).toMatch(/httponly/i);
      expect(line).toMatch(/samesite=lax/i);
      if (value === '' || /expires=Thu, 01 Jan 1970/.test(line)) jar.delete(name);
      else jar.set(name, { value, path });
    }
    return response;
  };
}

function formOf(fields: Record<string, string>): RequestInit {
  return { method: 'POST', body: new URLSearchParams(fields) };
}

/** To the sign-in page. */
async function begin(browser: Browser, more: Record<string, string> = {}) {
  const asked = await browser(authorizationUrl(more));
  const url = new URL(asked.headers.get('location') ?? '', server.base).href;
  const response = await browser(url);
  return { url, response, html: await response.text() };
}

/** From the sign-in page back to the console: the first redirect that leaves the issuer. */
async function follow(browser: Browser, response: Response): Promise<URL> {
  let at = new URL(response.headers.get('location') ?? '', server.base);
  for (let hop = 0; at.pathname.startsWith('/dev/issuer') && hop < 5; hop += 1) {
    const next = await browser(at.href);
    at = new URL(next.headers.get('location') ?? '', server.base);
  }
  return at;
}

async function signIn(
  user: string,
  { scope = 'openid', verifier = codeVerifier, browser = newBrowser() } = {},
) {
  const { url } = await begin(browser, { scope });
  const callback = await follow(browser, await browser(url, formOf({ user })));
  expect(callback.href.startsWith(`${server.base}/console/callback?`)).toBe(true);
  expect(callback.searchParams.get('state')).toBe('s1');
  expect(callback.searchParams.get('iss')).toBe(server.issuer.issuer);
  const exchange = {
    grant_type: 'authorization_code',
    client_id: 'console',
    code: callback.searchParams.get('code') ?? '',
    redirect_uri: `${server.base}/console/callback`,
    code_verifier: verifier,
  };
  const tokens = await (await postForm(server.issuer.tokenUrl, exchange)).json();
  return { tokens, exchange };
}
