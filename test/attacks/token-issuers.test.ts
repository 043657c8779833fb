import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Authenticator, createAuthenticator, verifiedForMs } from '../../src/access/authenticate.ts';
import { fetchEveryMs, maxFetches } from '../../src/access/fetch-budget.ts';
import type { IssuerConfig } from '../../src/access/issuer-config.ts';
import { freshForMs, reservedFetches, staleAfterMs, usableForMs } from '../../src/access/issuer-keys.ts';
import { maxMetadataBytes } from '../../src/access/issuer-metadata.ts';
import type { GatewayError } from '../../src/failure.ts';
import { startIssuer, type TestIssuer, testAudience } from '../support/issuer.ts';
import { failsWith, serving, upstream } from '../support/upstream-servers.ts';
import { attackerJwk, hmacSigned, segment, selfSigned } from './forge.ts';

let issuer: TestIssuer;
let nowMs: number;

beforeEach(async () => {
  issuer = await startIssuer();
  nowMs = Date.now();
});
afterEach(() => issuer.close());

function trusting(...issuers: Partial<IssuerConfig>[]): Authenticator {
  const defaults: IssuerConfig = {
    ...{ issuer: issuer.issuer, audiences: [testAudience], clientIds: [], scopePrefix: '', allowScopes: [] },
    ...{ algorithms: ['RS256'], scopeClaims: ['scope', 'scp'], allowGroups: [], clockSkewSeconds: 30 },
  };
  return createAuthenticator({
    issuers: issuers.map((members) => ({ ...defaults, ...members })),
    upstream: upstream(),
    clock: { nowMs: () => nowMs },
  });
}

const unavailable = failsWith('issuer_unavailable');

function invalid(problem: string): object {
  return failsWith('token_invalid', { problem });
}

async function bearer(claims: Record<string, unknown> = {}, from = issuer): Promise<string> {
  return `Bearer ${await from.token(claims)}`;
}

/** All of these at once, by keys nobody has published. */
function flood(authenticator: Authenticator, keyIds: readonly string[]): Promise<unknown[]> {
  const reasons = keyIds.map(async (kid, index) => {
    const token = await issuer.token({ jti: `${index}` }, { kid });
    const reason: unknown = await authenticator.authenticate(`Bearer ${token}`).catch((error) => error);
    return (reason as GatewayError).failure;
  });
  return Promise.all(reasons);
}

const noSuchKey = { code: 'token_invalid', problem: 'key' };
const noSaying = { code: 'issuer_unavailable' };

describe('an issuer that rotates its key', () => {
  it('is believed again at once', async () => {
    const authenticator = trusting({});
    await authenticator.authenticate(await bearer());
    await issuer.rotate();
    await authenticator.authenticate(await bearer());
    expect(issuer.keyFetches()).toBe(2);
  });

  it('cannot be hammered: unknown keys cause few fetches, and then one at a time', async () => {
    const authenticator = trusting({});
    const keyIds = (round: number) => Array.from({ length: 40 }, (_, index) => `unknown-${round}-${index}`);
    const answers: unknown[] = [];
    for (let round = 0; round < maxFetches; round++)
      answers.push(...(await flood(authenticator, keyIds(round))));
    expect(issuer.keyFetches()).toBe(maxFetches);
    for (const answer of answers) expect([noSuchKey, noSaying]).toContainEqual(answer);
    nowMs += fetchEveryMs;
    await flood(authenticator, keyIds(maxFetches));
    expect(issuer.keyFetches()).toBe(maxFetches + 1);
  });

  it('that nobody may ask has said nothing of a key, unless it was asked for it', async () => {
    const authenticator = trusting({});
    await authenticator.authenticate(await bearer());
    expect(await flood(authenticator, ['early'])).toEqual([noSuchKey]);
    for (let fetch = 2; fetch < maxFetches; fetch++) await flood(authenticator, [`unknown-${fetch}`]);
    expect(issuer.keyFetches()).toBe(maxFetches);
    await issuer.rotate();
    await expect(authenticator.authenticate(await bearer())).rejects.toMatchObject(unavailable);
    expect(await flood(authenticator, ['early'])).toEqual([noSuchKey]);
    nowMs += fetchEveryMs;
    await expect(authenticator.authenticate(await bearer())).resolves.toMatchObject({ subject: 'alice' });
  });

  it('has fetches left for its next key, however many tokens of the last one still come', async () => {
    const authenticator = trusting({});
    const old = await Promise.all(Array.from({ length: 40 }, (_, index) => bearer({ jti: `${index}` })));
    await issuer.rotate();
    await authenticator.authenticate(await bearer());
    for (const token of old)
      await expect(authenticator.authenticate(token)).rejects.toMatchObject(invalid('key'));
    expect(issuer.keyFetches()).toBe(maxFetches - reservedFetches);
    await issuer.rotate();
    await expect(authenticator.authenticate(await bearer())).resolves.toMatchObject({ subject: 'alice' });
  });

  it('is asked once by all who come first', async () => {
    const authenticator = trusting({});
    const tokens = await Promise.all(Array.from({ length: 20 }, (_, index) => bearer({ jti: `${index}` })));
    await Promise.all(tokens.map((token) => authenticator.authenticate(token)));
    expect(issuer.keyFetches()).toBe(1);
  });

  it('ends the trust in a withdrawn key, also for a token verified before', async () => {
    const authenticator = trusting({});
    const old = await bearer();
    await authenticator.authenticate(old);
    await issuer.rotate();
    nowMs += staleAfterMs;
    await expect(authenticator.authenticate(old)).rejects.toMatchObject(invalid('key'));
  });

  it('ends it while it is called, too', async () => {
    const authenticator = trusting({});
    const old = await bearer();
    await authenticator.authenticate(old);
    await issuer.rotate();
    nowMs += freshForMs;
    await authenticator.authenticate(old); // By the key at hand, while the set is fetched.
    await authenticator.authenticate(await bearer()); // Waits for the set.
    nowMs += verifiedForMs + 1;
    await expect(authenticator.authenticate(old)).rejects.toMatchObject(invalid('key'));
  });
});

