import { isRecord } from '../../protocol/json.ts';

/** A token a backend takes, as it was issued. */
export interface BackendToken {
  accessToken: string;
  /** When it was asked for: its life is counted from there, so that it ends early rather than late. */
  askedAtMs: number;
  /** Not used at or after it. */
  expiresAtMs: number;
}

/** Assumed where the server does not say (RFC 6749 §5.1 only recommends `expires_in`). */
const assumedLifetimeSeconds = 60;
/** What is said to live longer is renewed after a day all the same. */
const maxLifetimeSeconds = 86_400;
/** Longer ones fit in no server's headers. */
const maxTokenChars = 8_192;

/** What an answer is held to beside RFC 6749 §5.1. */
export interface ExpectedToken {
  /** `issued_token_type` (RFC 8693 §2.2.1), where one was asked for. */
  issuedTokenType?: string | undefined;
}

/**
 * The token of a successful answer (RFC 6749 §5.1). Does not look into it: whether it is good is for the backend to say.
 *
 * @throws Error that quotes nothing of the answer
 */
export function parseTokenAnswer(
  text: string,
  askedAtMs: number,
  { issuedTokenType }: ExpectedToken = {},
): BackendToken {
  const answer = parsedJson(text);
  if (!isRecord(answer)) throw new Error('the token answer is no JSON object');
  const { access_token: accessToken, token_type: type, expires_in: expiresIn } = answer;
  if (typeof accessToken !== 'string' || !/^[\x21-\x7e]+$/.test(accessToken))
    throw new Error('the token answer has no usable token');
  if (accessToken.length > maxTokenChars) throw new Error('the token is too long');
  if (!isBearer(type, issuedTokenType)) throw new Error('the token is no bearer token');
  const { issued_token_type: issued = issuedTokenType } = answer;
  if (issuedTokenType !== undefined && issued !== issuedTokenType)
    throw new Error('the token is of another type than the one asked for');
  return { accessToken, askedAtMs, expiresAtMs: askedAtMs + lifetimeMs(expiresIn) };
}

/** What is no access token is presented as a bearer token all the same, and called `N_A` (RFC 8693 §2.2.1). */
function isBearer(type: unknown, issuedTokenType: string | undefined): boolean {
  if (typeof type !== 'string') return false;
  const name = type.toLowerCase();
  return name === 'bearer' || (name === 'n_a' && issuedTokenType !== undefined);
}

/** Some servers send a text. */
function lifetimeMs(expiresIn: unknown): number {
  const seconds = typeof expiresIn === 'number' || typeof expiresIn === 'string' ? Number(expiresIn) : 0;
  const isLifetime = Number.isFinite(seconds) && seconds > 0;
  return 1_000 * (isLifetime ? Math.min(seconds, maxLifetimeSeconds) : assumedLifetimeSeconds);
}

/** `error` codes registered for token endpoints (RFC 6749 §5.2, RFC 8707 §2, RFC 9396 §5, RFC 9449 §5), and usual ones. */
const oauthErrors: ReadonlySet<unknown> = new Set([
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'unauthorized_client',
  'unsupported_grant_type',
  'invalid_scope',
  'invalid_target',
  'invalid_authorization_details',
  'invalid_dpop_proof',
  'use_dpop_nonce',
  'access_denied',
  'interaction_required',
  'slow_down',
  'server_error',
  'temporarily_unavailable',
]);

/** The registered `error` code of a refusal; undefined where there is none. All else in it may quote secrets. */
export function oauthErrorOf(text: string): string | undefined {
  const answer = parsedJson(text);
  if (!isRecord(answer) || !oauthErrors.has(answer.error)) return undefined;
  return String(answer.error);
}

/** A parser's message quotes what it read, and what it read may hold a token: undefined is all there is of it. */
function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
