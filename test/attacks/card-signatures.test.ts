import { createHmac } from 'node:crypto';
import { exportSPKI, importJWK } from 'jose';
import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../src/failure.ts';
import type { Upstream } from '../../src/ports.ts';
import { canonicalJson } from '../../src/protocol/canonical-json.ts';
import { readCardDocument } from '../../src/protocol/card-text.ts';
import type { CardSignatures, CardTrust } from '../../src/registry/card-trust.ts';
import { type VerifiedCard, verifyCard } from '../../src/registry/trust/verify-card.ts';
import { type AuthorKey, authorKey, encoded, signedBySdk } from '../support/card-signatures.ts';
import { cites } from '../support/cites.ts';
import { cardAt } from '../support/scripted-agent.ts';
import { upstream } from '../support/upstream-servers.ts';

/** Who signs a card that is not theirs, and what a signature makes the gateway fetch. */

const card = cardAt('https://agent.example');
const nothing: Upstream = {
  send: () => Promise.reject(new TypeError('nothing is fetched')),
  refusal: () => undefined,
  check: async () => undefined,
};

async function verify(
  given: unknown,
  how: Partial<CardSignatures>,
  by: Upstream = nothing,
): Promise<VerifiedCard> {
  const document = readCardDocument(JSON.stringify(given));
  if (!document.ok) throw new Error('no JSON');
  return verifyCard(document.value, { policy: 'require', ...how }, { upstream: by, timeoutMs: 1_000 });
}

function pinned(...keys: AuthorKey[]): Partial<CardSignatures> {
  return { keys: keys.map(({ jwk }) => jwk) as unknown as NonNullable<CardSignatures['keys']> };
}

/** Answers this to every request, and notes where they went. */
function answering(status: number, body: string, header?: string): { by: Upstream; asked: string[] } {
  const asked: string[] = [];
  const bytes = new TextEncoder().encode(body);
  const by: Upstream = {
    refusal: () => undefined,
    check: async () => undefined,
    async send({ url }) {
      asked.push(url.href);
      return {
        ...{ status, header: () => header, trailer: () => undefined, close() {} },
        bytes: async () => bytes,
        async *chunks() {
          yield bytes;
        },
      };
    },
  };
  return { by, asked };
}

describe('a forged signature', () => {
  it('by a public key taken for a shared secret does not hold', async () => {
    cites('A2A-8.4.3-keys');
    const author = await authorKey('k', 'RS256');
    const pem = await exportSPKI((await importJWK(author.jwk, 'RS256', { extractable: true })) as CryptoKey);
    const header = encoded({ alg: 'HS256', kid: 'k', typ: 'JOSE' });
    for (const secret of [pem, JSON.stringify(author.jwk), author.jwk.n ?? '']) {
      const input = `${header}.${encoded(canonicalJson(card))}`;
      const signature = createHmac('sha256', secret).update(input).digest('base64url');
      const forged = { ...card, signatures: [{ protected: header, signature }] };
      expect((await verify(forged, pinned(author))).trust.verdict).toBe('invalid');
    }
  });

  it('whose header nobody signed names no key', async () => {
    const [author, stranger] = [await authorKey('k'), await authorKey('other')];
    const { signatures } = await signedBySdk(stranger, card);
    const [own] = signatures as object[];
    const forged = {
      ...card,
      signatures: [{ ...own, header: { kid: 'k', jku: 'https://agent.example/jwks' } }],
    };
    expect(
      (await verify(forged, { ...pinned(author), jkuOrigins: ['https://agent.example'] })).trust,
    ).toEqual({
      verdict: 'untrusted',
      detail: 'a kid that is not among the keys',
    });
  });

  it('of a pinned kid is not looked for elsewhere', async () => {
    const [author, stranger] = [await authorKey('k'), await authorKey('k')];
    const { by, asked } = answering(200, JSON.stringify({ keys: [stranger.jwk] }));
    const forged = await signedBySdk(stranger, card, { jku: 'https://keys.example/jwks' });
    const how = { ...pinned(author), jkuOrigins: ['https://keys.example'] };
    expect([(await verify(forged, how, by)).trust.verdict, asked]).toEqual(['invalid', []]);
  });

  it('of one card holds for no other, whatever is added, taken or moved', async () => {
    const author = await authorKey('k');
    const signed = await signedBySdk(author, card);
    const { skills, ...less } = signed;
    const interfaces = signed.supportedInterfaces as object[];
    for (const forged of [
      { ...signed, iconUrl: 'https://evil.example/' },
      { ...less },
      { ...signed, supportedInterfaces: interfaces.toReversed() },
      { ...signed, skills: [...(skills as object[]), ...(skills as object[])] },
      { ...signed, capabilities: { ...(signed.capabilities as object), extendedAgentCard: false } },
      { ...signed, securityRequirements: [{ schemes: { evil: { list: ['x'] } } }] },
    ])
      expect((await verify(forged, pinned(author))).trust.verdict).toBe('invalid');
  });

  it('does not vouch for what it leaves out: that is not read', async () => {
    const author = await authorKey('k');
    const added = {
      url: 'https://agent.example/evil',
      security: [],
      description2: 'x',
      supports_x: {},
      iconUrl: '',
    };
    const { trust, content } = await verify(
      { ...(await signedBySdk(author, card)), ...added },
      pinned(author),
    );
    expect([trust.verdict, content]).toEqual(['verified', card]);
  });
});

