import type { Principal } from '../access/principal.ts';
import { isReservedAgentId } from '../registry/registration-schema.ts';
import type { Admission } from './admission.ts';
import type { Call } from './route.ts';
import type { Services } from './services.ts';

/**
 * Counts an admitted call, before anything of its body is read: to the directory as what finds agents, whichever way it is
 * asked. What the gateway itself asks an agent for it, again or for each task of a list, is not counted.
 *
 * @throws GatewayError `limit_exceeded`, `store_unavailable`
 */
export async function countCall(
  call: Call,
  { principal, agent, limits }: Admission,
  services: Services,
): Promise<void> {
  if (isReservedAgentId(agent.agentId)) return countDiscovery(call, principal, services);
  const { note } = call;
  const { limiter } = services;
  const counting = limiter.count(principal, agent.agentId, limits);
  const { standings, error } = counting instanceof Promise ? await counting : counting;
  note.standings = standings;
  if (error !== undefined) throw error;
}

/** Counts what a caller asks to find agents. @throws as `countCall` */
export async function countDiscovery(
  { note }: Call,
  principal: Principal,
  { limiter }: Services,
): Promise<void> {
  const { standings, error } = await limiter.countDiscovery(principal);
  note.standings = standings;
  if (error !== undefined) throw error;
}

/** The largest body of an admitted call. */
export function maxBodyBytesOf({ limits }: Admission, { config }: Services): number {
  return Math.min(limits.maxBodyBytes ?? Number.POSITIVE_INFINITY, config.limits.maxBodyBytes);
}

/**
 * What every answer to a call says in its headers: by which id it is logged, and how its caller stands with its limits
 * (draft-ietf-httpapi-ratelimit-headers). To be given to the answer when it is made: headers that are set later cost the
 * Node runtime its short way.
 */
export function headersOfCall({ requestId, note: { standings } }: Call): Record<string, string> {
  const headers: Record<string, string> = { 'x-request-id': requestId };
  if (standings === undefined || standings.length === 0) return headers;
  headers['ratelimit-policy'] = standings
    .map(({ policy, allowed, windowSeconds }) => `"${policy}";q=${allowed};w=${windowSeconds}`)
    .join(', ');
  headers.ratelimit = standings
    .map(({ policy, remaining, resetMs }) => `"${policy}";r=${remaining};t=${Math.ceil(resetMs / 1_000)}`)
    .join(', ');
  return headers;
}
