import { createRemoteJWKSet, jwtVerify } from 'jose';
import { success } from './bindings.ts';
import { answerJson, type Script } from './scripted-agent.ts';
import { backendAudience, type TestTokenEndpoint } from './token-endpoint.ts';

/**
 * An agent that answers a call with the claims of its bearer token, in the binding it was called in, and 401 (RFC 6750
 * §3.1) where the token is not good: not signed by the endpoint's issuer, for another audience, expired, revoked.
 */
export function resourceServer(endpoint: TestTokenEndpoint): Script {
  const { issuer } = endpoint.signer;
  const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`));
  return async (request, response, incoming) => {
    const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    try {
      if (endpoint.isRevoked(token)) throw new Error('revoked');
      const { payload } = await jwtVerify(token, keys, { issuer, audience: backendAudience });
      const binding = request.target.startsWith('/rpc') ? 'JSON-RPC' : 'HTTP+JSON';
      answerJson(success(binding, payload))(request, response, incoming);
    } catch {
      response.writeHead(401, { 'www-authenticate': `Bearer error="invalid_token", token="${token}"` }).end();
    }
  };
}
