import { authorityOf } from './card/url.ts';
import type { AgentInterface } from './card.ts';

/**
 * A gRPC interface names a host and a port, with a scheme or without (the proto's comment on `AgentInterface.url`). Its
 * host is one of the backend's; whether TLS is spoken is said by the origin a call goes to, never by the card.
 */
const targetScheme = 'grpc:';

/** A method of an interface, as a URL that is not yet where a call goes: see {@link grpcUrlAt}. */
export function grpcUrl({ url }: AgentInterface, path: string): URL {
  const at = authorityOf(url);
  // A card whose interface has none was refused.
  if (at === undefined) throw new TypeError('not the URL of a gRPC interface');
  return new URL(`${targetScheme}//${at.hostname}:${at.port}${path}`);
}

/** Whether a URL is of {@link grpcUrl}'s making. */
export function isGrpcUrl(url: URL): boolean {
  return url.protocol === targetScheme;
}

/** The same at an origin: its scheme and its host, and the port of the interface. */
export function grpcUrlAt(origin: string, url: URL): URL {
  const { protocol, hostname } = new URL(origin);
  // Joined as text, as any URL of an interface is.
  return new URL(`${protocol}//${hostname}:${url.port}${url.pathname}`);
}

/** Every place where an agent's gRPC interfaces may be called: the ports of them all at each of its origins. */
export function grpcPlaces(interfaces: readonly AgentInterface[], origins: readonly string[]): URL[] {
  return interfaces
    .filter(({ protocolBinding, url }) => protocolBinding === 'GRPC' && authorityOf(url) !== undefined)
    .flatMap((at) => origins.map((origin) => grpcUrlAt(origin, grpcUrl(at, '/'))));
}

/** Whether an interface names the host of an origin, and no other scheme than its. */
export function isOnHostOf(origin: string, { url }: AgentInterface): boolean {
  const { protocol, hostname } = new URL(origin);
  const named = /^https?:/i.exec(url)?.[0].toLowerCase();
  return authorityOf(url)?.hostname === hostname && (named === undefined || named === protocol);
}