describe('a clock that is set back', () => {
  it('keeps no withdrawn key in use, neither in the set nor by tokens verified before', async () => {
    const authenticator = trusting({});
    const old = await bearer();
    await authenticator.authenticate(old);
    await issuer.rotate();
    nowMs -= 3_600_000;
    await authenticator.authenticate(old); // By the key at hand.
    nowMs += staleAfterMs;
    await expect(authenticator.authenticate(old)).rejects.toMatchObject(invalid('key'));
  });
});

describe('an issuer that cannot be reached', () => {
  it('is not taken for a bad token', async () => {
    const authenticator = trusting({});
    issuer.fail(true);
    for (let tries = 0; tries < 2 * maxFetches; tries++)
      await expect(authenticator.authenticate(await bearer())).rejects.toMatchObject(unavailable);
    issuer.fail(false);
    await expect(authenticator.authenticate(await bearer())).rejects.toMatchObject(unavailable);
    nowMs += fetchEveryMs;
    await expect(authenticator.authenticate(await bearer())).resolves.toMatchObject({ subject: 'alice' });
  });

  it('is trusted by the keys at hand, for an hour at most', async () => {
    const authenticator = trusting({});
    await authenticator.authenticate(await bearer());
    issuer.fail(true);
    nowMs += usableForMs - 1;
    const exp = Math.floor(nowMs / 1000) + 3600;
    await expect(authenticator.authenticate(await bearer({ exp }))).resolves.toMatchObject({
      subject: 'alice',
    });
    nowMs += verifiedForMs + 1;
    await expect(authenticator.authenticate(await bearer({ exp }))).rejects.toMatchObject(unavailable);
  });

  it('is discovered again when its keys are, since it may have moved them', async () => {
    const authenticator = trusting({});
    await authenticator.authenticate(await bearer());
    issuer.moveKeys();
    await issuer.rotate();
    await expect(authenticator.authenticate(await bearer())).resolves.toMatchObject({ subject: 'alice' });
  });

  it('says nothing about a token of another', async () => {
    const other = await startIssuer();
    const authenticator = trusting({}, { issuer: other.issuer });
    issuer.fail(true);
    await expect(authenticator.authenticate(await bearer({}, other))).resolves.toMatchObject({
      issuer: other.issuer,
    });
    await other.close();
  });
});

describe('a verified token', () => {
  it('is not remembered beyond its expiry', async () => {
    const authenticator = trusting({ clockSkewSeconds: 0 });
    const exp = Math.floor(nowMs / 1000) + 5;
    const token = await bearer({ exp });
    await authenticator.authenticate(token);
    nowMs = exp * 1000;
    await expect(authenticator.authenticate(token)).rejects.toMatchObject(invalid('expired'));
  });

  it('is not found under a spelling of its own', async () => {
    const authenticator = trusting({});
    const token = await bearer();
    await authenticator.authenticate(token);
    for (const other of [`${token}=`, token.toUpperCase(), `${token} `.repeat(2).trim()]) {
      await expect(authenticator.authenticate(other)).rejects.toMatchObject(failsWith('token_invalid'));
    }
  });
});

/** A server that answers one path with what the test gives, and all else with 404. */
async function publishing(answers: (origin: string) => Record<string, unknown>): Promise<string> {
  const url = await serving((request, response) => {
    const answer = answers(url.origin)[request.url ?? ''];
    if (answer === undefined) response.statusCode = 404;
    if (answer instanceof URL) response.writeHead(302, { location: answer.href });
    response.end(typeof answer === 'string' ? answer : JSON.stringify(answer));
  });
  return url.origin;
}

