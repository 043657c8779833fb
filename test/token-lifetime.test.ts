import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AuthConfig } from '../src/backends/auth-config.ts';
import { createBackends } from '../src/backends/backends.ts';
import type { CallFacts } from '../src/backends/request.ts';
import type { Upstream } from '../src/ports.ts';
import { createUpstream } from '../src/upstream/undici-upstream.ts';
import { answerJson, nextCall, type ScriptedAgent, startScriptedAgent } from './support/scripted-agent.ts';
import { newKeyTexts } from './support/token-kinds.ts';

/** How long a backend's token is kept, by a clock that is given. */

const rules = { allowHttp: true, allowAddresses: ['127.0.0.0/8'] };
const upstream = createUpstream({ rules });
let issuer: ScriptedAgent;
const key = await newKeyTexts('ES256');
let nowMs = 0;

beforeAll(async () => {
  issuer = await startScriptedAgent();
});
afterAll(() => Promise.all([upstream.close(), issuer.close()]));
beforeEach(() => issuer.seen.splice(0));

interface TokenSource {
  tokenFor(auth: AuthConfig, caller?: CallFacts['caller']): Promise<string>;
  expiresAtMs(auth: AuthConfig): Promise<number | undefined>;
}

/** Two calls at once. */
function twice(tokens: TokenSource): Promise<string[]> {
  return Promise.all([tokens.tokenFor(config()), tokens.tokenFor(config())]);
}

function tokenSource({ through = upstream as Upstream, kept = ['secret'] } = {}): TokenSource {
  const secrets = {
    put: async () => {},
    create: async () => false,
    get: async () => kept[0],
    delete: async () => {},
    list: async () => [],
  };
  const { credentials } = createBackends({
    ...{ upstream: through, secrets, clock: { nowMs: () => nowMs }, newId: () => 'id' },
    currentAuth: async () => undefined,
  });
  const request = { method: 'GET' as const, url: new URL('https://agent.example/'), headers: {} };
  return {
    async tokenFor(auth, caller) {
      const facts = { agentId: 'agent', requestId: 'r', ...(caller !== undefined && { caller }) };
      const outgoing = await credentials.apply(auth, request, facts);
      return outgoing?.headers.authorization?.replace('Bearer ', '') ?? '';
    },
    expiresAtMs: (auth) => credentials.expiresAtMs(auth, 'agent'),
  };
}

function config() {
  return {
    type: 'oauth2_client_credentials' as const,
    tokenUrl: `${issuer.url}/token`,
    clientId: 'gateway',
    scopes: [],
    groups: [],
    grantees: [],
    secretName: 'agents/agent/1',
  };
}

function answerToken(response: ServerResponse, token: string, expiresIn: number): void {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ access_token: token, token_type: 'Bearer', expires_in: expiresIn }));
}

function issues(expiresIn: unknown): void {
  issuer.script((request, response, incoming) => {
    const token = {
      access_token: `token-${issuer.seen.length}`,
      token_type: 'Bearer',
      expires_in: expiresIn,
    };
    answerJson(token)(request, response, incoming);
  });
}

describe('a token', () => {
  it.each([
    ['an hour', 3_600, 3_240_000, 3_570_000],
    ['a minute', 60, 54_000, 57_000],
    ['a second', 1, 900, 950],
    ['ten minutes, as a text', '600', 540_000, 570_000],
    ['no time it says', undefined, 54_000, 57_000],
    ['no time it can say', 'soon', 54_000, 57_000],
    ['less than no time', -1, 54_000, 57_000],
    ['for ever', 1e300, 77_760_000, 86_370_000],
  ])(
    'that lives %s is renewed in the background, then waited for',
    async (_, expiresIn, renewAfterMs, staleAfterMs) => {
      issues(expiresIn);
      const tokens = tokenSource();
      nowMs = 1_000_000;
      expect(await tokens.tokenFor(config())).toBe('token-1');
      nowMs += renewAfterMs - 1;
      expect(await tokens.tokenFor(config())).toBe('token-1');
      expect(issuer.seen).toHaveLength(1);
      const held = nextCall(issuer);
      nowMs += 1;
      expect(await twice(tokens)).toEqual(['token-1', 'token-1']);
      const { response } = await held;
      nowMs += staleAfterMs - renewAfterMs;
      const renewed = twice(tokens);
      answerToken(response, 'renewed', 3_600);
      expect(await renewed).toEqual(['renewed', 'renewed']);
      expect(issuer.seen).toHaveLength(2);
    },
  );

  it('that cannot be renewed is used to its very end, and the endpoint not asked by every call', async () => {
    issues(3_600);
    const tokens = tokenSource();
    nowMs = 1_000_000;
    expect(await tokens.tokenFor(config())).toBe('token-1');
    issuer.script((_request, response) => void response.destroy());
    nowMs += 3_595_000;
    expect(await twice(tokens)).toEqual(['token-1', 'token-1']);
    nowMs += 4_999;
    expect(await twice(tokens)).toEqual(['token-1', 'token-1']);
    expect(issuer.seen).toHaveLength(2);
    nowMs += 1;
    const failure = { code: 'credential_unavailable', problem: 'token_endpoint' };
    await expect(tokens.tokenFor(config())).rejects.toMatchObject({ failure });
  });

  it('is asked for without scopes where none are registered', async () => {
    issues(60);
    await tokenSource().tokenFor(config());
    expect(issuer.seen[0]?.body).toBe('grant_type=client_credentials');
  });

  it.each([
    ['client', { clientId: 'other' }],
    ['scopes', { scopes: ['more'] }],
    ['secret', { secretName: 'agents/agent/2' }],
  ])('is not the same for another %s', async (_, members) => {
    issues(3_600);
    const tokens = tokenSource();
    expect(await tokens.tokenFor(config())).toBe('token-1');
    expect(await tokens.tokenFor({ ...config(), ...members })).toBe('token-2');
  });

  it('is not asked for without a secret', async () => {
    const tokens = tokenSource({ kept: [] });
    const failure = { code: 'credential_unavailable' };
    await expect(tokens.tokenFor(config())).rejects.toMatchObject({ failure });
    expect(issuer.seen).toEqual([]);
  });

  it('that does not come in time is not waited for', async () => {
    const hurried: Upstream = {
      ...upstream,
      send: (request) => upstream.send({ ...request, headersTimeoutMs: 1_000 }),
    };
    const held = nextCall(issuer);
    await expect(tokenSource({ through: hurried }).tokenFor(config())).rejects.toMatchObject({
      failure: { code: 'credential_unavailable' },
      cause: { failure: { code: 'upstream_timeout' } },
    });
    await (await held).closed;
  });
});

