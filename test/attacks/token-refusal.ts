import { expect } from 'vitest';
import { rpc, type TestGateway } from '../support/gateway.ts';
import { type TestIssuer, testAudience } from '../support/issuer.ts';

const routes = [
  { binding: 'JSON-RPC', path: '/agents/agent', init: rpc('ListTasks'), resource: '/agents/agent' },
  { binding: 'HTTP+JSON', path: '/agents/agent/tasks', init: {}, resource: '/agents/agent' },
  {
    binding: 'HTTP+JSON',
    path: '/agents/agent/.well-known/agent-card.json',
    init: {},
    resource: '/agents/agent',
  },
  { binding: 'HTTP+JSON', path: '/agents', init: {}, resource: '' },
  { binding: 'HTTP+JSON', path: '/admin/agents', init: {}, resource: '' },
] as const;

function info(reason: string, metadata: Record<string, string>) {
  return { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason, domain: 'a2a-gateway', metadata };
}

function refusal(binding: string, details: object): object {
  const message: unknown = expect.any(String);
  return binding === 'JSON-RPC'
    ? { jsonrpc: '2.0', id: null, error: { code: -32090, message, data: [details] } }
    : { error: { code: 401, status: 'UNAUTHENTICATED', message, details: [details] } };
}

/** On every route: 401, the reason in the binding's shape, the challenge; no agent called, nothing repeated. */
export async function expectTokenRefused(
  gateway: TestGateway,
  authorization: string | undefined,
  problem: string | undefined,
): Promise<void> {
  const reason = problem === undefined ? 'TOKEN_MISSING' : 'TOKEN_INVALID';
  const details = info(reason, problem === undefined ? {} : { problem });
  const error = problem === undefined ? '' : `error="invalid_token", error_description="${problem}", `;
  gateway.logged.length = 0;
  for (const { binding, path, init, resource } of routes) {
    const headers = new Headers({ ...('headers' in init ? init.headers : {}), 'a2a-version': '1.0' });
    if (authorization !== undefined) headers.set('authorization', authorization);
    const answer = await fetch(gateway.url + path, { ...init, headers });
    const text = await answer.text();
    expect(JSON.parse(text)).toEqual(refusal(binding, details));
    expect(answer.status).toBe(401);
    const metadata = `resource_metadata="http://127.0.0.1:1/.well-known/oauth-protected-resource${resource}"`;
    expect(answer.headers.get('www-authenticate')).toBe(`Bearer ${error}${metadata}`);
    const said = text + JSON.stringify([...answer.headers]) + JSON.stringify(gateway.logged);
    for (const secret of secretsOf(authorization ?? '')) expect(said).not.toContain(secret);
  }
  expect(gateway.logged).toHaveLength(routes.length);
  expect(gateway.agent.seen.splice(0)).toEqual([]);
}

/** What must not be repeated: the token's segments, and what they decode to. */
function secretsOf(authorization: string): string[] {
  const segments = authorization.split(/[\s.]+/).filter((text) => text.length > 12);
  return segments.flatMap((text) => [text, Buffer.from(text, 'base64url').toString('latin1')]);
}

export function nowSeconds(): number {
  return Math.floor(Date.now() / 1_000);
}

/** Claims of a good token. */
export function claimsOf(issuer: TestIssuer, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    ...{ iss: issuer.issuer, aud: testAudience, sub: 'alice', client_id: 'alice', scope: 'demo' },
    ...{ iat: nowSeconds(), exp: nowSeconds() + 3600 },
    ...more,
  };
}

/** The header of a good token. */
export function headerOf(issuer: TestIssuer, more: Record<string, unknown> = {}): Record<string, unknown> {
  return { alg: 'RS256', kid: issuer.publicJwk().kid, typ: 'at+jwt', ...more };
}
