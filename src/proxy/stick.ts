import type { Affinity } from './affinity.ts';
import type { ForwardedCall, ForwardedResponse } from './forward.ts';
import type { Instance } from './instance.ts';
import type { Route } from './route.ts';
import type { AgentTraffic } from './traffic.ts';

/**
 * Where a call may go, by what its conversation sticks to.
 *
 * A known origin that is no longer registered is no place: what lived there is gone, and the agent says so itself.
 */
export async function routeOf(
  { agent, facts, ids }: ForwardedCall,
  { instances, stickiness }: Pick<AgentTraffic, 'instances' | 'stickiness'>,
  affinity: Affinity | undefined,
): Promise<Route> {
  if (affinity === undefined || stickiness === 'none') return { instances };
  const { place, isBound } = await affinity.place({ agent, principal: facts.caller?.principal, ids });
  if (stickiness === 'session') return { instances, session: place };
  const preferred = instances.find(({ origin }) => origin === place);
  return preferred !== undefined && isBound ? { instances: [preferred] } : { instances, preferred };
}

/** How the place a call went to is made known; nothing where nothing sticks. */
export function learningOf(
  { agent, facts }: ForwardedCall,
  { stickiness }: Pick<AgentTraffic, 'stickiness'>,
  affinity: Affinity | undefined,
  { session, instance }: { session: string | undefined; instance: Instance },
): ForwardedResponse['learn'] {
  const place = stickiness === 'session' ? session : instance.origin;
  if (affinity === undefined || stickiness === 'none' || place === undefined) return undefined;
  return (ids) => affinity.learn({ agent, principal: facts.caller?.principal }, place, ids);
}
