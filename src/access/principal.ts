/** A longer subject is no caller's: whoever calls can be revoked by it. */
export const maxSubjectChars = 4_096;

/** Who calls, as a verified token tells. */
export interface Principal {
  issuer: string;
  /** `sub`, or the client id where a machine token has no `sub`. */
  subject: string;
  clientId?: string;
  /** Of the claim the issuer's settings name. */
  tenant?: string;
  /** Scopes with the issuer's prefix removed; scopes without it are not ours and are gone. */
  scopes: readonly string[];
  /** Of the claim the issuer's settings name, as the issuer spells them. */
  groups: readonly string[];
  /**
   * What permissions may be given to that count for this principal: its scopes, `group:<group>` for each of its groups,
   * `client:<clientId>` and `tenant:<tenant>`. Made when the token is verified, so that no scope of a token passes for one of them.
   */
  grantees: readonly string[];
  /** `jti` (RFC 7519 §4.1.7). */
  tokenId?: string;
  /** `iat`, seconds since the epoch. */
  issuedAtSeconds?: number;
  /** `exp`, seconds since the epoch. Nothing derived from the token is used at or after it. */
  expiresAtSeconds: number;
}

/** Scope of administrators: every management route. */
export const adminScope = 'gateway:admin';
/** Scope of agent owners: registering, and managing what one registered. */
export const registerScope = 'gateway:register';

export function hasScope(principal: Principal, scope: string): boolean {
  return principal.scopes.includes(scope);
}
