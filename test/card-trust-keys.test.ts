import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CardSignatures } from '../src/registry/card-trust.ts';
import { type AuthorKey, authorKey, signatureOf, signedBySdk } from './support/card-signatures.ts';
import { cites } from './support/cites.ts';
import { startTrustStand, type TrustStand } from './support/trust-stand.ts';

/** The keys that verify cards come and go, pinned or published. */

let stand: TrustStand;
let keys: TestServer;
let trusted: AuthorKey;
let next: AuthorKey;

beforeAll(async () => {
  [stand, keys, trusted, next] = await Promise.all([
    startTrustStand(),
    startServer(),
    authorKey('2030-01'),
    authorKey('2030-02', 'RS256'),
  ]);
});
afterAll(() => Promise.all([stand.gateway.close(), keys.close()]));

describe('a rotated key', () => {
  it('verifies beside the old one, and alone once that is gone', async () => {
    cites('A2A-8.4.3-keys');
    const old = await signedBySdk(trusted, stand.card());
    const both = await signedBySdk(next, old);
    const pinning = (...given: AuthorKey[]) =>
      ({ policy: 'require', keys: given.map(({ jwk }) => jwk) }) as unknown as CardSignatures;
    for (const [given, pinned, verdict] of [
      [old, [trusted], 'verified'],
      [both, [trusted], 'verified'],
      [both, [next], 'verified'],
      [old, [trusted, next], 'verified'],
      [old, [next], 'CARD_UNTRUSTED untrusted'],
    ] as const)
      expect((await stand.register(given, pinning(...pinned))).verdict).toBe(verdict);
  });

  it('verifies by the key set at its jku for as long as it is there', async () => {
    cites('A2A-8.4.3-keys');
    const how: CardSignatures = { policy: 'require', jkuOrigins: [keys.url] };
    const signed = await signedBySdk(
      next,
      await signedBySdk(trusted, stand.card(), { jku: `${keys.url}/jwks` }),
      {
        jku: `${keys.url}/jwks`,
      },
    );
    keys.serve = jwks(trusted);
    const { agentId, verdict } = await stand.register(signed, how);
    expect(verdict).toBe('verified');
    keys.serve = jwks(trusted, next);
    expect((await stand.sync(agentId, signed)).verdict).toBe('verified');
    keys.serve = jwks(next);
    expect((await stand.sync(agentId, signed)).view.cardTrust).toEqual({
      verdict: 'verified',
      kid: '2030-02',
    });
    keys.serve = jwks();
    expect((await stand.sync(agentId, signed)).verdict).toBe('CARD_UNTRUSTED untrusted');
  });

  it('is asked for once, however many signatures name it', async () => {
    let asked = 0;
    const serving = jwks();
    keys.serve = (request, response) => {
      asked += 1;
      serving(request, response);
    };
    const one = await signatureOf(trusted, '{}', { jku: `${keys.url}/jwks` });
    await stand.register(stand.card({ signatures: Array.from({ length: 10 }, () => one) }), {
      policy: 'prefer',
      jkuOrigins: [keys.url],
    });
    expect(asked).toBe(1);
  });
});

interface TestServer {
  url: string;
  serve: RequestListener;
  close(): Promise<void>;
}

/** Serves a key set of these, and whatever else is in it. */
function jwks(...given: AuthorKey[]): RequestListener {
  return (_, response) => response.end(JSON.stringify({ keys: given.map(({ jwk }) => jwk) }));
}

async function startServer(): Promise<TestServer> {
  const server = createServer((request, response) => started.serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const started: TestServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    serve: jwks(),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
  return started;
}
