import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AuthConfig } from '../src/backends/auth-config.ts';
import { createBackends } from '../src/backends/backends.ts';
import type { Upstream } from '../src/ports.ts';
import { createUpstream } from '../src/upstream/undici-upstream.ts';
import { answerJson, nextCall, type ScriptedAgent, startScriptedAgent } from './support/scripted-agent.ts';

/** How long a backend's token is kept, by a clock that is given. */

const rules = { allowHttp: true, allowAddresses: ['127.0.0.0/8'] };
const upstream = createUpstream({ rules });
let issuer: ScriptedAgent;
let nowMs = 0;

beforeAll(async () => {
  issuer = await startScriptedAgent();
});
afterAll(() => Promise.all([upstream.close(), issuer.close()]));
beforeEach(() => issuer.seen.splice(0));

interface TokenSource {
  tokenFor(auth: AuthConfig): Promise<string>;
}

function tokenSource({ through = upstream as Upstream, kept = ['secret'] } = {}): TokenSource {
  const secrets = {
    put: async () => {},
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
    async tokenFor(auth) {
      const outgoing = await credentials.apply(auth, request, { agentId: 'agent', requestId: 'r' });
      return outgoing?.headers.authorization?.replace('Bearer ', '') ?? '';
    },
  };
}

function config() {
  return {
    type: 'oauth2_client_credentials' as const,
    tokenUrl: `${issuer.url}/token`,
    clientId: 'gateway',
    scopes: [],
    secretName: 'agents/agent/1',
  };
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
    ['an hour', 3_600, 3_540_000],
    ['a minute', 60, 54_000],
    ['a second', 1, 900],
    ['ten minutes, as a text', '600', 540_000],
    ['no time it says', undefined, 54_000],
    ['no time it can say', 'soon', 54_000],
    ['less than no time', -1, 54_000],
  ])('that lives %s is used until shortly before its end', async (_, expiresIn, staleAfterMs) => {
    issues(expiresIn);
    const tokens = tokenSource();
    nowMs = 1_000_000;
    expect(await tokens.tokenFor(config())).toBe('token-1');
    nowMs += staleAfterMs - 1;
    expect(await tokens.tokenFor(config())).toBe('token-1');
    nowMs += 1;
    const renewed = await Promise.all([tokens.tokenFor(config()), tokens.tokenFor(config())]);
    expect(renewed).toEqual(['token-2', 'token-2']);
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
      send: (request) => upstream.send({ ...request, headersTimeoutMs: 50 }),
    };
    const held = nextCall(issuer);
    await expect(tokenSource({ through: hurried }).tokenFor(config())).rejects.toMatchObject({
      failure: { code: 'credential_unavailable' },
      cause: { failure: { code: 'upstream_timeout' } },
    });
    await (await held).closed;
  });
});
