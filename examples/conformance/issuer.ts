import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

/** An issuer of tokens whose key nobody else ever has, for the time of one process. */
export interface AdminIssuer {
  issuer: string;
  jwksUrl: string;
  /** For an administrator of the gateway. */
  token(audience: string): Promise<string>;
  close(): Promise<void>;
}

export async function startAdminIssuer(): Promise<AdminIssuer> {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const keys = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'admin', alg: 'ES256' }] });
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json').end(keys);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A listening TCP server always has an AddressInfo; the other types are of pipes and closed servers.
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    issuer,
    jwksUrl: `${issuer}/jwks`,
    token: (audience) =>
      new SignJWT({ scope: 'gateway:admin' })
        .setProtectedHeader({ alg: 'ES256', kid: 'admin', typ: 'at+jwt' })
        .setIssuer(issuer)
        .setSubject('conformance-admin')
        .setAudience(audience)
        .setExpirationTime('5m')
        .sign(privateKey),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
