import type { Client, KoaContextWithOIDC } from 'oidc-provider';
import { consoleClientId, type DevClient } from './dev-issuer-clients.ts';
import type { SigningKeys } from './dev-issuer-keys.ts';

export interface DevIssuerSetup {
  /** Its path is where the issuer is mounted. */
  issuer: URL;
  /** `aud` of the tokens that callers of the gateway get. An absolute URI, as RFC 8707 wants a resource to be. */
  audience: string;
  /** `aud` of the tokens that the gateway gets for the example agents. An absolute URI. */
  agentAudience: string;
  clients: readonly DevClient[];
  redirectUris: readonly string[];
  signingKeys: SigningKeys;
}

/** Who may sign in at the console: the gateway-side clients, in person. */
export function usersOf({ clients }: DevIssuerSetup): DevClient[] {
  return clients.filter(({ side }) => side === 'gateway');
}

/** The one resource a client's tokens are for; it cannot name another. */
export function resourceOf(setup: DevIssuerSetup, { clientId }: Client): string {
  const side = setup.clients.find((client) => client.clientId === clientId)?.side;
  return side === 'agents' ? setup.agentAudience : setup.audience;
}

/** At the console it is the user, not yet known here, who limits the scopes: see {@link grantEverythingOfUser}. */
export function scopesOf(setup: DevIssuerSetup, { clientId }: Client): readonly string[] {
  if (clientId === consoleClientId) return everyUserScope(setup);
  return setup.clients.find((client) => client.clientId === clientId)?.scopes ?? [];
}

function everyUserScope(setup: DevIssuerSetup): string[] {
  return [...new Set(usersOf(setup).flatMap(({ scopes }) => scopes))];
}

/** The first scope a client asks for in its own name and may not have. */
export function refusedScope(ctx: KoaContextWithOIDC, allowed: readonly string[]): string | undefined {
  if (ctx.oidc.params?.grant_type !== 'client_credentials') return undefined;
  return [...ctx.oidc.requestParamScopes].find((scope) => !allowed.includes(scope));
}

/**
 * A request that names no scope of the resource means all of them: newcomers forget the parameter. The provider has
 * no setting for that, but asks about the resource before it reads the scopes.
 */
export function askForAllUnlessAskedForSome(ctx: KoaContextWithOIDC, allowed: readonly string[]): void {
  const { params, requestParamScopes: asked } = ctx.oidc;
  // A code carries the scopes of the request that made it.
  if (params === undefined || params.grant_type === 'authorization_code') return;
  if (allowed.length === 0 || allowed.some((scope) => asked.has(scope))) return;
  params.scope = [...asked, ...allowed].join(' ');
}

/** Consent is not asked for: a user grants the console all their own scopes and refuses the rest. */
export async function grantEverythingOfUser(ctx: KoaContextWithOIDC, setup: DevIssuerSetup) {
  const { account, client, provider } = ctx.oidc;
  const user = usersOf(setup).find(({ clientId }) => clientId === account?.accountId);
  if (user === undefined || client === undefined) return undefined;
  const grant = new provider.Grant({ accountId: user.clientId, clientId: client.clientId });
  grant.addOIDCScope('openid');
  const granted = user.scopes.join(' ');
  const refused = everyUserScope(setup).filter((scope) => !user.scopes.includes(scope));
  if (granted !== '') grant.addResourceScope(setup.audience, granted);
  if (refused.length > 0) grant.rejectResourceScope(setup.audience, refused.join(' '));
  await grant.save();
  return grant;
}
