/** What is trusted of one token issuer. `config.ts` fills the defaults. */
export interface IssuerConfig {
  /** Compared letter for letter with `iss`. */
  issuer: string;
  /** Where the keys are; absent means discovery (OpenID Connect Discovery, RFC 8414). */
  jwksUrl?: string | undefined;
  /** Accepted `aud` values. Empty: not checked, and then `clientIds` must not be empty. */
  audiences: readonly string[];
  /** Accepted `client_id` (or `azp`, `appid`) values; empty: not checked. Cognito machine tokens carry no `aud`. */
  clientIds: readonly string[];
  /** Accepted JWS algorithms, asymmetric only. */
  algorithms: readonly string[];
  /** Cognito's `resource-server/`: scopes must begin with it, and lose it. */
  scopePrefix: string;
  /** Scopes, less the prefix, this issuer may grant; others in its tokens are not ours and are gone. Empty: all. */
  allowScopes: readonly string[];
  /** Claim that names the tenant of a principal. Absent: principals have none. */
  tenantClaim?: string | undefined;
  clockSkewSeconds: number;
}
