import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { partsOf, separated } from '../src/backends/auth-config.ts';
import { createBackends } from '../src/backends/backends.ts';
import type { OutgoingRequest } from '../src/backends/request.ts';
import { type Issued, selfSigned } from './support/certificates.ts';
import { startGateway, type TestGateway } from './support/gateway.ts';
import { errorInfo } from './support/raw.ts';
import { upstream } from './support/upstream-servers.ts';

/** A client certificate as a credential: what is taken, what is kept, and what a connection gets of it. */

const request: OutgoingRequest = { method: 'GET', url: new URL('https://agent.example/'), headers: {} };
const facts = { agentId: 'agent', requestId: 'r' };

/** Credentials as they are given, presented by a process of their own. */
function presenting(given: { type: string } & Record<string, unknown>) {
  const { auth, secrets } = separated(given, 'agents/agent/1');
  const kept = {
    put: async () => {},
    create: async () => false,
    get: async () => JSON.stringify(secrets),
    delete: async () => {},
    list: async () => [],
  };
  const { credentials } = createBackends({
    ...{ upstream: upstream(), secrets: kept, clock: { nowMs: () => 0 }, newId: () => 'id' },
    currentAuth: async () => undefined,
  });
  return { auth, credentials };
}

describe('a client certificate', () => {
  const end = new Date('2031-02-03T04:05:06Z');

  it.each([
    ['alone', (own: Issued) => ({ type: 'mutual_tls', ...own })],
    ['beside a token', (own: Issued) => ({ type: 'bearer', token: 'abc', mutualTls: { ...own } })],
  ])('%s goes with the connection, and its end is known', async (_, given) => {
    const own = await selfSigned('gateway', end);
    const { auth, credentials } = presenting(given(own));
    const connected = { ...request, connection: { connectTimeoutMs: 7 } };
    expect((await credentials.apply(auth, connected, facts))?.connection).toEqual({
      connectTimeoutMs: 7,
      clientCertificate: own,
    });
    expect(await credentials.expiresAtMs(auth, 'agent')).toBe(end.getTime());
    expect(JSON.stringify(auth)).not.toContain('PRIVATE KEY');
    expect(partsOf(auth)).toHaveLength(given(own).type === 'bearer' ? 2 : 1);
  });

  it('of a chain ends with the first that ends', async () => {
    const [leaf, authority] = [
      await selfSigned('gateway', new Date(2e12)),
      await selfSigned('authority', end),
    ];
    const certificate = leaf.certificate + authority.certificate;
    const { auth, credentials } = presenting({
      type: 'mutual_tls',
      certificate,
      privateKey: leaf.privateKey,
    });
    expect(await credentials.expiresAtMs(auth, 'agent')).toBe(end.getTime());
  });

  it('is never taken for presented where there is no TLS', async () => {
    const { auth, credentials } = presenting({ type: 'mutual_tls', ...(await selfSigned('gateway')) });
    const plain = { ...request, url: new URL('http://agent.example/') };
    await expect(credentials.apply(auth, plain, facts)).rejects.toMatchObject({
      failure: { code: 'credential_unavailable', problem: 'key' },
    });
  });

  it('that was refused is not presented again', async () => {
    const { auth, credentials } = presenting({ type: 'mutual_tls', ...(await selfSigned('gateway')) });
    expect(await credentials.apply(auth, request, facts, { refused: request })).toBeUndefined();
  });
});

let gateway: TestGateway;
let own: Issued;

beforeAll(async () => {
  own = await selfSigned('own');
  gateway = await startGateway({ registration: null });
});
afterAll(() => gateway.close());

describe('a client certificate with its key', () => {
  it.each<[string, (given: Issued) => Record<string, unknown>, string]>([
    [
      'in the place of the certificate',
      ({ privateKey }) => ({ certificate: privateKey, privateKey }),
      'certificate',
    ],
    [
      'beside the certificate, which everybody may see',
      ({ certificate, privateKey }) => ({ certificate: certificate + privateKey, privateKey }),
      'certificate',
    ],
    ['and no PEM', ({ privateKey }) => ({ certificate: 'MIIB', privateKey }), 'certificate'],
    [
      'and no certificate in its PEM',
      ({ privateKey }) => ({
        certificate: privateKey.replaceAll('PRIVATE KEY', 'CERTIFICATE'),
        privateKey,
      }),
      'certificate',
    ],
    [
      'in the place of the key',
      ({ certificate }) => ({ certificate, privateKey: certificate }),
      'privateKey',
    ],
    [
      'that is encrypted',
      ({ certificate, privateKey }) => ({
        certificate,
        privateKey: privateKey.replaceAll('PRIVATE KEY', 'ENCRYPTED PRIVATE KEY'),
      }),
      'privateKey',
    ],
    [
      'twice',
      ({ certificate, privateKey }) => ({ certificate, privateKey: privateKey + privateKey }),
      'privateKey',
    ],
  ])('%s is refused and not repeated', async (_, changed, member) => {
    const members = changed(own);
    for (const [prefix, authConfig] of [
      ['', { type: 'mutual_tls', ...members }],
      ['mutualTls.', { type: 'none', mutualTls: members }],
    ] as const) {
      const body = { agentId: 'refused', agentCardUrl: gateway.agent.cardUrl, authConfig };
      const text = await (await gateway.admin('POST', '/admin/agents', body)).text();
      expect(errorInfo(text)).toMatchObject({
        reason: 'PARAMETER_INVALID',
        metadata: { parameter: `authConfig.${prefix}${member}` },
      });
      expect(text).not.toContain('BEGIN');
    }
  });
});
