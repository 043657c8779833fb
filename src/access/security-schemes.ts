import type { SecurityRequirement, SecurityScheme } from '../protocol/card.ts';
import { looksQualified } from './grantee.ts';
import type { IssuerConfig } from './issuer-config.ts';
import { type IssuerMetadata, openIdConfigurationUrl } from './issuer-metadata.ts';

/** The security members of a published card (A2A §4.5): how a caller of the gateway gets a token. */
export interface CardSecurity {
  securitySchemes: Record<string, SecurityScheme>;
  securityRequirements: SecurityRequirement[];
}

/**
 * One OAuth 2.0 scheme an issuer whose endpoints are known, an OpenID Connect scheme for the others; any one suffices. What is
 * granted to a group or a client is no scope to ask an issuer for, and stays inside. An issuer that may grant none of the
 * scopes has no scheme.
 *
 * @param grantees of this caller that grant the agent; each alone suffices. Empty for a card anyone may read.
 */
export function cardSecurity(
  issuers: readonly IssuerConfig[],
  metadata: ReadonlyMap<string, IssuerMetadata>,
  grantees: readonly string[],
): CardSecurity {
  const scopes = grantees.filter((grantee) => !looksQualified(grantee));
  const securitySchemes: Record<string, SecurityScheme> = {};
  const securityRequirements: SecurityRequirement[] = [];
  for (const [index, issuer] of issuers.entries()) {
    const name = index === 0 ? 'gateway' : `gateway${index + 1}`;
    const { allowScopes, scopePrefix } = issuer;
    const granted = scopes.filter((scope) => allowScopes.length === 0 || allowScopes.includes(scope));
    if (scopes.length > 0 && granted.length === 0) continue;
    const spelled = granted.map((scope) => scopePrefix + scope);
    securitySchemes[name] = schemeFor(issuer, metadata.get(issuer.issuer), spelled);
    if (spelled.length === 0) securityRequirements.push({ schemes: { [name]: {} } });
    for (const scope of spelled) securityRequirements.push({ schemes: { [name]: { list: [scope] } } });
  }
  return { securitySchemes, securityRequirements };
}

function schemeFor(
  issuer: IssuerConfig,
  metadata: IssuerMetadata | undefined,
  scopes: readonly string[],
): SecurityScheme {
  if (metadata?.tokenUrl === undefined) {
    return { openIdConnectSecurityScheme: { openIdConnectUrl: openIdConfigurationUrl(issuer.issuer) } };
  }
  const described = Object.fromEntries(scopes.map((scope) => [scope, 'Calls this agent']));
  // The protocol has exactly one flow a scheme (A2A §4.5.6); machine callers are the common ones.
  const clientCredentials = { tokenUrl: metadata.tokenUrl, scopes: described };
  return {
    oauth2SecurityScheme: {
      flows: { clientCredentials },
      oauth2MetadataUrl: openIdConfigurationUrl(issuer.issuer),
    },
  };
}
