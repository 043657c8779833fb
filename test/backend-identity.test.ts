import {
  createRemoteJWKSet,
  decodeJwt,
  errors,
  type JWTPayload,
  type JWTVerifyOptions,
  jwtVerify,
} from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bindings, call, expectRefusal, success } from './support/bindings.ts';
import { cites } from './support/cites.ts';
import { permit, register, startGateway, type TestGateway } from './support/gateway.ts';
import { errorInfo } from './support/raw.ts';
import { answerJson, cardAt, type SeenRequest } from './support/scripted-agent.ts';

/** The gateway says in its own name who calls, to a backend that believes what it can verify. */

const publicUrl = 'http://127.0.0.1:1';
let gateway: TestGateway;
let agents = 0;

beforeAll(async () => {
  gateway = await startGateway({ registration: null });
  await permit(gateway, 'demo', { allowedAgents: ['*'], operations: ['send', 'stream', 'read'] });
});
afterAll(() => gateway.close());
beforeEach(() => void gateway.agent.seen.splice(0));

async function newAgent(members: Record<string, unknown> = {}, more: object = {}): Promise<string> {
  const agentId = `known-${++agents}`;
  await register(gateway, { agentId, authConfig: { type: 'gateway_identity', ...members }, ...more });
  return agentId;
}

/** A backend's check, as `docs/backends.md` has it: all but `jti`. */
function verifier(agentId: string, options: JWTVerifyOptions = {}) {
  const keys = createRemoteJWKSet(new URL(`${gateway.url}/.well-known/jwks.json`));
  return async (token: string): Promise<JWTPayload> => {
    const { payload } = await jwtVerify(token, keys, {
      issuer: publicUrl,
      audience: gateway.agent.url,
      typ: 'a2a-gateway-identity+jwt',
      algorithms: ['ES256'],
      maxTokenAge: 60,
      clockTolerance: 5,
      requiredClaims: ['sub', 'jti', 'exp'],
      ...options,
    });
    if (payload.agent_id !== agentId) throw new errors.JWTClaimValidationFailed('agent', payload, 'agent_id');
    return payload;
  };
}

/** Answers those whom the check lets through, each token once. */
function serveVerified(verify: (token: string) => Promise<JWTPayload>, tokenOf = bearerOf): void {
  const seenIds = new Set<unknown>();
  gateway.agent.script(async (request, response, incoming) => {
    const payload = await verify(tokenOf(request)).catch(() => undefined);
    const isNew = payload !== undefined && !seenIds.has(payload.jti);
    seenIds.add(payload?.jti);
    const body = success(request.target === '/rpc' ? 'JSON-RPC' : 'HTTP+JSON', {});
    answerJson(body, isNew ? 200 : 401)(request, response, incoming);
  });
}

function bearerOf({ headers }: SeenRequest): string {
  return headers.authorization?.replace('Bearer ', '') ?? '';
}

/** The token that reached the agent last. */
function lastToken(): string {
  const [last] = gateway.agent.seen.slice(-1);
  return last === undefined ? '' : bearerOf(last);
}

