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
  /** Signs with a new key from now on; the old ones leave the key set. */
  rotate(): Promise<void>;
  /** Signs with a new key from now on; the old ones stay in the key set. */
  addKey(): Promise<void>;
  /** Takes all keys but the newest out of the key set. */
  withdrawOld(): void;
  /** The newest public key as published. */
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

/**
 * @param path of its URL, as products have one for each tenant or pool
 * @param otherKeys published beside its own
 */
export async function startIssuer({
  path = '',
  otherKeys = [],
}: {
  path?: string;
  otherKeys?: readonly JWK[];
} = {}): Promise<TestIssuer> {
  let key = await newKey();
  let published = [key];
  let isDown = false;
  let keyFetches = 0;
  let keysPath = '/jwks';
  const server = createServer((request, response) => {
    const isKeys = request.url === keysPath;
    if (isKeys) keyFetches++;
    response.statusCode = isDown ? 500 : 200;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(isKeys ? keySet() : metadata()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const issuer = origin + path;
  const metadata = () => ({ issuer, jwks_uri: origin + keysPath, token_endpoint: `${origin}/token` });
  const keySet = () => ({ keys: [...otherKeys, ...published.map(({ jwk }) => jwk)] });
  const addKey = async () => {
    key = await newKey();
    published.push(key);
  };
  const withdrawOld = () => {
    published = [key];
  };

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
      await addKey();
      withdrawOld();
    },
    addKey,
    withdrawOld,
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
