import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';

/** A token issuer on loopback that does what a test says, honest or not. */
export interface TestIssuer {
  issuer: string;
  /** A good token for `alice` with scope `demo`, but for what is given. `undefined` takes a claim away. */
  token(claims?: Record<string, unknown>, header?: Record<string, unknown>): Promise<string>;
  /** Any header over any payload, signed with RS256 whatever the header says. */
  sign(header: Record<string, unknown>, payload: Record<string, unknown>): Promise<string>;
  /** Signs with a new key from now on; the old one leaves the key set. */
  rotate(): Promise<void>;
  /** The public key as published. */
  publicJwk(): JWK;
  /** Publishes the keys at another path from now on, and no more at the old one. */
  moveKeys(): void;
  /** How often the key set was fetched. */
  keyFetches(): number;
  /** Answers 500 to everything while true. */
  fail(isDown: boolean): void;
  close(): Promise<void>;
}

interface Key {
  privateKey: CryptoKey;
  jwk: JWK;
}

let keyCount = 0;

async function newKey(): Promise<Key> {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
  return {
    privateKey,
    jwk: { ...(await exportJWK(publicKey)), kid: `key-${++keyCount}`, alg: 'RS256', use: 'sig' },
  };
}

function segment(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

export const testAudience = 'https://gateway.test';

export async function startIssuer(): Promise<TestIssuer> {
  let key = await newKey();
  let isDown = false;
  let keyFetches = 0;
  let keysPath = '/jwks';
  const server = createServer((request, response) => {
    const isKeys = request.url === keysPath;
    if (isKeys) keyFetches++;
    response.statusCode = isDown ? 500 : 200;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(isKeys ? { keys: [key.jwk] } : metadata()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const metadata = () => ({ issuer, jwks_uri: issuer + keysPath, token_endpoint: `${issuer}/token` });

  return {
    issuer,
    async token(claims = {}, header = {}) {
      const nowSeconds = Math.floor(Date.now() / 1000);
      const payload: JWTPayload = {
        iss: issuer,
        aud: testAudience,
        sub: 'alice',
        client_id: 'alice',
        scope: 'demo',
        iat: nowSeconds,
        exp: nowSeconds + 3600,
        ...claims,
      };
      return new SignJWT(payload)
        .setProtectedHeader({ alg: 'RS256', kid: key.jwk.kid ?? '', typ: 'at+jwt', ...header })
        .sign(key.privateKey);
    },
    async sign(header, payload) {
      const signed = `${segment(header)}.${segment(payload)}`;
      const signature = await crypto.subtle.sign('RSASSA-PKCS1-v1_5', key.privateKey, Buffer.from(signed));
      return `${signed}.${Buffer.from(signature).toString('base64url')}`;
    },
    async rotate() {
      key = await newKey();
    },
    publicJwk: () => key.jwk,
    moveKeys() {
      keysPath = '/keys';
    },
    keyFetches: () => keyFetches,
    fail(down) {
      isDown = down;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
