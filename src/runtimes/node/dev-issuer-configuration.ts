import { randomBytes } from 'node:crypto';
import type { Client, Configuration, errors, KoaContextWithOIDC, ResourceServer } from 'oidc-provider';
import { consoleClientId, type DevClient } from './dev-issuer-clients.ts';
import {
  askForAllUnlessAskedForSome,
  type DevIssuerSetup,
  grantEverythingOfUser,
  refusedScope,
  resourceOf,
  scopesOf,
  usersOf,
} from './dev-issuer-grants.ts';
import { failurePage, pageHeaders, renderPage } from './dev-issuer-pages.ts';

const hourSeconds = 3600;

/** Everything the provider is told. What is left out is off, and each function given here replaces one that warns. */
export function devIssuerConfiguration(setup: DevIssuerSetup, refusals: typeof errors): Configuration {
  const { clients, redirectUris, signingKeys, issuer } = setup;
  return {
    clients: [...clients.map(confidentialClient), publicClient(redirectUris)],
    jwks: signingKeys,
    scopes: ['openid'],
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'none'],
    findAccount: (_ctx, id) => {
      if (!usersOf(setup).some((user) => user.clientId === id)) return undefined;
      return { accountId: id, claims: async () => ({ sub: id }) };
    },
    loadExistingGrant: (ctx) => grantEverythingOfUser(ctx, setup),
    interactions: { url: (_ctx, { uid }) => `${issuer.pathname}/interaction/${uid}` },
    // The provider's own page for this fetches a font from elsewhere.
    renderError: (ctx, { error, error_description }) => {
      const page = failurePage(error_description ?? error);
      ctx.set(pageHeaders(page));
      ctx.body = renderPage(page);
    },
    // The console is served from the issuer's own origin.
    clientBasedCORS: () => false,
    cookies: {
      keys: [randomBytes(32).toString('base64url')],
      // No single sign-on, so that whoever signs in next may be another user: the session's cookie is for a path
      // that nobody asks for, and no browser sends it back.
      long: { httpOnly: true, sameSite: 'lax', path: `${issuer.pathname}/no-session` },
      short: { httpOnly: true, sameSite: 'lax' },
    },
    expiresWithSession: () => false,
    ttl: {
      AccessToken: hourSeconds,
      ClientCredentials: hourSeconds,
      IdToken: hourSeconds,
      Grant: hourSeconds,
      Interaction: hourSeconds,
      AuthorizationCode: 60,
      Session: 60,
    },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      userinfo: { enabled: false },
      resourceIndicators: resourceIndicators(setup, refusals),
    },
  };
}

/** Each token is for one side of the gateway (RFC 8707); the client decides which, not the request. */
function resourceIndicators(setup: DevIssuerSetup, refusals: typeof errors) {
  return {
    enabled: true,
    defaultResource: (_ctx: KoaContextWithOIDC, client: Client) => resourceOf(setup, client),
    useGrantedResource: () => true,
    getResourceServerInfo(ctx: KoaContextWithOIDC, resource: string, client: Client): ResourceServer {
      if (resource !== resourceOf(setup, client)) throw new refusals.InvalidTarget();
      const allowed = scopesOf(setup, client);
      const refused = refusedScope(ctx, allowed);
      if (refused !== undefined) throw new refusals.InvalidScope('requested scope is not allowed', refused);
      askForAllUnlessAskedForSome(ctx, allowed);
      const scope = allowed.join(' ');
      return { audience: resource, scope, accessTokenFormat: 'jwt', accessTokenTTL: hourSeconds };
    },
  };
}

function confidentialClient({ clientId, clientSecret }: DevClient) {
  return {
    client_id: clientId,
    client_secret: clientSecret,
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
    // Lets the secret come either way: the provider tells the two secret methods apart only in what it publishes.
    token_endpoint_auth_method: 'client_secret_post' as const,
  };
}

function publicClient(redirectUris: readonly string[]) {
  return {
    client_id: consoleClientId,
    grant_types: ['authorization_code'],
    response_types: ['code' as const],
    redirect_uris: [...redirectUris],
    token_endpoint_auth_method: 'none' as const,
  };
}
