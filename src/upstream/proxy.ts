import { parseUrl } from '../parse-url.ts';
import { bareHost, compileHosts, isListed } from './rules.ts';

/** A proxy every call goes out through (RFC 9110 §9.3.6), for networks with one guarded exit. */
export interface ProxyOptions {
  /**
   * `http:` or `https:`, nothing after the port. A user name and a password become Basic credentials (RFC 7617) for the
   * proxy alone.
   */
  url: string;
  /**
   * Who turns names into addresses. `gateway`: every address is judged and the proxy is asked for that address. `proxy`: it
   * is asked for the name, and has the last word on where the name leads; the gateway then judges only addresses that
   * stand in a URL, and names that mean this machine. Default `gateway`.
   */
  resolveNames?: 'gateway' | 'proxy';
  /** Hosts called without the proxy, in the form of `UpstreamRules.allowHosts`. Default none. */
  bypassHosts?: readonly string[];
  /** PEM certificates an `https:` proxy may prove itself by, beside Node's own authorities. Default none. */
  authorities?: readonly string[];
}

/** {@link ProxyOptions} checked and parsed once. */
export interface EgressProxy {
  /** The operator's word: not judged. */
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  readonly authorities: readonly string[];
  /** Value of `Proxy-Authorization`: a secret. */
  readonly authorization: string | undefined;
  takes(host: string): boolean;
  /** Whether the proxy is to be asked for this name rather than for an address. */
  resolves(name: string): boolean;
}

/** @throws TypeError on a URL that is none of a proxy, which is not quoted, and on a host that cannot be one */
export function compileProxy(options: ProxyOptions): EgressProxy {
  const url = parsedUrl(options.url);
  const secure = url.protocol === 'https:';
  const bypassed = compileHosts(options.bypassHosts);
  const takes = (host: string) => !isListed(host, bypassed);
  return {
    host: bareHost(url.hostname),
    port: Number(url.port || (secure ? 443 : 80)),
    secure,
    authorities: options.authorities ?? [],
    authorization: basicCredentials(url),
    takes,
    resolves: (name) => options.resolveNames === 'proxy' && takes(name),
  };
}

function parsedUrl(text: string): URL {
  const url = parseUrl(text);
  const isProxy = url !== undefined && /^https?:$/.test(url.protocol) && url.pathname === '/';
  if (isProxy && url.search === '' && url.hash === '') return url;
  throw new TypeError('not the URL of a proxy');
}

function basicCredentials({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  const [user, secret] = [decoded(username), decoded(password)];
  // A colon would move into the password (RFC 7617 §2).
  if (user.includes(':')) throw new TypeError('the user name of a proxy has no colon');
  return `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new TypeError('the credentials of a proxy are not percent-encoded');
  }
}
