import { isBelowLoopback } from '../loopback.ts';
import { parseUrl } from '../parse-url.ts';
import { granteesOf } from './grantee.ts';
import type { Principal } from './principal.ts';

/** Issuers of tokens are http(s) URLs, so that none can speak for this one, nor own what it owns. */
export const anonymousIssuer = 'urn:a2a-gateway:anonymous';

/** Whom a gateway under test takes requests without a token for. Its permissions decide, as any principal's. */
export interface Anonymous {
  principal: Principal;
  /**
   * What tells that a request may be another's than a program's on this machine, or undefined: a Host that is no
   * loopback name, as a page has after DNS rebinding; a header only browsers set, because their pages are from anywhere;
   * a header a proxy sets. A proxy that leaves no trace is not noticed.
   */
  signOfElsewhere(request: Request): string | undefined;
}

export function createAnonymous({
  subject,
  scopes,
}: {
  subject: string;
  scopes: readonly string[];
}): Anonymous {
  // Without a token there is none to act by on the caller's behalf: it has ended before it began.
  const own = [...new Set(scopes)];
  const facts = { issuer: anonymousIssuer, subject, scopes: own, groups: [] };
  const principal = { ...facts, grantees: granteesOf(facts, []), expiresAtSeconds: 0 };
  return { principal, signOfElsewhere };
}

/** Whether a header tells that a request may be from elsewhere. A runtime that makes requests of something else keeps such. */
export function tellsOfElsewhere(name: string): boolean {
  return tellingHeader.test(name);
}

const tellingHeader =
  /^(?:origin|sec-fetch-site|forwarded|x-forwarded-.*|via|x-real-ip|x-client-ip|true-client-ip|cf-.*|x-amzn-.*|x-envoy-.*|x-original-.*)$/;

function signOfElsewhere({ url, headers }: Request): string | undefined {
  if (!isBelowLoopback(new URL(url).hostname) || !isLoopbackName(headers.get('host'))) return 'host';
  return [...headers.keys()].find(tellsOfElsewhere);
}

/** Of a Host header, which a runtime may have made the URL of. */
function isLoopbackName(host: string | null): boolean {
  if (host === null) return true;
  const url = parseUrl(`http://${host}`);
  return url !== undefined && isBelowLoopback(url.hostname);
}
