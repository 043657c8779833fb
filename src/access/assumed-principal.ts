import { fail, ok, type Result } from '../failure.ts';
import { granteesOf } from './grantee.ts';
import type { IssuerConfig } from './issuer-config.ts';
import type { Principal } from './principal.ts';
import { isClientOf } from './token-claims.ts';

/** A principal as it is described rather than proven. */
export interface DescribedPrincipal {
  issuer: string;
  subject: string;
  clientId?: string;
  tenant?: string;
  /** As the issuer spells them: without `group:` and alias. */
  groups?: readonly string[];
  /** Less the issuer's prefix. */
  scopes?: readonly string[];
}

/**
 * Whom a good token of this issuer that says the same would be of, were it issued now: without groups or a tenant where the
 * settings name no claim for them, since no token says them then. Nothing is proven: for questions, never for calls.
 * Failures: `token_invalid` with the problem `issuer`, for one that is not trusted, or `client`.
 */
export function assumedPrincipal(
  { issuer, subject, clientId, tenant, groups = [], scopes = [] }: DescribedPrincipal,
  issuers: readonly IssuerConfig[],
  nowMs: number,
): Result<Principal> {
  const config = issuers.find((trusted) => trusted.issuer === issuer);
  if (config === undefined) return fail({ code: 'token_invalid', problem: 'issuer' });
  if (!isClientOf(config, clientId)) return fail({ code: 'token_invalid', problem: 'client' });
  const { allowScopes, groupsClaim, allowGroups, tenantClaim } = config;
  const facts = {
    ...{ issuer, subject },
    ...(clientId !== undefined && { clientId }),
    ...(tenant !== undefined && tenantClaim !== undefined && { tenant }),
    scopes: allowed(scopes, allowScopes),
    groups: groupsClaim === undefined ? [] : allowed(groups, allowGroups),
  };
  return ok({
    ...facts,
    grantees: granteesOf(facts, issuers),
    issuedAtSeconds: Math.floor(nowMs / 1000),
    // Its tokens do not end while they are asked about.
    expiresAtSeconds: Number.MAX_SAFE_INTEGER,
  });
}

/** An issuer that is told to grant only some grants no others. */
function allowed(names: readonly string[], only: readonly string[]): string[] {
  return [...new Set(only.length === 0 ? names : names.filter((name) => only.includes(name)))];
}
