const octet = '(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)';
const loopbackAddress = new RegExp(`^(?:127(?:\\.${octet}){3}|\\[?::1\\]?)$`);

/** Whether a text is an address of this machine that no other can reach. A name is none: what it means is not ours to say. */
export function isLoopbackAddress(host: string): boolean {
  return loopbackAddress.test(host);
}

/** Whether the host of a URL, in the URL parser's spelling, is this machine: such an address, or the name for it. */
export function isLoopbackHost(hostname: string): boolean {
  return hostname === 'localhost' || isLoopbackAddress(hostname);
}

/** The same of a name below `localhost`, which is nobody's: it is not delegated and means loopback (RFC 6761 §6.3). */
export function isBelowLoopback(hostname: string): boolean {
  return isLoopbackHost(hostname) || hostname.endsWith('.localhost');
}
