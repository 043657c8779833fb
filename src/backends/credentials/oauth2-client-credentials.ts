import { LRUCache } from 'lru-cache';
import * as z from 'zod';
import { GatewayError } from '../../failure.ts';
import type { Clock, Upstream } from '../../ports.ts';
import { isRecord } from '../../protocol/json.ts';
import { credentialKind } from '../credential.ts';
import { secretText, text, url } from '../limits.ts';

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

/** OAuth 2.0 client credentials (RFC 6749 §4.4) with `client_secret_basic`. */
export const oauth2ClientCredentials = credentialKind({
  type: 'oauth2_client_credentials',
  summary: 'A bearer token for the gateway itself, from a token endpoint (RFC 6749 §4.4).',
  example: {
    type: 'oauth2_client_credentials',
    tokenUrl: 'https://login.example.com/token',
    clientId: 'gateway',
    clientSecret: '…',
    scopes: ['invoke'],
  },
  members: {
    tokenUrl: url.describe('Token endpoint.'),
    clientId: text.describe('The client the gateway is there.'),
    scopes: z.array(text).max(64).default([]).describe('Scopes asked for.'),
  },
  secrets: { clientSecret: secretText.describe('Secret of the client.') },
  addresses: ({ tokenUrl }) => ({ tokenUrl }),
  open(deps) {
    const { clock } = deps;
    const tokens = new LRUCache<string, Promise<BackendToken>>({ max: maxCachedTokens });

    function fetchOnce(version: string, request: TokenRequest): Promise<BackendToken> {
      const fetched = fetchToken(request, deps);
      tokens.set(version, fetched);
      fetched.catch(() => {
        if (tokens.peek(version) === fetched) tokens.delete(version);
      });
      return fetched;
    }

    /** Fetched once for all who wait and kept until shortly before it expires. */
    async function tokenFor(version: string, request: TokenRequest, refused?: string): Promise<string> {
      const cached = tokens.get(version);
      const token = cached === undefined ? undefined : await cached;
      if (token !== undefined && clock.nowMs() < token.staleAtMs && token.accessToken !== refused) {
        return token.accessToken;
      }
      // While this one waited another may have begun a fetch: join it.
      const current = tokens.get(version);
      const joined = current === undefined || current === cached ? fetchOnce(version, request) : current;
      return (await joined).accessToken;
    }

    return {
      async apply(request, { members, secrets, version }, refused) {
        const refusedToken = refused?.headers.authorization?.slice('Bearer '.length);
        const token = await tokenFor(version, { ...members, ...secrets }, refusedToken);
        return { ...request, headers: { ...request.headers, authorization: `Bearer ${token}` } };
      },
    };
  },
});

interface TokenRequest {
  tokenUrl: string;
  clientId: string;
  scopes: string[];
  clientSecret: string;
}

async function fetchToken(
  config: TokenRequest,
  { upstream, clock }: { upstream: Upstream; clock: Clock },
): Promise<BackendToken> {
  try {
    const startedAtMs = clock.nowMs();
    const response = await upstream.send({
      method: 'POST',
      url: new URL(config.tokenUrl),
      headers: {
        accept: 'application/json',
        authorization: basicCredentials(config.clientId, config.clientSecret),
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
    throw new GatewayError(
      { code: 'credential_unavailable', problem: 'token_endpoint' },
      { cause: withoutContent(cause) },
    );
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

function requestBody(config: TokenRequest): string {
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
