import ipaddr from 'ipaddr.js';
import { parseUrl } from '../../parse-url.ts';

const internalSuffixes = [
  'local',
  'localhost',
  'localdomain',
  'internal',
  'intranet',
  'lan',
  'corp',
  'home',
  'home.arpa',
  'private',
  'svc',
] as const;

// The parser would take commas and the like in a host name too; no name server does.
const httpUrl =
  /^https?:\/\/(?:\[[0-9a-f:.]+\]|[\p{L}\p{M}\p{N}._-]+)(?::\d{1,5})?(?:[/?][^\s\\<>"{}|^`]*)?$/iu;
const notHttp = 'must be an absolute http(s) URL';

/**
 * Why a text is not a URL to call an agent at, if it is not. Stricter than the WHATWG parser, which mends what it is
 * given: another parser would mend it differently, and a `{placeholder}` left in a card would be called.
 * Does not check where the URL leads.
 */
export function httpUrlProblem(text: string): string | undefined {
  if (/^https?:\/\/[^/?#]*@/i.test(text)) return 'must not have credentials';
  if (text.includes('#')) return 'must not have a fragment';
  return httpUrl.test(text) && parseUrl(text) !== undefined ? undefined : notHttp;
}

/** `host:port`, the form of a GRPC interface's URL (the proto's comment on `AgentInterface.url`). */
export function isGrpcTarget(text: string): boolean {
  return (
    /^(?:\[[0-9a-f:.]+\]|[a-z0-9][a-z0-9._-]*):\d{1,5}$/i.test(text) &&
    parseUrl(`http://${text}`) !== undefined
  );
}

/** Host and port of an interface's URL, in the URL parser's spelling; undefined where it has none. */
export function authorityOf(url: string): { hostname: string; port: string } | undefined {
  const parsed = parseUrl(isGrpcTarget(url) ? `http://${url}` : url);
  if (parsed === undefined || parsed.hostname === '') return undefined;
  const { protocol, hostname, port } = parsed;
  return { hostname, port: port === '' ? (protocol === 'https:' ? '443' : '80') : port };
}

/** Whether only the gateway's own network would know the host: a private address or a name that is not public. */
export function isInternalHost(hostname: string): boolean {
  const host = bareHost(hostname);
  if (ipaddr.isValid(host)) return ipaddr.process(host).range() !== 'unicast';
  return isSingleLabel(host) || internalSuffixes.some((suffix) => host.endsWith(`.${suffix}`));
}

/** Whether the host is so common a word (`localhost`, `billing`, `127.0.0.1`) that a text may say it innocently. */
export function isCommonHost(hostname: string): boolean {
  const host = bareHost(hostname);
  if (ipaddr.isValid(host)) return ['loopback', 'unspecified'].includes(ipaddr.process(host).range());
  return isSingleLabel(host);
}

/** Without the brackets of IPv6 and the root's dot. */
export function bareHost(hostname: string): string {
  return hostname.toLowerCase().replace(/^\[|\]$|\.$/g, '');
}

function isSingleLabel(host: string): boolean {
  return !host.includes('.') && !host.includes(':');
}