/** A caller whose token ends a number of seconds after the epoch. */
function callerUntil(expiresAtSeconds: number, token = 'callers-token'): CallFacts['caller'] {
  return {
    token,
    principal: {
      issuer: 'https://idp.test',
      subject: 'alice',
      scopes: [],
      groups: [],
      grantees: [],
      expiresAtSeconds,
    },
  };
}

describe.each([
  ['client credentials', () => config(), ['a-secret']],
  ['an exchange', () => ({ ...config(), type: 'oauth2_token_exchange' }), ['a-secret']],
  [
    'an assertion',
    () => ({
      ...config(),
      type: 'oauth2_jwt_bearer',
      issuer: 'me',
      algorithm: 'ES256',
      secretMembers: ['privateKey'],
    }),
    [JSON.stringify({ privateKey: key.pem })],
  ],
] satisfies [string, () => AuthConfig, string[]][])('a token by %s', (_, auth, kept) => {
  it('is asked for once by 500 who wait, and tells when it ends', async () => {
    const tokens = tokenSource({ kept });
    nowMs = 1_000_000;
    const held = nextCall(issuer);
    const waiting = Array.from({ length: 500 }, () => tokens.tokenFor(auth(), callerUntil(10_000)));
    const { response } = await held;
    expect(await tokens.expiresAtMs(auth())).toBeUndefined();
    answerToken(response, 'shared', 600);
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['shared']));
    expect(issuer.seen).toHaveLength(1);
    expect(await tokens.expiresAtMs(auth())).toBe(1_600_000);
    nowMs = 1_600_000;
    expect(await tokens.expiresAtMs(auth())).toBeUndefined();
  });
});

describe("a token made of a caller's", () => {
  const auth = () => ({ ...config(), type: 'oauth2_token_exchange' });

  it("ends with the caller's, and is not renewed for it", async () => {
    issues(3_600);
    const tokens = tokenSource();
    nowMs = 1_000_000;
    expect(await tokens.tokenFor(auth(), callerUntil(1_100))).toBe('token-1');
    expect(await tokens.expiresAtMs(auth())).toBe(1_100_000);
    nowMs = 1_099_999;
    expect(await tokens.tokenFor(auth(), callerUntil(1_100))).toBe('token-1');
    expect(issuer.seen).toHaveLength(1);
    nowMs = 1_100_000;
    const failure = { code: 'credential_unavailable', problem: 'caller' };
    await expect(tokens.tokenFor(auth(), callerUntil(1_100))).rejects.toMatchObject({ failure });
    expect(issuer.seen).toHaveLength(1);
  });

  it("is not another's, and tells of the first that ends", async () => {
    issues(3_600);
    const tokens = tokenSource();
    nowMs = 1_000_000;
    expect(await tokens.tokenFor(auth(), callerUntil(1_900, 'one'))).toBe('token-1');
    expect(await tokens.tokenFor(auth(), callerUntil(1_200, 'other'))).toBe('token-2');
    expect(await tokens.tokenFor(auth(), callerUntil(1_900, 'one'))).toBe('token-1');
    expect(await tokens.expiresAtMs(auth())).toBe(1_200_000);
  });

  it('is not to be had where nobody calls', async () => {
    const failure = { code: 'credential_unavailable', problem: 'caller' };
    await expect(tokenSource().tokenFor(auth())).rejects.toMatchObject({ failure });
    expect(issuer.seen).toEqual([]);
  });
});
