import { credentialPlacesOf, locationOf, plainHttp } from '../backends/backend-config.ts';
import type { CurrentAuth } from '../backends/credentials.ts';
import { targetKindOf } from '../backends/kinds.ts';
import { grpcPlaces } from '../protocol/grpc-target.ts';
import type { AgentStore } from '../store/port.ts';
import type { Agent } from './agent.ts';

/**
 * See {@link CurrentAuth}. An agent that does not serve has none: what its owner changed may wait for approval, and a call
 * that began before must not take a caller's token there.
 */
export function currentAuthOf(agents: AgentStore): CurrentAuth {
  return async (agentId, url) => {
    const agent = await agents.get(agentId, { fresh: true });
    if (agent?.status !== 'active') return undefined;
    const isThere = placesOf(agent).some((place) => url.href.startsWith(place));
    return isThere ? agent.authConfig : undefined;
  };
}

/** How URLs begin that calls with the credential go to. */
function placesOf(agent: Agent): string[] {
  const { backend = plainHttp, card } = agent;
  const places = credentialPlacesOf(agent);
  if (targetKindOf(backend).hasGrpc !== true) return places;
  const origins = locationOf(agent).origins.map(({ origin }) => origin);
  return [...places, ...grpcPlaces(card.supportedInterfaces, origins).map(({ href }) => href)];
}
