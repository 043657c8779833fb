import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** A parsed network: its address and how many leading bits name it. */
export type Cidr = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

/**
 * Where clouds keep credentials and instance data. 168.63.129.16 (Azure) is public unicast by number, and
 * 100.100.100.200 (Alibaba), 192.0.0.192 (Oracle) and fd00:ec2::254 (AWS) sit in ranges an operator may well allow.
 * The two link-local /24 take in the neighbours: AWS DNS and time, task and pod credentials.
 */
const metadata = [
  '169.254.169.0/24',
  '169.254.170.0/24',
  '169.254.0.23/32',
  '169.254.42.42/32',
  '100.100.100.200/32',
  '168.63.129.16/32',
  '192.0.0.192/32',
  'fd00:ec2::/32',
  'fd20:ce::254/128',
  'fd00:42::42/128',
].map(parseCidr);

/** All that is routed on the public internet so far; the rest of IPv6 is refused by default. */
const globalUnicast = parseCidr('2000::/3');

/** `::a.b.c.d`, which ipaddr.js takes for ordinary unicast. */
const ipv4Compatible = parseCidr('::/96');

/** ipaddr.js range to rule. A range that is not named here and is not `unicast` is `address:reserved`. */
const ruleByRange: Readonly<Record<string, string>> = {
  loopback: 'address:loopback',
  private: 'address:private',
  uniqueLocal: 'address:private',
  deprecatedSiteLocal: 'address:private',
  linkLocal: 'address:link-local',
  carrierGradeNat: 'address:shared',
  unspecified: 'address:unspecified',
  broadcast: 'address:broadcast',
  multicast: 'address:multicast',
  ipv4Mapped: 'address:embedded-ipv4',
  rfc6145: 'address:embedded-ipv4',
  rfc6052: 'address:embedded-ipv4',
  '6to4': 'address:embedded-ipv4',
  teredo: 'address:embedded-ipv4',
};

/**
 * The rule that keeps the gateway from connecting to an IP address, or undefined. Refuses all that is not globally
 * reachable unicast, and every cloud's metadata service.
 *
 * @param address as `net.isIP` accepts it, without a zone; anything else is `address:malformed`, so no second
 *   reader of odd forms (octal, short) can disagree with this one.
 * @param allowed networks that lift the refusal. A metadata address is lifted only by a network of that address
 *   alone, and an address that carries an IPv4 address inside never, because the rules would then see the outside.
 */
export function addressRefusal(address: string, allowed: readonly Cidr[] = []): string | undefined {
  if (isIP(address) === 0 || address.includes('%')) return 'address:malformed';
  const ip = ipaddr.parse(address);
  const rule = ruleOf(ip);
  if (rule === undefined || rule === 'address:embedded-ipv4') return rule;
  const single = ip.kind() === 'ipv4' ? 32 : 128;
  const lifted = allowed.some(
    (cidr) => within(ip, cidr) && (rule !== 'address:metadata' || cidr[1] === single),
  );
  return lifted ? undefined : rule;
}

/**
 * The rule a name breaks by itself, for where somebody else resolves it; what it leads to is not judged. `localhost` and
 * all below it is loopback by its name (RFC 6761 §6.3). An empty label is `address:malformed`: `127.0.0.1..` is a name to
 * `URL` and an address to many resolvers.
 */
export function nameRefusal(name: string, allowed: readonly Cidr[] = []): string | undefined {
  const labels = name.split('.');
  if (labels.includes('')) return 'address:malformed';
  return labels.at(-1) === 'localhost' ? addressRefusal('127.0.0.1', allowed) : undefined;
}

/** @throws TypeError when the text is not `address/bits` with a canonical address. */
export function parseCidr(text: string): Cidr {
  // ipaddr.js alone would read `10/8` as 0.0.0.10/8.
  if (isIP(text.split('/')[0] ?? '') === 0 || text.includes('%') || !ipaddr.isValidCIDR(text)) {
    throw new TypeError(`not a network in CIDR form: ${text}`);
  }
  return ipaddr.parseCIDR(text);
}

function ruleOf(ip: ipaddr.IPv4 | ipaddr.IPv6): string | undefined {
  if (metadata.some((cidr) => within(ip, cidr))) return 'address:metadata';
  const range = ip.range();
  if (range !== 'unicast') return ruleByRange[range] ?? 'address:reserved';
  if (ip.kind() === 'ipv4') return undefined;
  if (within(ip, ipv4Compatible) || isIsatap(ip)) return 'address:embedded-ipv4';
  return within(ip, globalUnicast) ? undefined : 'address:reserved';
}

function within(ip: ipaddr.IPv4 | ipaddr.IPv6, [network, bits]: Cidr): boolean {
  return ip.kind() === network.kind() && ip.match(network, bits);
}

/** RFC 5214: an interface identifier of 0000:5efe or 0200:5efe is followed by an IPv4 address. */
function isIsatap(ip: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  const [, , , , high, low] = (ip as ipaddr.IPv6).parts;
  return (high === 0 || high === 0x200) && low === 0x5efe;
}
