import { isIP } from 'node:net';
import { parseUrl } from '../parse-url.ts';
import { addressRefusal, type Cidr, parseCidr } from './address.ts';

/** What the gateway may call. With nothing set: https to any public address, on port 443 or an unprivileged one. */
export interface UpstreamRules {
  /** Also plain `http:`, and port 80. Default false. */
  allowHttp?: boolean;
  /**
   * When not empty, exactly these ports. Default empty: 443, 80 with `allowHttp`, and 1024 to 65535 except the
   * well-known ports of stores, queues and control planes in {@link refusedPorts}.
   */
  allowPorts?: readonly number[];
  /** When not empty, only these hosts: exact, or `*.example.com` for every name below it. Default empty. */
  allowHosts?: readonly string[];
  /** Never these hosts, in the same form; stronger than `allowHosts`. Default empty. */
  denyHosts?: readonly string[];
  /** Networks in CIDR form that lift the refusal of an address. Default empty. See `addressRefusal`. */
  allowAddresses?: readonly string[];
}

/** {@link UpstreamRules} checked and parsed once. */
export interface CompiledRules {
  readonly allowHttp: boolean;
  readonly allowPorts: ReadonlySet<number>;
  readonly allowHosts: ReadonlySet<string>;
  readonly denyHosts: ReadonlySet<string>;
  readonly allowAddresses: readonly Cidr[];
}

/**
 * High ports where no agent listens and a request that reaches a service does harm: SQL Server, Oracle, PPTP, NFS,
 * ZooKeeper, Docker, etcd, MySQL, RDP, svn, epmd, SIP, PostgreSQL, AMQP, VNC, CouchDB, X11, Redis, Kubernetes, IRC,
 * Consul, Cassandra, Kafka, Elasticsearch, Amanda, kubelet, memcached, MongoDB.
 */
export const refusedPorts: ReadonlySet<number> = new Set([
  1433, 1521, 1723, 2049, 2181, 2375, 2376, 2379, 2380, 3306, 3389, 3690, 4369, 5060, 5061, 5432, 5671, 5672,
  5900, 5984, 6000, 6379, 6380, 6443, 6665, 6666, 6667, 6668, 6669, 6697, 8500, 8501, 9042, 9092, 9200, 9300,
  10080, 10250, 10255, 10256, 11211, 27017, 27018, 27019,
]);

/** @throws TypeError on a port, host or network that cannot be one, quoting it. */
export function compileRules(rules: UpstreamRules = {}): CompiledRules {
  return {
    allowHttp: rules.allowHttp ?? false,
    allowPorts: new Set(rules.allowPorts?.map(checkedPort)),
    allowHosts: compileHosts(rules.allowHosts),
    denyHosts: compileHosts(rules.denyHosts),
    allowAddresses: rules.allowAddresses?.map(parseCidr) ?? [],
  };
}

/**
 * The rule a URL breaks, as far as its text tells, or undefined: `scheme`, `userinfo`, `fragment`, `port`,
 * `host:denied`, `host:not-allowed`, or `address:…` for a literal address. Relies on `URL` having made odd hosts
 * (octal, fullwidth, percent-encoded) canonical. Does not judge a name, `localhost` included: its addresses are
 * judged where it is resolved.
 */
export function urlRefusal(url: URL, rules: CompiledRules): string | undefined {
  if (url.protocol !== 'https:' && !(rules.allowHttp && url.protocol === 'http:')) return 'scheme';
  if (url.username !== '' || url.password !== '') return 'userinfo';
  // `hash` is empty for a bare `#`, the text is not.
  if (url.href.includes('#')) return 'fragment';
  if (!isPortAllowed(url, rules)) return 'port';
  const host = bareHost(url.hostname);
  if (rules.denyHosts.size > 0 && isListed(host, rules.denyHosts)) return 'host:denied';
  if (rules.allowHosts.size > 0 && !isListed(host, rules.allowHosts)) return 'host:not-allowed';
  return isIP(host) === 0 ? undefined : addressRefusal(host, rules.allowAddresses);
}

/** A URL's host name without the brackets of IPv6 and the dot of a fully qualified name. */
export function bareHost(hostname: string): string {
  if (hostname.startsWith('[')) return hostname.slice(1, -1);
  return hostname.endsWith('.') ? hostname.slice(0, -1) : hostname;
}

function isPortAllowed(url: URL, { allowHttp, allowPorts }: CompiledRules): boolean {
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  if (allowPorts.size > 0) return allowPorts.has(port);
  if (port === 443 || (port === 80 && allowHttp)) return true;
  return port >= 1024 && !refusedPorts.has(port);
}

/** Patterns as {@link isListed} takes them. @throws TypeError on one that cannot be a host, quoting it. */
export function compileHosts(patterns: readonly string[] = []): ReadonlySet<string> {
  return new Set(patterns.map(checkedHost));
}

/** Whether a bare host is named, or is below a `*.domain`. */
export function isListed(host: string, patterns: ReadonlySet<string>): boolean {
  if (patterns.has(host)) return true;
  for (let dot = host.indexOf('.'); dot !== -1; dot = host.indexOf('.', dot + 1)) {
    if (patterns.has(`*${host.slice(dot)}`)) return true;
  }
  return false;
}

function checkedPort(port: number): number {
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new TypeError(`not a port: ${port}`);
}

/** In the form `URL` gives hosts, so that a list may hold capitals, Unicode names and bare IPv6. */
function checkedHost(pattern: string): string {
  const wildcard = pattern.startsWith('*.') ? '*.' : '';
  const name = pattern.slice(wildcard.length);
  const text = `https://${isIP(name) === 6 ? `[${name}]` : name}`;
  const url = name.includes('*') ? undefined : parseUrl(text);
  // Anything beside a host (a port, a path, userinfo) shows in the canonical text.
  if (url === undefined || url.href !== `https://${url.hostname}/`) {
    throw new TypeError(`not a host or *.domain: ${pattern}`);
  }
  return wildcard + bareHost(url.hostname);
}
