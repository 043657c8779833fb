import { createServer } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bindings, call, success } from './support/bindings.ts';
import { type Authority, createAuthority } from './support/certificates.ts';
import { connectProxy } from './support/connect-proxy.ts';
import { permit, register, startGateway, type TestGateway } from './support/gateway.ts';
import { refusalOf } from './support/management.ts';
import { answerJson, cardAt } from './support/scripted-agent.ts';
import { startTokenEndpoint, type TestTokenEndpoint } from './support/token-endpoint.ts';
import { listening } from './support/upstream-servers.ts';

/** What one backend may want at once: an authority of its own, a client certificate, a token, a word of the gateway. */

let gateway: TestGateway;
let endpoint: TestTokenEndpoint;
let authority: Authority;

beforeAll(async () => {
  [gateway, authority] = await Promise.all([startGateway({ registration: null }), createAuthority()]);
  endpoint = await startTokenEndpoint(gateway.issuer);
  endpoint.clients.set('gateway', { secrets: ['secret'] });
  await permit(gateway, 'demo', { allowedAgents: ['*'], operations: ['send', 'read'] });
});
afterAll(() => Promise.all([gateway.close(), endpoint.close()]));

/** An agent that shows its card and answers only to who has a certificate of the authority and a token. */
async function guardedAgent(): Promise<URL> {
  const { certificate: cert, privateKey: key } = await authority.issue();
  const guard = { ca: [authority.certificate], requestCert: true, rejectUnauthorized: true };
  const server = createServer({ cert, key, ...guard }, (incoming, response) => {
    const token = incoming.headers.authorization?.slice('Bearer '.length) ?? '';
    if (!endpoint.issued.includes(token)) return void response.writeHead(401).end();
    // A TLS server's sockets are TLS sockets.
    const { subject } = (incoming.socket as TLSSocket).getPeerCertificate();
    response.setHeader('content-type', 'application/json');
    if (incoming.url === '/card.json') response.end(JSON.stringify(cardAt(url.origin)));
    else response.end(success(incoming.url === '/rpc' ? 'JSON-RPC' : 'HTTP+JSON', { known: subject.CN }));
  });
  const url = await listening(server, 'https');
  return url;
}

/** All that such an agent wants. */
async function registrationOf(origin: URL): Promise<Record<string, unknown>> {
  const { tokenUrl } = endpoint;
  const client = { type: 'oauth2_client_credentials', tokenUrl, clientId: 'gateway', clientSecret: 'secret' };
  return {
    agentCardUrl: new URL('/card.json', origin).href,
    backend: { type: 'http', authenticateCard: true },
    caCertificates: authority.certificate,
    authConfig: { ...client, mutualTls: await authority.issue({ commonName: 'gateway' }) },
  };
}

describe('an agent that wants a certificate and a token', () => {
  it.each(bindings)('has both, for its card and for calls in %s', async (binding) => {
    const agentId = `both-${binding.length}`;
    await register(gateway, { agentId, ...(await registrationOf(await guardedAgent())) });
    const response = await call(gateway, binding, 'GetTask', { agentId });
    expect([response.status, await response.text()]).toEqual([200, success(binding, { known: 'gateway' })]);
  });

  it('is not registered with one of them, nor without its authority', async () => {
    const whole = await registrationOf(await guardedAgent());
    const { mutualTls, ...token } = whole.authConfig as Record<string, unknown>;
    const problemOf = async (members: Record<string, unknown>) =>
      (await refusalOf(gateway.admin('POST', '/admin/agents', { agentId: 'half', ...whole, ...members })))
        .metadata.problem;
    expect(await problemOf({ authConfig: { type: 'none', mutualTls } })).toBe('unauthorized');
    // A server on Node may hang up without the alert that others send.
    expect(await problemOf({ authConfig: token })).toBeOneOf(['tls_failed', 'reset']);
    expect(await problemOf({ caCertificates: undefined })).toBe('tls_failed');
  });

  it('is reached through a proxy, which learns of origins and nothing else', async () => {
    const agent = await guardedAgent();
    const proxy = await connectProxy();
    const behind = await startGateway({
      registration: null,
      settings: {
        upstream: { allowHttp: true, allowAddresses: ['127.0.0.0/8'], proxy: { url: proxy.url.href } },
      },
    });
    await permit(behind, 'demo', { allowedAgents: ['*'], operations: ['send', 'read'] });
    await register(behind, await registrationOf(agent));
    for (const binding of bindings) expect((await call(behind, binding, 'GetTask')).status).toBe(200);
    await behind.close();
    const origins = [agent, new URL(endpoint.tokenUrl), new URL(behind.issuer.issuer)];
    expect(new Set(proxy.asked.map(({ authority }) => authority))).toEqual(
      new Set(origins.map(({ host }) => host)),
    );
    expect(proxy.others).toEqual([]);
    expect(JSON.stringify(proxy.asked)).not.toMatch(/bearer|basic/i);
  });
});

describe('an agent that wants a key and to be told who calls', () => {
  it.each(bindings)('has both in %s', async (binding) => {
    const agentId = `told-${binding.length}`;
    const apiKey = { type: 'api_key', in: 'query', name: 'key', apiKey: 'a-key' };
    await register(gateway, {
      agentId,
      authConfig: { ...apiKey, gatewayIdentity: { header: 'x-identity' } },
    });
    gateway.agent.script(answerJson(success(binding, {})));
    expect((await call(gateway, binding, 'GetTask', { agentId })).status).toBe(200);
    const { target = '', headers = {} } = gateway.agent.seen.at(-1) ?? {};
    expect(new URL(target, gateway.agent.url).searchParams.getAll('key')).toEqual(['a-key']);
    expect(headers.authorization).toBeUndefined();
    const keys = createRemoteJWKSet(new URL(`${gateway.url}/.well-known/jwks.json`));
    const identity = await jwtVerify(String(headers['x-identity']), keys, { audience: gateway.agent.url });
    expect(identity.payload).toMatchObject({ sub: 'alice', agent_id: agentId });
  });

  it('is not told in the name of another where a caller sends such a header', async () => {
    const headers = { 'x-identity': 'forged', 'content-type': 'application/json' };
    const response = await call(gateway, 'HTTP+JSON', 'GetTask', { agentId: 'told-8', headers });
    expect(response.status).toBe(200);
    expect(gateway.agent.seen.at(-1)?.headers['x-identity']).not.toContain('forged');
  });
});
