import type { Principal } from '../access/principal.ts';
import type { Standing } from '../limits/standing.ts';
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

/** Says in an answer's headers how its caller stands (draft-ietf-httpapi-ratelimit-headers). An agent's own never get here. */
export function tellStandings({ headers }: Response, standings: readonly Standing[] = []): void {
  if (standings.length === 0) return;
  headers.set(
    'ratelimit-policy',
    standings
      .map(({ policy, allowed, windowSeconds }) => `"${policy}";q=${allowed};w=${windowSeconds}`)
      .join(', '),
  );
  headers.set(
    'ratelimit',
    standings
      .map(({ policy, remaining, resetMs }) => `"${policy}";r=${remaining};t=${Math.ceil(resetMs / 1_000)}`)
      .join(', '),
  );
}