describe("the gateway's keys", () => {
  it('are anyone’s to read, and to keep for a while', async () => {
    const read = () => fetch(`${gateway.url}/.well-known/jwks.json`);
    const before = await read();
    expect(before.headers.get('cache-control')).toBe('no-store');
    const ofCards = (await before.json()) as { keys: unknown[] };
    gateway.agent.script(answerJson({}));
    await call(gateway, 'HTTP+JSON', 'GetTask', { agentId: await newAgent() });
    const set = await read();
    expect(set.headers.get('cache-control')).toBe('public, max-age=300');
    const { keys } = (await set.json()) as { keys: Record<string, unknown>[] };
    expect(keys.slice(1)).toEqual(ofCards.keys);
    expect(Object.keys(keys[0] ?? {}).toSorted()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
  });

  it('outlive a restart, and so does what they signed', async () => {
    const agentId = await newAgent();
    gateway.agent.script(answerJson({}));
    await call(gateway, 'HTTP+JSON', 'GetTask', { agentId });
    const token = lastToken();
    await gateway.restart();
    await verifier(agentId)(token);
    await call(gateway, 'HTTP+JSON', 'GetTask', { agentId });
    await verifier(agentId)(lastToken());
  });
});

describe('a token of the gateway', () => {
  it.each(bindings)('lets the call through to a backend that verifies it in %s', async (binding) => {
    const agentId = await newAgent();
    serveVerified(verifier(agentId));
    for (const operation of ['GetTask', 'SendMessage', 'SendStreamingMessage'] as const) {
      const response = await call(gateway, binding, operation, { agentId });
      expect([response.status, await response.text()]).toEqual([200, success(binding, {})]);
    }
  });

  it('says who calls, whom, and in which request, and no more', async () => {
    const agentId = await newAgent();
    gateway.agent.script(answerJson({}));
    const answer = await call(gateway, 'HTTP+JSON', 'GetTask', { agentId });
    const claims = decodeJwt(lastToken());
    expect(claims).toEqual({
      iss: publicUrl,
      aud: gateway.agent.url,
      sub: 'alice',
      caller_issuer: gateway.issuer.issuer,
      client_id: 'alice',
      agent_id: agentId,
      request_id: answer.headers.get('x-request-id'),
      jti: expect.stringMatching(/^[\w-]{20,}$/),
      iat: expect.any(Number),
      exp: (claims.iat ?? 0) + 60,
    });
  });

  it('says the scopes where the registration wants it', async () => {
    const agentId = await newAgent({ includeScopes: true, audience: 'urn:billing' });
    gateway.agent.script(answerJson({}));
    await call(gateway, 'HTTP+JSON', 'GetTask', { agentId });
    expect(decodeJwt(lastToken())).toMatchObject({ scope: 'demo', aud: 'urn:billing' });
  });

  it('is in the header that was chosen, beside another credential or alone', async () => {
    const custom = 'X-Amzn-Bedrock-AgentCore-Runtime-Custom-Identity';
    const tokenOf = ({ headers }: SeenRequest) => String(headers[custom.toLowerCase()]);
    const alone = await newAgent({ header: custom });
    serveVerified(verifier(alone), tokenOf);
    expect((await call(gateway, 'HTTP+JSON', 'GetTask', { agentId: alone })).status).toBe(200);
    expect(gateway.agent.seen.at(-1)?.headers.authorization).toBeUndefined();
    const beside = await newAgent({ type: 'bearer', token: 'abc', gatewayIdentity: { header: custom } });
    serveVerified(verifier(beside), tokenOf);
    expect((await call(gateway, 'HTTP+JSON', 'GetTask', { agentId: beside })).status).toBe(200);
    expect(gateway.agent.seen.at(-1)?.headers.authorization).toBe('Bearer abc');
  });

  it('names the gateway where it calls for itself', async () => {
    gateway.agent.script(answerJson(cardAt(gateway.agent.url)));
    const card = {
      agentCardUrl: `${gateway.agent.url}/card.json`,
      backend: { type: 'http', authenticateCard: true },
    };
    const agentId = await newAgent({}, card);
    const claims = await verifier(agentId)(lastToken());
    expect([claims.sub, claims.caller_issuer, claims.client_id]).toEqual([publicUrl, undefined, undefined]);
  });

  it('is in no log line and no answer', async () => {
    const agentId = await newAgent();
    gateway.agent.script(answerJson({}, 500));
    const answer = await call(gateway, 'HTTP+JSON', 'GetTask', { agentId });
    const shown = await gateway.admin('GET', `/admin/agents/${agentId}`);
    const told = (await answer.text()) + (await shown.text()) + JSON.stringify(gateway.logged);
    for (const part of lastToken().split('.')) expect(told).not.toContain(part);
  });
});

describe('a token of the gateway is refused', () => {
  it.each<[string, JWTVerifyOptions]>([
    ['for another audience', { audience: 'https://elsewhere.example' }],
    ['of another issuer', { issuer: 'https://elsewhere.example' }],
    ['as an access token', { typ: 'at+jwt' }],
    ['after its minute', { currentDate: new Date(Date.now() + 180_000) }],
  ])('%s', async (_, options) => {
    const agentId = await newAgent();
    serveVerified(verifier(agentId, options));
    const response = await call(gateway, 'HTTP+JSON', 'GetTask', { agentId });
    await expectRefusal(response, 'HTTP+JSON', 'UPSTREAM_UNAUTHORIZED');
    expect(gateway.agent.seen).toHaveLength(1);
  });

  it('a second time, and every call brings another', async () => {
    const agentId = await newAgent();
    serveVerified(verifier(agentId));
    for (let calls = 0; calls < 3; calls++)
      expect((await call(gateway, 'HTTP+JSON', 'GetTask', { agentId })).status).toBe(200);
    const replayed = await fetch(`${gateway.agent.url}/rest/tasks/t-1`, {
      headers: { authorization: `Bearer ${lastToken()}` },
    });
    expect(replayed.status).toBe(401);
  });

  it('by every agent but its own', async () => {
    const [mine, other] = [await newAgent(), await newAgent()];
    gateway.agent.script(answerJson({}));
    await call(gateway, 'HTTP+JSON', 'GetTask', { agentId: other });
    await verifier(other)(lastToken());
    await expect(verifier(mine)(lastToken())).rejects.toThrow(errors.JWTClaimValidationFailed);
  });

  it('by a gateway that trusts this one as an issuer', async () => {
    cites('RFC-8725-3.11-typed');
    const agentId = await newAgent({ audience: 'https://gateway.test' });
    gateway.agent.script(answerJson({}));
    await call(gateway, 'HTTP+JSON', 'GetTask', { agentId });
    const trusting = await startGateway({
      otherIssuers: [
        {
          issuer: publicUrl,
          jwksUrl: `${gateway.url}/.well-known/jwks.json`,
          audiences: ['https://gateway.test'],
        },
      ],
    });
    const headers = { authorization: `Bearer ${lastToken()}` };
    const answer = await trusting.fetch('/agents', { headers });
    expect(answer.status).toBe(401);
    expect(errorInfo(await answer.text())).toMatchObject({
      reason: 'TOKEN_INVALID',
      metadata: { problem: 'type' },
    });
    await trusting.close();
  });
});

describe('a credential in the name of the gateway', () => {
  it.each([
    ['the header of another credential', { type: 'gateway_identity', header: 'Authorization' }, 'header'],
    ['a header of HTTP', { type: 'gateway_identity', header: 'host' }, 'header'],
    ['no header of its own', { type: 'none', gatewayIdentity: { audience: 'x' } }, 'gatewayIdentity.header'],
    [
      'the header of the key beside it',
      { type: 'api_key', name: 'X-Id', apiKey: 'k', gatewayIdentity: { header: 'x-id' } },
      'gatewayIdentity',
    ],
    [
      'itself beside it',
      { type: 'gateway_identity', gatewayIdentity: { header: 'x-id' } },
      'gatewayIdentity',
    ],
  ])('with %s is refused', async (_, authConfig, member) => {
    const body = { agentId: 'refused', agentCardUrl: gateway.agent.cardUrl, authConfig };
    const answer = await gateway.admin('POST', '/admin/agents', body);
    expect(errorInfo(await answer.text())).toMatchObject({
      reason: 'PARAMETER_INVALID',
      metadata: { parameter: `authConfig.${member}` },
    });
  });

  it.each([
    ['alone', { type: 'gateway_identity' }],
    ['beside another', { type: 'bearer', token: 't', gatewayIdentity: { header: 'x-id' } }],
  ])('%s is not live because an owner asks for it', async (_, authConfig) => {
    const agentId = `owned-${++agents}`;
    await register(gateway, { agentId, owner: 'olga' });
    const token = await gateway.issuer.token({ sub: 'olga', scope: 'gateway:register' });
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'if-match': '*',
    };
    const body = JSON.stringify({ authConfig });
    await gateway.fetch(`/admin/agents/${agentId}`, { method: 'PATCH', headers, body });
    const agent = await (await gateway.admin('GET', `/admin/agents/${agentId}`)).json();
    expect(agent.status === 'active' && agent.authConfig.type !== 'none').toBe(false);
  });
});
