import { exportJWK, exportPKCS8, generateKeyPair, type JWK } from 'jose';
import type { TestTokenEndpoint } from './token-endpoint.ts';

/** A key pair as a registration gives it and as a server knows it. */
export interface KeyTexts {
  pem: string;
  jwk: string;
  publicJwk: JWK;
}

export async function newKeyTexts(algorithm: string): Promise<KeyTexts> {
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
  const kid = `${algorithm}-${crypto.randomUUID()}`;
  return {
    pem: await exportPKCS8(privateKey),
    jwk: JSON.stringify({ ...(await exportJWK(privateKey)), kid }),
    publicJwk: { ...(await exportJWK(publicKey)), kid },
  };
}

/** Credentials of a kind, all secrets of which a test can change. */
export interface TokenCredential {
  name: string;
  /** Good ones. */
  authConfig: Record<string, unknown>;
  /** What of them takes their place: another secret or key that the endpoint knows too. */
  rotated: Record<string, unknown>;
  /** The same of one it does not know. */
  wrong: Record<string, unknown>;
  /** What the endpoint answers to that. */
  error: string;
  /** Whom the token is issued to, where `alice` calls. */
  subject: string;
}

const secrets = ['first sécret: of+the/client', 'second-secret-of-the-client'];

/** Every way to a token, with an endpoint that knows it. */
export async function tokenCredentials(
  endpoint: TestTokenEndpoint,
  callers: string,
): Promise<TokenCredential[]> {
  const { tokenUrl, clients, grantors } = endpoint;
  const rsa = await Promise.all(['RS256', 'RS256', 'RS256'].map(newKeyTexts));
  const ec = await Promise.all(['ES256', 'ES256', 'ES256'].map(newKeyTexts));
  const [rsa1, rsa2, rsa3, ec1, ec2, ec3] = [...rsa, ...ec];
  if (!rsa1 || !rsa2 || !rsa3 || !ec1 || !ec2 || !ec3) throw new TypeError('six keys');
  const known = [rsa1, rsa2, ec1, ec2].map(({ publicJwk }) => publicJwk);
  clients.set('gate:way', { secrets: [...secrets], keys: known });
  grantors.set('grantor', known);

  const bySecret = {
    authConfig: { tokenUrl, clientId: 'gate:way', clientSecret: secrets[0], scopes: ['invoke', 'more'] },
    ...{ rotated: { clientSecret: secrets[1] }, wrong: { clientSecret: 'a-wrong-secret-of-the-client' } },
    error: 'invalid_client',
  };
  const byKey = {
    authConfig: {
      ...{ tokenUrl, clientId: 'gate:way', clientAuthentication: 'private_key_jwt', scopes: ['invoke'] },
      ...{ algorithm: 'RS256', keyId: rsa1.publicJwk.kid, privateKey: rsa1.pem },
    },
    rotated: { privateKey: rsa2.pem, keyId: rsa2.publicJwk.kid },
    wrong: { privateKey: rsa3.pem },
    error: 'invalid_client',
  };
  const granted = {
    authConfig: { tokenUrl, issuer: 'grantor', algorithm: 'ES256', privateKey: ec1.jwk, scopes: ['invoke'] },
    ...{ rotated: { privateKey: ec2.jwk }, wrong: { privateKey: ec3.jwk }, error: 'invalid_grant' },
  };
  const of = (
    name: string,
    subject: string,
    base: typeof bySecret | typeof byKey | typeof granted,
    more: object,
  ) => ({
    ...base,
    ...{ name, subject, authConfig: { ...base.authConfig, ...more } },
  });

  const [credentials, exchange, bearer] = ['client_credentials', 'token_exchange', 'jwt_bearer'].map(
    (grant) => ({
      type: `oauth2_${grant}`,
    }),
  );
  const post = { clientAuthentication: 'client_secret_post' };
  const caller = { subjectFrom: 'caller', callerIssuer: callers };
  return [
    of('client credentials by a secret', 'gate:way', bySecret, { ...credentials }),
    of('client credentials by a secret in the form', 'gate:way', bySecret, { ...credentials, ...post }),
    of('client credentials by a key', 'gate:way', byKey, { ...credentials }),
    of('an exchange by a secret', 'alice', bySecret, { ...exchange, requestedTokenType: 'access_token' }),
    of('an exchange by a key', 'alice', byKey, { ...exchange, audience: 'https://backend.test' }),
    of('an assertion for a name', 'service', granted, { ...bearer, subject: 'service' }),
    of('an assertion for the caller', 'alice', granted, { ...bearer, ...caller }),
  ];
}

/** All texts of a value that nobody but the endpoint may see. */
export function secretTextsOf({ authConfig, rotated, wrong }: TokenCredential): string[] {
  return [authConfig, rotated, wrong].flatMap(({ clientSecret, privateKey }) =>
    [clientSecret, ...privateParts(privateKey)].filter((text): text is string => typeof text === 'string'),
  );
}

/** A key is known by any line of its PEM, or its `d`. */
function privateParts(key: unknown): unknown[] {
  if (typeof key !== 'string') return [];
  if (key.startsWith('{')) return [(JSON.parse(key) as JWK).d];
  return key.split('\n').filter((line) => line !== '' && !line.startsWith('-----'));
}
