/** What is trusted of one token issuer. `config.ts` fills the defaults. Names of claims are as `claim.ts` reads them. */
export interface IssuerConfig {
  /** Compared letter for letter with `iss`. */
  issuer: string;
  /** What its groups, clients and tenants are known by in permissions: `group:<alias>:<name>`. Absent: see `granteesOf`. */
  alias?: string | undefined;
  /** Where the keys are; absent means discovery (OpenID Connect Discovery, RFC 8414). */
  jwksUrl?: string | undefined;
  /** Accepted `aud` values. Empty: not checked, and then `clientIds` must not be empty. */
  audiences: readonly string[];
  /** Accepted clients; empty: not checked. Cognito machine tokens carry no `aud`. */
  clientIds: readonly string[];
  /** Claim that names the client, which tokens must then have. Absent: `client_id`, `azp` or `appid`, the first there is. */
  clientClaim?: string | undefined;
  /** Accepted JWS algorithms, asymmetric only. */
  algorithms: readonly string[];
  /** Claims that hold the scopes; the first that a token has counts. */
  scopeClaims: readonly string[];
  /** Cognito's `resource-server/`: scopes must begin with it, and lose it. */
  scopePrefix: string;
  /** Scopes, less the prefix, this issuer may grant; others in its tokens are not ours and are gone. Empty: all. */
  allowScopes: readonly string[];
  /** Claim that lists the groups of a principal. Absent: principals have none. */
  groupsClaim?: string | undefined;
  /** Groups this issuer may name; others in its tokens are not ours and are gone. Empty: all. */
  allowGroups: readonly string[];
  /** Claim that names the tenant of a principal. Absent: principals have none. */
  tenantClaim?: string | undefined;
  clockSkewSeconds: number;
}
