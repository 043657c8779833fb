import { GatewayError } from '../failure.ts';
import { grpcUrlAt, isGrpcUrl } from '../protocol/grpc-target.ts';
import { leastBusy } from './choose.ts';
import type { Instance } from './instance.ts';

/** Where a call may go: the agent's instances, and what it sticks to. */
export interface Route {
  /** Never empty. */
  instances: readonly Instance[];
  /** Where the conversation is so far; another takes it over where this one fails. */
  preferred?: Instance | undefined;
  /** Of the platform; handed to the backend's kind. */
  session?: string | undefined;
}

/**
 * The instance for the next attempt: one that was not tried, the preferred one first, else one that was.
 *
 * @returns undefined where all are left alone
 */
export function nextInstance(
  { instances, preferred }: Route,
  tried: readonly Instance[],
  { nowMs, random }: { nowMs: number; random: () => number },
): Instance | undefined {
  const [only] = instances;
  if (instances.length === 1) return only?.breaker.admits(nowMs) ? only : undefined;
  const open = instances.filter(({ breaker }) => breaker.admits(nowMs));
  const untried = open.filter((instance) => !tried.includes(instance));
  const choices = untried.length > 0 ? untried : open;
  return preferred !== undefined && choices.includes(preferred) ? preferred : leastBusy(choices, random);
}

/** All instances of a route are left alone: the first that is tried again says when. */
export function circuitOpen({ instances }: Route, nowMs: number): GatewayError {
  const waitMs = Math.min(...instances.map(({ breaker }) => breaker.waitMs(nowMs)));
  return new GatewayError({
    code: 'agent_circuit_open',
    retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1_000)),
  });
}

/**
 * The URL of a card's interface at an instance, which may be another than the card names. gRPC by host and port keeps the
 * port.
 */
export function urlAt({ origin }: Instance, url: URL): URL {
  if (isGrpcUrl(url)) return grpcUrlAt(origin, url);
  if (url.origin === origin) return url;
  // Joined as text: a path that begins with `//` would be another host's to the parser of relative URLs.
  return new URL(origin + url.pathname + url.search);
}
