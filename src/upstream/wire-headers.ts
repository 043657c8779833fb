import type { UpstreamRequest } from '../ports.ts';

/**
 * A request's headers as they go out, names and values in turn: as given, but that no encoding is asked for, so that
 * limits on size count what is really read.
 *
 * @throws TypeError on a `host` header: it would name another host than the one whose rules were checked.
 */
export function wireHeaders(headers: UpstreamRequest['headers']): string[] {
  const wire = ['accept-encoding', 'identity'];
  for (const [name, value] of Object.entries(headers)) {
    const lower = name.toLowerCase();
    if (lower === 'host') throw new TypeError('the host header is made from the URL');
    if (lower !== 'accept-encoding') wire.push(name, value);
  }
  return wire;
}
