import { LRUCache } from 'lru-cache';
import { GatewayError } from '../../failure.ts';
import type { Clock, Secrets, Upstream } from '../../ports.ts';
import { isRecord } from '../../protocol/json.ts';
import type { AuthConfig } from '../../registry/agent.ts';

export type ClientCredentialsConfig = Extract<AuthConfig, { type: 'oauth2_client_credentials' }>;

interface BackendToken {
  accessToken: string;
  /** Not used from here on: shortly before the token expires. */
  staleAtMs: number;
}

const maxTokenResponseBytes = 64 * 1024;
const tokenTimeoutMs = 10_000;
/** Assumed where the server does not say (RFC 6749 §5.1 only recommends `expires_in`). */
const assumedLifetimeSeconds = 60;
const maxCachedTokens = 10_000;

export interface TokenSource {
  /**
   * A bearer token for a backend, fetched once for all who wait and kept until shortly before it expires.
   *
   * @param refused a token the backend refused: it is not answered again
   * @throws GatewayError `credential_unavailable`
   */
  tokenFor(config: ClientCredentialsConfig, refused?: string): Promise<string>;
}

/** OAuth 2.0 client credentials (RFC 6749 §4.4) with `client_secret_basic`. */
export function createTokenSource(deps: { upstream: Upstream; secrets: Secrets; clock: Clock }): TokenSource {
  const { clock } = deps;
  // Keyed by the whole configuration, the secret's name included: changing any of it is another credential.
  const tokens = new LRUCache<string, Promise<BackendToken>>({ max: maxCachedTokens });

  function fetchOnce(key: string, config: ClientCredentialsConfig): Promise<BackendToken> {
    const fetched = fetchToken(config, deps);
    tokens.set(key, fetched);
    fetched.catch(() => {
      if (tokens.peek(key) === fetched) tokens.delete(key);
    });
    return fetched;
  }

  return {
    async tokenFor(config, refused) {
      const key = JSON.stringify(config);
      const cached = tokens.get(key);
      const token = cached === undefined ? undefined : await cached;
      if (token !== undefined && clock.nowMs() < token.staleAtMs && token.accessToken !== refused) {
        return token.accessToken;
      }
      // While this one waited another may have begun a fetch: join it.
      const current = tokens.get(key);
      const joined = current === undefined || current === cached ? fetchOnce(key, config) : current;
      return (await joined).accessToken;
    },
  };
}

async function fetchToken(
  config: ClientCredentialsConfig,
  { upstream, secrets, clock }: { upstream: Upstream; secrets: Secrets; clock: Clock },
): Promise<BackendToken> {
  try {
    const clientSecret = await secrets.get(config.secretName);
    if (clientSecret === undefined) throw new Error('the client secret is gone');
    const startedAtMs = clock.nowMs();
    const response = await upstream.send({
      method: 'POST',
      url: new URL(config.tokenUrl),
      headers: {
        accept: 'application/json',
        authorization: basicCredentials(config.clientId, clientSecret),
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: requestBody(config),
      headersTimeoutMs: tokenTimeoutMs,
      idleTimeoutMs: tokenTimeoutMs,
    });
    const bytes = await response.bytes(maxTokenResponseBytes);
    if (response.status !== 200) throw new Error(`token endpoint answered ${response.status}`);
    return parseToken(JSON.parse(new TextDecoder().decode(bytes)), startedAtMs);
  } catch (cause) {
    throw new GatewayError({ code: 'credential_unavailable' }, { cause: withoutContent(cause) });
  }
}

/** RFC 6749 §2.3.1: both are form-encoded before they are joined. */
function basicCredentials(clientId: string, clientSecret: string): string {
  const pair = `${formEncoded(clientId)}:${formEncoded(clientSecret)}`;
  return `Basic ${btoa(pair)}`;
}

function formEncoded(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1);
}

function requestBody(config: ClientCredentialsConfig): string {
  const body = new URLSearchParams({ grant_type: 'client_credentials' });
  if (config.scopes.length > 0) body.set('scope', config.scopes.join(' '));
  return body.toString();
}

function parseToken(answer: unknown, startedAtMs: number): BackendToken {
  if (!isRecord(answer)) throw new Error('token answer is not an object');
  const { access_token: accessToken, token_type: type, expires_in: expiresIn } = answer;
  if (typeof accessToken !== 'string' || !/^[\x21-\x7e]+$/.test(accessToken))
    throw new Error('no usable token');
  if (typeof type !== 'string' || type.toLowerCase() !== 'bearer') throw new Error('not a bearer token');
  const seconds = Number(expiresIn);
  const lifetimeMs = 1000 * (Number.isFinite(seconds) && seconds > 0 ? seconds : assumedLifetimeSeconds);
  return { accessToken, staleAtMs: startedAtMs + lifetimeMs - Math.min(60_000, lifetimeMs / 10) };
}

/** A parser's message quotes what it read, and what it read may hold a token. */
function withoutContent(cause: unknown): unknown {
  return cause instanceof SyntaxError ? new Error('token answer is not JSON') : cause;
}
