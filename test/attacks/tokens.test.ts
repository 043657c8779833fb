import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cites } from '../support/cites.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { startIssuer, type TestIssuer } from '../support/issuer.ts';
import { serving } from '../support/upstream-servers.ts';
import { attackerJwk, hmacSigned, publicPem, selfSigned, unsigned } from './forge.ts';
import { claimsOf, expectTokenRefused, headerOf } from './token-refusal.ts';

let gateway: TestGateway;
let issuer: TestIssuer;
/** Trusted too, by client ids in place of audiences. */
let clients: TestIssuer;
/** Known to nobody. */
let stranger: TestIssuer;

beforeAll(async () => {
  [clients, stranger] = await Promise.all([startIssuer(), startIssuer()]);
  gateway = await startGateway({ otherIssuers: [{ issuer: clients.issuer, clientIds: ['machine'] }] });
  issuer = gateway.issuer;
});
afterAll(() => Promise.all([gateway.close(), clients.close(), stranger.close()]));

function header(more: Record<string, unknown> = {}): Record<string, unknown> {
  return headerOf(issuer, more);
}

function claims(more: Record<string, unknown> = {}): Record<string, unknown> {
  return claimsOf(issuer, more);
}

function expectRefused(authorization: string | undefined, problem: string | undefined): Promise<void> {
  return expectTokenRefused(gateway, authorization, problem);
}

type Attack = readonly [problem: string, token: () => string | Promise<string>];

/** Whose word is taken: only the named issuer's, only for itself. */
const strangers: Readonly<Record<string, Attack>> = {
  'of an issuer nobody trusts': ['issuer', () => stranger.token()],
  'of no issuer': ['issuer', () => issuer.token({ iss: undefined })],
  'of an issuer named by a list': ['issuer', () => issuer.sign(header(), claims({ iss: [issuer.issuer] }))],
  'of the issuer with a slash more': ['issuer', () => issuer.token({ iss: `${issuer.issuer}/` })],
  'of the issuer in capitals': ['issuer', () => issuer.token({ iss: issuer.issuer.toUpperCase() })],
  'of the issuer with a space before': ['issuer', () => issuer.token({ iss: ` ${issuer.issuer}` })],
  'of another issuer in the name of ours': ['key', () => stranger.token({ iss: issuer.issuer })],
  'of one trusted issuer in the name of the other': ['key', () => clients.token({ iss: issuer.issuer })],
  "of another issuer's key under our key id": [
    'signature',
    () => stranger.sign(header({ kid: issuer.publicJwk().kid }), claims()),
  ],
};

/** What the header may not choose: the algorithm, the key, the meaning of the bytes. */
const headers: Readonly<Record<string, Attack>> = {
  ...Object.fromEntries(
    ['none', 'None', 'NONE', 'nOnE', 'HS256', 'RS512', 'ES512', 'RS256 '].map((alg): [string, Attack] => [
      `with the algorithm ${JSON.stringify(alg)} and no signature`,
      ['algorithm', () => unsigned(header({ alg }), claims())],
    ]),
  ),
  'with no algorithm': ['malformed', () => issuer.sign(header({ alg: undefined }), claims())],
  'with a list for an algorithm': ['malformed', () => issuer.sign(header({ alg: ['RS256'] }), claims())],
  'with a good signature under "none"': ['algorithm', () => issuer.sign(header({ alg: 'none' }), claims())],
  'with a good signature under an algorithm not listed': [
    'algorithm',
    () => issuer.sign(header({ alg: 'RS384' }), claims()),
  ],
  'without a signature': ['signature', () => unsigned(header(), claims())],
  "signed with the public key's PEM as a shared secret": [
    'algorithm',
    () => hmacSigned(header({ alg: 'HS256' }), claims(), publicPem(issuer.publicJwk())),
  ],
  "signed with the public key's JWK as a shared secret": [
    'algorithm',
    () => hmacSigned(header({ alg: 'HS256' }), claims(), JSON.stringify(issuer.publicJwk())),
  ],
  "signed with the public key's modulus as a shared secret": [
    'algorithm',
    () =>
      hmacSigned(header({ alg: 'HS256' }), claims(), Buffer.from(issuer.publicJwk().n ?? '', 'base64url')),
  ],
  'of an unknown key id': ['key', () => issuer.sign(header({ kid: 'other' }), claims())],
  'of a key id that is a path': ['key', () => issuer.sign(header({ kid: '../../dev/null' }), claims())],
  'of a key id that is no text': ['key', () => issuer.sign(header({ kid: 1 }), claims())],
  'that brings its own key': ['signature', () => selfSigned(header({ jwk: attackerJwk }), claims())],
  'that brings its own key and no key id': [
    'signature',
    () => selfSigned(header({ kid: undefined, jwk: attackerJwk }), claims()),
  ],
  'that marks a header as critical': [
    'malformed',
    () => issuer.sign(header({ crit: ['x-gateway'], 'x-gateway': true }), claims()),
  ],
  'that marks nothing as critical': ['malformed', () => issuer.sign(header({ crit: [] }), claims())],
  'with a payload that is not encoded': [
    'malformed',
    () => issuer.sign(header({ b64: false, crit: ['b64'] }), claims()),
  ],
  'of a type that is no text': ['type', () => issuer.sign(header({ typ: 5 }), claims())],
  'of a type that is a list': ['type', () => issuer.sign(header({ typ: ['at+jwt'] }), claims())],
  'that is an id token by its type': ['type', () => issuer.token({}, { typ: 'id_token' })],
  'that is a logout token by its type': ['type', () => issuer.token({}, { typ: 'logout+jwt' })],
  'that is a refresh token by its type': ['type', () => issuer.token({}, { typ: 'rt+jwt' })],
  'that is a DPoP proof by its type': ['type', () => issuer.token({}, { typ: 'dpop+jwt' })],
};

describe.each(Object.entries({ strangers, headers }))('a token (%s)', (_, attacks) => {
  beforeEach(() => cites('RFC-8725-2.1-algorithms'));

  it.each(Object.entries(attacks))('%s is refused', async (__, [problem, token]) => {
    await expectRefused(`Bearer ${await token()}`, problem);
  });
});

describe('a token that names where its key is', () => {
  it.each(['jku', 'x5u', 'iss'])('makes the gateway fetch nothing: %s', async (member) => {
    const asked: (string | undefined)[] = [];
    const evil = await serving((request, response) => {
      asked.push(request.url);
      response.end(JSON.stringify({ keys: [attackerJwk] }));
    });
    const inHeader = member === 'iss' ? {} : { [member]: `${evil}jwks` };
    const inClaims = member === 'iss' ? { iss: evil.origin } : {};
    const token = selfSigned(header(inHeader), claims(inClaims));
    await expectRefused(`Bearer ${token}`, member === 'iss' ? 'issuer' : 'signature');
    expect(asked).toEqual([]);
  });
});
