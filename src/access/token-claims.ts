import type { JWTPayload } from 'jose';
import { fail, ok, type Result, type TokenProblem } from '../failure.ts';
import { isRecord } from '../protocol/json.ts';
import { claimOf, firstClaimOf, topClaim } from './claim.ts';
import { granteesOf, maxNameChars } from './grantee.ts';
import type { IssuerConfig } from './issuer-config.ts';
import { maxSubjectChars, type Principal } from './principal.ts';

/** As many as Entra puts into a token before it points elsewhere. Each is a permission to be looked up. */
export const maxGroups = 200;
/** Of those with the issuer's prefix. Each is a permission to be looked up too. */
export const maxScopes = 200;

/**
 * Whom a token is of, by its claims; its signature, issuer, audience and times have been verified. Failures:
 * `token_invalid` with the problem `type`, `bound`, `client`, `groups`, `scopes`, `tenant`, `subject` or `malformed`. What would
 * hide a client, group, scope or tenant is refused and not read as none: a permission may take an agent from whoever is in a
 * group.
 *
 * @param typ of the token's header
 * @param issuers all that are trusted, in their order: they say whose groups and clients permissions can name
 */
export function principalOfClaims(
  payload: JWTPayload,
  typ: unknown,
  config: IssuerConfig,
  issuers: readonly IssuerConfig[],
): Result<Principal> {
  if (!isAccessToken(payload, typ)) return refused('type');
  // A token bound to a key (RFC 7800) must not pass as a bearer token: whoever stole it lacks the key.
  if (payload.cnf !== undefined) return refused('bound');
  if (payload.jti !== undefined && !isName(payload.jti)) return refused('malformed');
  const client = clientOf(payload, config);
  if (!client.ok) return client;
  const groups = groupsOf(payload, config);
  if (!groups.ok) return groups;
  const scopes = scopesOf(payload, config);
  if (scopes.length > maxScopes) return refused('scopes');
  const tenant = tenantOf(payload, config);
  if (!tenant.ok) return tenant;
  const subject: unknown = payload.sub === undefined ? client.value : payload.sub;
  // A signature vouches for no types: a `sub` that is no text is refused before it is compared with an owner's.
  if (typeof subject !== 'string' || subject === '' || subject.length > maxSubjectChars)
    return refused('subject');

  const facts = {
    issuer: config.issuer,
    subject,
    ...(client.value !== undefined && { clientId: client.value }),
    ...(tenant.value !== undefined && { tenant: tenant.value }),
    scopes,
    groups: groups.value,
  };
  return ok({
    ...facts,
    grantees: granteesOf(facts, issuers),
    ...(payload.jti !== undefined && { tokenId: payload.jti }),
    ...(typeof payload.iat === 'number' && { issuedAtSeconds: payload.iat }),
    expiresAtSeconds: payload.exp ?? 0,
  });
}

function refused(problem: TokenProblem): ReturnType<typeof fail> {
  return fail({ code: 'token_invalid', problem });
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= maxNameChars;
}

const accessTokenTypes: ReadonlySet<string> = new Set(['jwt', 'at+jwt', 'application/at+jwt']);

/** Of id tokens (OpenID Connect Core §2, §3.3.2.11), and of logout tokens and other events (RFC 8417 §2.2). */
const otherTokensClaims = ['nonce', 'at_hash', 'c_hash', 's_hash', 'events'];

/**
 * RFC 9068 says `at+jwt`; many issuers say `JWT` or nothing. Cognito tells by `token_use`, Keycloak by a `typ` claim.
 * What is declared as an id, refresh or logout token is none, and what has a claim of theirs must be declared as an access
 * token: Keycloak put a `nonce` into both.
 */
function isAccessToken(payload: JWTPayload, typ: unknown): boolean {
  if (typ !== undefined && typeof typ !== 'string') return false;
  const type = typ?.toLowerCase();
  if (type !== undefined && !accessTokenTypes.has(type)) return false;
  if (payload.token_use !== undefined && payload.token_use !== 'access') return false;
  if (payload.typ !== undefined && payload.typ !== 'Bearer') return false;
  const isDeclared =
    (type !== undefined && type !== 'jwt') || payload.token_use === 'access' || payload.typ === 'Bearer';
  return isDeclared || !otherTokensClaims.some((claim) => Object.hasOwn(payload, claim));
}

const usualClientClaims = ['client_id', 'azp', 'appid'];

/** Undefined for a token that names none, and need not. */
function clientOf(payload: JWTPayload, config: IssuerConfig): Result<string | undefined> {
  const { clientClaim } = config;
  const client = firstClaimOf(payload, clientClaim === undefined ? usualClientClaims : [clientClaim]);
  const isClient = (client === undefined || isName(client)) && isClientOf(config, client);
  return isClient ? ok(client) : refused('client');
}

/** Whether an issuer's tokens may be of this client. @param client undefined: they name none */
export function isClientOf({ clientClaim, clientIds }: IssuerConfig, client: string | undefined): boolean {
  if (client === undefined) return clientClaim === undefined && clientIds.length === 0;
  return clientIds.length === 0 || clientIds.includes(client);
}

/**
 * No claim: no groups. Entra names a claim in `_claim_names` (OpenID Connect Core §5.6.2), or says `hasgroups`, where the
 * groups are too many for a token and are to be asked for, which the gateway does not do.
 */
function groupsOf(payload: JWTPayload, { groupsClaim, allowGroups }: IssuerConfig): Result<string[]> {
  if (groupsClaim === undefined) return ok([]);
  if (isElsewhere(payload, topClaim(groupsClaim))) return refused('groups');
  const listed = claimOf(payload, groupsClaim);
  if (listed === undefined) return ok([]);
  if (!Array.isArray(listed)) return refused('groups');
  const ours = allowGroups.length === 0 ? listed : listed.filter((group) => allowGroups.includes(group));
  return ours.length <= maxGroups && ours.every(isName) ? ok([...new Set(ours)]) : refused('groups');
}

function isElsewhere(payload: JWTPayload, claim: string): boolean {
  const names = claimOf(payload, '_claim_names');
  if (names !== undefined && (!isRecord(names) || Object.hasOwn(names, claim))) return true;
  return claim === 'groups' && Object.hasOwn(payload, 'hasgroups');
}

/** No claim: no tenant. */
function tenantOf(payload: JWTPayload, { tenantClaim }: IssuerConfig): Result<string | undefined> {
  const claim = tenantClaim === undefined ? undefined : claimOf(payload, tenantClaim);
  return claim === undefined || isName(claim) ? ok(claim) : refused('tenant');
}

/** Of the first claim there is, as text or list: what one claim narrows, another does not widen. */
function scopesOf(payload: JWTPayload, { scopeClaims, scopePrefix, allowScopes }: IssuerConfig): string[] {
  const claim = firstClaimOf(payload, scopeClaims);
  const listed = typeof claim === 'string' ? claim.split(' ') : Array.isArray(claim) ? claim : [];
  const ours = listed
    .filter((scope): scope is string => typeof scope === 'string' && scope.startsWith(scopePrefix))
    .map((scope) => scope.slice(scopePrefix.length))
    .filter((scope) => scope !== '' && (allowScopes.length === 0 || allowScopes.includes(scope)));
  return [...new Set(ours)];
}
