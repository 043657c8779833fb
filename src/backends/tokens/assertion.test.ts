import { exportJWK, exportPKCS8, generateKeyPair, generateSecret, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { createSignAssertion, privateKeyText, signingMembers } from './assertion.ts';

const nowMs = 1_700_000_000_400;
let ids = 0;
const sign = createSignAssertion({ clock: { nowMs: () => nowMs }, newId: () => `id-${++ids}` });
const failure = { code: 'credential_unavailable', problem: 'key' };
const algorithms = signingMembers.algorithm.unwrap().options;

describe('an assertion', () => {
  it.each(algorithms)('is signed with %s by a key in PEM and by a JWK', async (algorithm) => {
    const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
    const pem = await exportPKCS8(privateKey);
    const jwk = JSON.stringify({ ...(await exportJWK(privateKey)), kid: 'of-the-jwk' });
    for (const text of [pem, jwk]) {
      const version = `${algorithm} ${text}`;
      const jwt = await sign({ iss: 'me' }, { version, privateKey: text, algorithm });
      const verified = await jwtVerify(jwt, publicKey, { currentDate: new Date(nowMs) });
      expect(verified.payload).toEqual({
        ...{ iss: 'me', jti: `id-${ids}`, iat: 1_700_000_000, exp: 1_700_000_060 },
      });
      const kid = text === jwk ? { kid: 'of-the-jwk' } : {};
      expect(verified.protectedHeader).toEqual({ alg: algorithm, typ: 'JWT', ...kid });
    }
  });

  it('names its key and its certificate as it is told', async () => {
    const { privateKey } = await generateKeyPair('ES256', { extractable: true });
    const text = JSON.stringify({ ...(await exportJWK(privateKey)), kid: 'of-the-jwk' });
    const key = { version: 'named', privateKey: text, algorithm: 'ES256' };
    const jwt = await sign({}, { ...key, keyId: 'given', certificateThumbprint: 'x'.repeat(43) });
    const header: unknown = JSON.parse(atob(jwt.split('.')[0] ?? ''));
    expect(header).toEqual({ alg: 'ES256', typ: 'JWT', kid: 'given', 'x5t#S256': 'x'.repeat(43) });
  });

  it('has an id of its own each time', async () => {
    const { privateKey } = await generateKeyPair('ES256', { extractable: true });
    const key = { version: 'twice', privateKey: await exportPKCS8(privateKey), algorithm: 'ES256' };
    expect(await sign({}, key)).not.toBe(await sign({}, key));
  });
});

describe('a key that cannot be used', async () => {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
  const pem = await exportPKCS8(privateKey);
  const oct = await exportJWK(await generateSecret('HS256', { extractable: true }));
  const weak = await crypto.subtle.generateKey(
    {
      name: 'RSASSA-PKCS1-v1_5',
      modulusLength: 1_024,
      publicExponent: Uint8Array.of(1, 0, 1),
      hash: 'SHA-256',
    },
    true,
    ['sign', 'verify'],
  );
  const cases: [string, string, string?][] = [
    ['no key', '-----BEGIN PRIVATE KEY-----\nnot base64!\n-----END PRIVATE KEY-----'],
    ['half a JWK', JSON.stringify(await exportJWK(privateKey)).slice(0, 200)],
    ['a public JWK', JSON.stringify(await exportJWK(publicKey))],
    ['a symmetric JWK', JSON.stringify(oct)],
    ['for another algorithm', pem, 'ES256'],
    ['too short', await exportPKCS8(weak.privateKey)],
    ['for no algorithm', pem, 'none'],
    ['for a symmetric algorithm', JSON.stringify(oct), 'HS256'],
  ];

  it.each(cases)('is a failure that does not quote it: %s', async (name, text, algorithm = 'RS256') => {
    const failed = sign({ iss: 'me' }, { version: name, privateKey: text, algorithm });
    await expect(failed).rejects.toMatchObject({ failure });
    const { cause, message } = await failed.then(
      () => new Error('signed'),
      (error: Error) => error,
    );
    for (const line of text.split(/[\n"]/).filter((part) => part.length > 20 && !part.startsWith('-----')))
      expect(`${message} ${String(cause)}`).not.toContain(line);
  });

  it('is refused where its text is none', () => {
    expect(privateKeyText.safeParse('-----BEGIN RSA PRIVATE KEY-----').success).toBe(false);
    expect(privateKeyText.safeParse(pem).success).toBe(true);
  });
});
