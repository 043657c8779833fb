import { decodeJwt, errors, type JWTVerifyResult, jwtVerify } from 'jose';
import { LRUCache } from 'lru-cache';
import { GatewayError, type TokenProblem, unwrap } from '../failure.ts';
import type { Clock, Upstream } from '../ports.ts';
import type { IssuerConfig } from './issuer-config.ts';
import { createIssuerKeys, type IssuerKeys } from './issuer-keys.ts';
import type { IssuerMetadata } from './issuer-metadata.ts';
import type { Principal } from './principal.ts';
import { principalOfClaims } from './token-claims.ts';

/** Longer tokens are refused unread. */
export const maxTokenChars = 8_192;
/** A verified token is verified again after this long at the latest, so that a withdrawn key takes effect. */
export const verifiedForMs = 60_000;
const maxVerifiedTokens = 10_000;

export interface Authenticator {
  /**
   * Verifies the bearer token of an `Authorization` header (RFC 6750 §2.1): known issuer, listed asymmetric
   * algorithm, signature, audience or client, times, token type. Tokens in queries or bodies are not looked at.
   *
   * @throws GatewayError `token_missing`, `token_invalid`, `issuer_unavailable`
   */
  authenticate(authorization: string | null): Promise<Principal>;
  /** Metadata of the issuers that could be discovered, by issuer. */
  issuerMetadata(): Promise<ReadonlyMap<string, IssuerMetadata>>;
}

interface Verified {
  principal: Principal;
  verifiedAtMs: number;
}

export function createAuthenticator(deps: {
  issuers: readonly IssuerConfig[];
  upstream: Upstream;
  clock: Clock;
}): Authenticator {
  const { clock } = deps;
  const issuers = new Map(
    deps.issuers.map((config) => [config.issuer, { config, keys: createIssuerKeys(config, deps) }]),
  );
  // By the whole header: a header seen before is not even taken apart.
  const verified = new LRUCache<string, Verified>({ max: maxVerifiedTokens });

  function isUsable({ principal, verifiedAtMs }: Verified): boolean {
    const nowMs = clock.nowMs();
    const ageMs = nowMs - verifiedAtMs;
    // A clock set back would make what is old look young.
    return ageMs >= 0 && ageMs < verifiedForMs && nowMs < principal.expiresAtSeconds * 1000;
  }

  async function verify(token: string): Promise<Principal> {
    const claimedIssuer = unverifiedIssuer(token);
    const trusted = claimedIssuer === undefined ? undefined : issuers.get(claimedIssuer);
    if (trusted === undefined) throw refused('issuer');
    const { payload, protectedHeader } = await verifySignature(token, trusted.config, trusted.keys, clock);
    return unwrap(principalOfClaims(payload, protectedHeader.typ, trusted.config, deps.issuers));
  }

  return {
    async authenticate(authorization) {
      const known = authorization === null ? undefined : verified.get(authorization);
      if (known !== undefined && isUsable(known)) return known.principal;
      const token = bearerToken(authorization);
      const principal = await verify(token);
      verified.set(authorization ?? '', { principal, verifiedAtMs: clock.nowMs() });
      return principal;
    },
    async issuerMetadata() {
      const found = await Promise.all(
        [...issuers].map(async ([issuer, { keys }]) => [issuer, await keys.metadata()] as const),
      );
      return new Map(found.filter((entry): entry is [string, IssuerMetadata] => entry[1] !== undefined));
    },
  };
}

/** The log gets jose's message and not its error, whose own cause quotes the token's text. */
function refused(problem: TokenProblem, error?: unknown): GatewayError {
  const cause = error instanceof Error ? error.message : undefined;
  return new GatewayError({ code: 'token_invalid', problem }, { cause });
}

/** A JWS in compact form (RFC 7515 §7.1), in its one spelling: jose would take padding and the other alphabet too. */
const bearer = /^bearer +([\w-]+\.[\w-]+\.[\w-]*)$/i;

function bearerToken(authorization: string | null): string {
  if (authorization === null || authorization.trim() === '')
    throw new GatewayError({ code: 'token_missing' });
  if (authorization.length > maxTokenChars) throw refused('malformed');
  const token = bearer.exec(authorization)?.[1];
  if (token !== undefined) return token;
  // Another scheme is as good as no token; a bearer scheme with something else is a bad one.
  throw /^bearer\b/i.test(authorization) ? refused('malformed') : new GatewayError({ code: 'token_missing' });
}

/** Only to pick the issuer's keys; nothing else is taken from an unverified token. */
function unverifiedIssuer(token: string): string | undefined {
  try {
    return decodeJwt(token).iss;
  } catch (cause) {
    throw refused('malformed', cause);
  }
}

async function verifySignature(
  token: string,
  config: IssuerConfig,
  keys: IssuerKeys,
  clock: Clock,
): Promise<JWTVerifyResult> {
  try {
    return await jwtVerify(token, keys.key, {
      issuer: config.issuer,
      ...(config.audiences.length > 0 && { audience: [...config.audiences] }),
      algorithms: [...config.algorithms],
      clockTolerance: config.clockSkewSeconds,
      currentDate: new Date(clock.nowMs()),
      requiredClaims: ['exp'],
    });
  } catch (error) {
    if (error instanceof GatewayError) throw error;
    throw refused(problemOf(error), error);
  }
}

function problemOf(error: unknown): TokenProblem {
  if (error instanceof errors.JWTExpired) return 'expired';
  if (error instanceof errors.JWTClaimValidationFailed) return problemOfClaim(error.claim);
  if (error instanceof errors.JOSEAlgNotAllowed) return 'algorithm';
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
    return 'key';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'signature';
  return 'malformed';
}

function problemOfClaim(claim: string): TokenProblem {
  switch (claim) {
    case 'aud':
      return 'audience';
    case 'iss':
      return 'issuer';
    case 'exp':
      return 'expired';
    case 'nbf':
      return 'not_yet_valid';
    default:
      return 'malformed';
  }
}