describe('a jku', () => {
  const origins = { jkuOrigins: ['https://keys.example'] };

  async function judged(jku: unknown, by: Upstream): Promise<CardTrust> {
    const signed = await signedBySdk(await authorKey('k'), card, { jku });
    return (await verify(signed, origins, by)).trust;
  }

  it.each([
    'http://keys.example/jwks',
    'https://keys.example:8443/jwks',
    'https://keys.example@evil.example/jwks',
    'https://keys.example.evil.example/jwks',
    'https://evil.example/#https://keys.example/',
    '//keys.example/jwks',
    '/jwks',
    'file:///etc/passwd',
    'data:application/json,{"keys":[]}',
    7,
    {},
  ])('that is not on an allowed origin is not asked: %j', async (jku) => {
    const { by, asked } = answering(200, '{"keys":[]}');
    expect([(await judged(jku, by)).verdict, asked]).toEqual(['untrusted', []]);
  });

  it('that redirects is not followed', async () => {
    const { by, asked } = answering(302, '', 'https://evil.example/jwks');
    expect(await judged('https://keys.example/jwks', by)).toEqual({
      verdict: 'untrusted',
      detail: 'a jku that answers with status 302',
    });
    expect(asked).toEqual(['https://keys.example/jwks']);
  });

  it.each(['10.0.0.1', '127.0.0.1', '169.254.169.254', '::ffff:10.0.0.1', '64:ff9b::a00:1'])(
    'whose name leads to %s is not reached for',
    async (address) => {
      cites('A2A-13.2-addresses');
      const dialled: unknown[] = [];
      const by = upstream({
        rules: {},
        resolve: async () => [{ address, family: address.includes(':') ? 6 : 4 }],
        async dial(target) {
          dialled.push(target);
          throw new Error('not here');
        },
      });
      expect(await judged('https://keys.example/jwks', by)).toEqual({
        verdict: 'untrusted',
        detail: 'a jku whose keys cannot be had: address_refused',
      });
      expect(dialled).toEqual([]);
      await by.close();
    },
  );

  it.each([
    ['nothing', '', 'a jku whose keys cannot be had: invalid'],
    ['no key set', '[]', 'a jku that has no JWK set'],
    ['keys that are none', '{"keys":[null,1,"x",[]]}', 'a kid that is not among the keys at its jku'],
    [
      'too many keys',
      JSON.stringify({ keys: Array.from({ length: 101 }, () => ({})) }),
      'a jku with more than 100 keys',
    ],
  ])('with %s vouches for nobody', async (_, body, detail) => {
    const { by } = answering(200, body);
    expect(await judged('https://keys.example/jwks', by)).toEqual({ verdict: 'untrusted', detail });
  });

  it.each([
    ['a shared secret', { kty: 'oct', kid: 'k', k: 'c2VjcmV0' }],
    ['a key for something else', { use: 'enc' }],
    ['a key of another algorithm', { alg: 'ES384' }],
  ])('with %s verifies nothing', async (_, members) => {
    const author = await authorKey('k');
    const { by } = answering(200, JSON.stringify({ keys: [{ ...author.jwk, ...members }] }));
    const signed = await signedBySdk(author, card, { jku: 'https://keys.example/jwks' });
    expect((await verify(signed, origins, by)).trust.verdict).toBe('invalid');
  });

  it('that does not answer is told in a word of ours', async () => {
    const by = {
      ...nothing,
      send: () => Promise.reject(new GatewayError({ code: 'upstream_timeout', phase: 'total' })),
    };
    expect((await judged('https://keys.example/jwks', by)).detail).toBe(
      'a jku whose keys cannot be had: timeout',
    );
  });
});
