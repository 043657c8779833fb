import { GatewayError } from '../failure.ts';
import { parseUrl } from '../parse-url.ts';
import type { Upstream } from '../ports.ts';
import { isRecord } from '../protocol/json.ts';

/** The members of an issuer's discovery document the gateway uses. */
export interface IssuerMetadata {
  jwksUrl: string;
  tokenUrl?: string;
  authorizationUrl?: string;
}

export const maxMetadataBytes = 256 * 1024;
const fetchTimeoutMs = 5_000;

/** Fetches a JSON document through the one way out. Redirects are refused. Failures: `issuer_unavailable`. */
export async function fetchJson(upstream: Upstream, url: URL): Promise<unknown> {
  try {
    const response = await upstream.send({
      method: 'GET',
      url,
      headers: { accept: 'application/json' },
      headersTimeoutMs: fetchTimeoutMs,
      idleTimeoutMs: fetchTimeoutMs,
    });
    const bytes = await response.bytes(maxMetadataBytes);
    if (response.status !== 200) throw new Error(`status ${response.status}`);
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new GatewayError({ code: 'issuer_unavailable' }, { cause });
  }
}

/** Where an issuer publishes its OpenID configuration (OpenID Connect Discovery §4). */
export function openIdConfigurationUrl(issuer: string): string {
  return `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
}

/** RFC 8414 puts the well-known segment before the issuer's path. */
function oauthMetadataUrl(issuer: string): string {
  const url = new URL(issuer);
  const path = url.pathname.replace(/\/$/, '');
  return `${url.origin}/.well-known/oauth-authorization-server${path}`;
}

/**
 * Discovers an issuer: OpenID Connect first, RFC 8414 where that fails. The document must name this very issuer,
 * else any server could speak for any other (RFC 8414 §3.3). Failures: `issuer_unavailable`.
 */
export async function discoverIssuer(upstream: Upstream, issuer: string): Promise<IssuerMetadata> {
  try {
    return parseMetadata(await fetchJson(upstream, new URL(openIdConfigurationUrl(issuer))), issuer);
  } catch {
    return parseMetadata(await fetchJson(upstream, new URL(oauthMetadataUrl(issuer))), issuer);
  }
}

function parseMetadata(document: unknown, issuer: string): IssuerMetadata {
  const isOurs = isRecord(document) && document.issuer === issuer;
  if (!isOurs || typeof document.jwks_uri !== 'string' || parseUrl(document.jwks_uri) === undefined) {
    throw new GatewayError(
      { code: 'issuer_unavailable' },
      { cause: new Error('not the metadata of this issuer') },
    );
  }
  const { jwks_uri: jwksUrl, token_endpoint: tokenUrl, authorization_endpoint: authorizationUrl } = document;
  return {
    jwksUrl,
    ...(typeof tokenUrl === 'string' && { tokenUrl }),
    ...(typeof authorizationUrl === 'string' && { authorizationUrl }),
  };
}
