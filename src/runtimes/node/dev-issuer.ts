import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseUrl } from '../../parse-url.ts';
import { type DevClient, devClients } from './dev-issuer-clients.ts';
import { devIssuerConfiguration } from './dev-issuer-configuration.ts';
import { usersOf } from './dev-issuer-grants.ts';
import type { SigningKeys } from './dev-issuer-keys.ts';
import { importProvider } from './dev-issuer-provider.ts';
import { createSignIn } from './dev-issuer-signin.ts';

export interface DevIssuerOptions {
  /** Where it lives on the gateway's own server, like `http://127.0.0.1:8080/dev/issuer`. */
  issuer: string;
  /** Audience of tokens for the gateway; an absolute URI. */
  audience: string;
  /** Audience of tokens for the example agents that want one; an absolute URI, unlike `audience`. */
  agentAudience: string;
  /** From `loadOrCreateSigningKeys`. */
  signingKeys: SigningKeys;
  /** Default: the five of newcomer mode. */
  clients?: readonly DevClient[];
  /** Where the console takes its codes. Default: `/console/callback` on the issuer's origin. */
  redirectUris?: readonly string[];
}

export interface DevIssuer {
  issuer: string;
  discoveryUrl: string;
  tokenUrl: string;
  jwksUrl: string;
  /** Whether a request path is the issuer's to answer. */
  owns(path: string): boolean;
  /** Answers a request to one of its paths. Its own state is in memory and ends with the process. */
  handle(request: IncomingMessage, response: ServerResponse): void;
}

/**
 * The OpenID provider of newcomer mode: client credentials and authorization code with PKCE, JWT access tokens
 * (RFC 9068) that live an hour. For development only: its secrets are public and its users need no password.
 *
 * @throws TypeError when the issuer has no path or an audience is not an absolute URI
 */
export async function createDevIssuer(options: DevIssuerOptions): Promise<DevIssuer> {
  const { clients = devClients, audience, agentAudience, signingKeys } = options;
  const issuer = new URL(options.issuer);
  const mount = issuer.pathname;
  if (mount === '/' || mount.endsWith('/'))
    throw new TypeError('the issuer needs a path without a trailing slash');
  if (parseUrl(audience) === undefined || parseUrl(agentAudience) === undefined)
    throw new TypeError('audiences are absolute URIs');
  const { redirectUris = [`${issuer.origin}/console/callback`] } = options;
  const setup = { issuer, audience, agentAudience, clients, redirectUris, signingKeys };

  const { errors, createProvider } = await importProvider();
  const provider = createProvider(options.issuer, devIssuerConfiguration(setup, errors));
  const answer = provider.callback();
  const redirectOrigins = redirectUris.map((uri) => new URL(uri).origin);
  const signIn = createSignIn({ provider, users: usersOf(setup), redirectOrigins });

  return {
    issuer: options.issuer,
    discoveryUrl: `${options.issuer}/.well-known/openid-configuration`,
    tokenUrl: `${options.issuer}/token`,
    jwksUrl: `${options.issuer}/jwks`,
    owns: (path) => path === mount || path.startsWith(`${mount}/`),
    handle(request, response) {
      const path = (request.url ?? '').slice(mount.length);
      // Every URL the provider tells is built from the request; it is to tell its own, however it was reached.
      request.headers.host = issuer.host;
      if (path.startsWith('/interaction/')) void signIn.handle(request, response);
      // `originalUrl` is how the provider learns that it is mounted below a path.
      else void answer(Object.assign(request, { originalUrl: request.url, url: path || '/' }), response);
    },
  };
}