const openId = '/.well-known/openid-configuration';

describe('a discovery document', () => {
  it.each<[string, (origin: string) => unknown]>([
    ['names another issuer', () => ({ issuer: 'https://other.test', jwks_uri: `${issuer.issuer}/jwks` })],
    [
      'names the issuer with a slash more',
      (origin) => ({ issuer: `${origin}/`, jwks_uri: `${issuer.issuer}/jwks` }),
    ],
    ['names no issuer', () => ({ jwks_uri: `${issuer.issuer}/jwks` })],
    ['names no keys', (origin) => ({ issuer: origin })],
    ['names keys at no URL', (origin) => ({ issuer: origin, jwks_uri: 'not a URL' })],
    ['names keys in a file', (origin) => ({ issuer: origin, jwks_uri: 'file:///etc/passwd' })],
    [
      'names keys at a metadata address',
      (origin) => ({ issuer: origin, jwks_uri: 'http://169.254.169.254/' }),
    ],
    ['is a list', (origin) => [{ issuer: origin, jwks_uri: `${issuer.issuer}/jwks` }]],
    ['is a page', () => '<!doctype html><title>Sign in</title>'],
    ['is a redirect', () => new URL(`${issuer.issuer}${openId}`)],
    [
      'is larger than any',
      (origin) => ({ issuer: origin, jwks_uri: `${issuer.issuer}/jwks`, x: 'x'.repeat(maxMetadataBytes) }),
    ],
  ])('that %s is refused', async (_, document) => {
    const origin = await publishing((own) => ({ [openId]: document(own) }));
    const authenticator = trusting({ issuer: origin });
    await expect(authenticator.authenticate(await bearer({ iss: origin }))).rejects.toMatchObject(
      unavailable,
    );
    expect(issuer.keyFetches()).toBe(0);
  });
});

describe('a key set', () => {
  it.each<[string, () => unknown]>([
    ['is a page', () => '<!doctype html><title>Sign in</title>'],
    ['is a redirect', () => new URL(`${issuer.issuer}/jwks`)],
    ['is larger than any', () => ({ keys: [issuer.publicJwk()], x: 'x'.repeat(maxMetadataBytes) })],
    ['has no list of keys', () => ({ keys: issuer.publicJwk() })],
    ['is a list', () => [issuer.publicJwk()]],
    ['is empty text', () => ''],
  ])('that %s is refused', async (_, document) => {
    const origin = await publishing(() => ({ '/keys': document() }));
    const authenticator = trusting({ jwksUrl: `${origin}/keys` });
    await expect(authenticator.authenticate(await bearer())).rejects.toMatchObject(unavailable);
  });

  it('cannot publish a shared secret', async () => {
    const secret = 'a secret of thirty-two bytes, at least';
    const oct = { kty: 'oct', k: segment(secret), kid: 'shared', alg: 'HS256' };
    const origin = await publishing(() => ({ '/keys': { keys: [oct] } }));
    const authenticator = trusting({ jwksUrl: `${origin}/keys`, algorithms: ['RS256', 'HS256'] });
    const payload = {
      iss: issuer.issuer,
      aud: testAudience,
      sub: 'alice',
      exp: Math.floor(nowMs / 1000) + 60,
    };
    const token = hmacSigned({ alg: 'HS256', kid: 'shared' }, payload, secret);
    await expect(authenticator.authenticate(`Bearer ${token}`)).rejects.toMatchObject(
      failsWith('token_invalid'),
    );
  });

  it.each<[string, Record<string, unknown>]>([
    ['for encryption', { use: 'enc' }],
    ['for another algorithm', { alg: 'PS256' }],
    ['for signing only', { key_ops: ['sign'] }],
  ])('with a key %s does not verify with it', async (_, members) => {
    const origin = await publishing(() => ({ '/keys': { keys: [{ ...issuer.publicJwk(), ...members }] } }));
    const authenticator = trusting({ jwksUrl: `${origin}/keys` });
    await expect(authenticator.authenticate(await bearer())).rejects.toMatchObject(invalid('key'));
  });

  it('with several keys verifies no token that names none', async () => {
    const keys = [issuer.publicJwk(), { ...attackerJwk, kid: 'other', alg: 'RS256' }];
    const origin = await publishing(() => ({ '/keys': { keys } }));
    const authenticator = trusting({ jwksUrl: `${origin}/keys` });
    const unnamed = await issuer.token({}, { kid: undefined });
    await expect(authenticator.authenticate(`Bearer ${unnamed}`)).rejects.toMatchObject(invalid('key'));
    const named = { alg: 'RS256', kid: issuer.publicJwk().kid };
    const forged = selfSigned(named, { iss: issuer.issuer, aud: testAudience, exp: 2 ** 40 });
    await expect(authenticator.authenticate(`Bearer ${forged}`)).rejects.toMatchObject(invalid('signature'));
  });
});
