import type { Principal } from '../access/principal.ts';
import { directoryAgent } from '../directory/agent.ts';
import type { Finding, NamedAgent } from '../directory/answer.ts';
import type { SearchQuery } from '../directory/search-query.ts';
import type { Log } from '../ports.ts';
import type { Forward } from '../proxy/forward.ts';
import type { Agent } from '../registry/agent.ts';
import { directoryAgentId, isReservedAgentId } from '../registry/registration-schema.ts';
import type { Store } from '../store/port.ts';
import { agentUrl } from './cards.ts';
import { type FoundAgent, findAgents } from './find-agents.ts';
import type { CallNote } from './route.ts';
import type { Services } from './services.ts';

/** An agent that comes with the gateway: registered by nobody, and for every principal to call. */
export interface BuiltInAgent {
  agent: Agent;
  /** What answers its calls, in the name of who calls. */
  forwardFor(principal: Principal, note: CallNote): Forward;
}

/** The built-in agent of an id; none where what it needs is absent, so that it looks like any unknown agent. */
export function builtInAgent(agentId: string, services: Services): BuiltInAgent | undefined {
  if (agentId !== directoryAgentId || services.search === undefined) return undefined;
  return {
    agent: directoryAgent(services.version),
    forwardFor: (principal, note) => async (call) => {
      // Loaded with its first call: most processes have none.
      const { createDirectoryServer } = await import('../directory/server.ts');
      const findAs = (query: SearchQuery) => find(principal, query, note, services);
      return createDirectoryServer({ newId: services.newId, find: findAs })(call);
    },
  };
}

/** The agent of an id as callers know it: built in, or registered. */
export async function agentOf(agentId: string, services: Services): Promise<Agent | undefined> {
  if (isReservedAgentId(agentId)) return builtInAgent(agentId, services)?.agent;
  return services.store.agents.get(agentId);
}

async function find(
  principal: Principal,
  query: SearchQuery,
  note: CallNote,
  services: Services,
): Promise<Finding> {
  const found = await findAgents(principal, query, note, services);
  return {
    query: query.query,
    agents: found.agents.map((agent) => named(agent, services)),
    totalMatches: found.total,
    totalIsLowerBound: !found.isTotalExact,
  };
}

function named({ agentId, score, agentCard, matchedSkills }: FoundAgent, services: Services): NamedAgent {
  const names = new Map(agentCard.skills.map(({ id, name }) => [id, name]));
  return {
    agentId,
    name: agentCard.name,
    score,
    agentCardUrl: `${agentUrl(agentId, services)}/.well-known/agent-card.json`,
    matchedSkills: matchedSkills.map((id) => ({ id, name: names.get(id) ?? id })),
  };
}

/** Says of an agent registered before its id was reserved that nobody is served it any more. Never fails. */
export async function warnOfHidden({ agents }: Pick<Store, 'agents'>, log: Log): Promise<void> {
  try {
    if ((await agents.get(directoryAgentId)) === undefined) return;
    log.write('warn', 'agent hidden: its id is reserved', { agentId: directoryAgentId });
  } catch {
    // Calls will tell of a store that does not answer; this is no more than news.
  }
}
