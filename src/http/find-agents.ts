import { type GivenPermission, grantingScopes } from '../access/authorize.ts';
import { permissionsOf } from '../access/permissions-of.ts';
import type { Principal } from '../access/principal.ts';
import { facetsOf, type SearchQuery } from '../directory/search-query.ts';
import { GatewayError } from '../failure.ts';
import type { AgentCard, AgentSkill } from '../protocol/card.ts';
import { isReservedAgentId } from '../registry/registration-schema.ts';
import { termsOf } from '../search/analysis.ts';
import type { SearchAnswer } from '../search/search.ts';
import type { IndexHit } from '../search/search-index.ts';
import { cardFor } from './cards.ts';
import type { CallNote } from './route.ts';
import type { Services } from './services.ts';
import { visibleTo } from './visible.ts';

/** An agent that fits, as this caller sees it. */
export interface FoundAgent {
  agentId: string;
  agentCard: AgentCard;
  /** 0 to 1. */
  score: number;
  /** Ids, as the card has them, of the skills in which terms of the query stand, most terms first; none where only the meaning fits. */
  matchedSkills: string[];
  hit: IndexHit;
}

export interface FoundAgents extends Omit<SearchAnswer, 'hits'> {
  agents: FoundAgent[];
}

/**
 * The agents that fit a request among those this principal may call. The index filters by permission; each agent is
 * judged again from the store, so what an index that lags behind still holds is never shown.
 *
 * @param note told what the search cost
 * @throws GatewayError `search_disabled`, `search_unavailable`
 */
export async function findAgents(
  principal: Principal,
  query: SearchQuery,
  note: CallNote,
  services: Services,
): Promise<FoundAgents> {
  const { search } = services;
  if (search === undefined) throw new GatewayError({ code: 'search_disabled' });
  const permissions = await permissionsOf(principal, services.store.permissions, services.conditions);
  const { hits, total, ...answer } = await search.find({
    query: query.query,
    limit: query.topK,
    tags: query.tags,
    facets: facetsOf(query),
    ...(await visibleTo(permissions, services)),
  });
  const found = await Promise.all(hits.map((hit) => judged(hit, permissions, services)));
  const agents = found.filter((agent) => agent !== undefined);
  note.meter = { ...answer.meter, results: agents.length };
  return { ...answer, agents, total: total - (hits.length - agents.length) };
}

async function judged(
  hit: IndexHit,
  permissions: readonly GivenPermission[],
  services: Services,
): Promise<FoundAgent | undefined> {
  const { agentId, score } = hit;
  if (isReservedAgentId(agentId)) return undefined;
  const agent = await services.store.agents.get(agentId);
  if (agent === undefined || agent.status !== 'active') return undefined;
  const scopes = grantingScopes(permissions, agent);
  if (scopes.length === 0) return undefined;
  const agentCard = await cardFor(agent, scopes, services);
  return { agentId, agentCard, score, matchedSkills: matchedSkills(agentCard.skills, hit), hit };
}

/** By what callers read: an id or a word of the agent's own card may name the backend. */
function matchedSkills(skills: readonly AgentSkill[], { lexical }: IndexHit): string[] {
  const found = new Set(lexical?.matches.map((match) => match.found));
  if (found.size === 0) return [];
  return skills
    .map(({ id, name, description, tags, examples = [] }) => {
      const terms = new Set([name, description, ...tags, ...examples].flatMap(termsOf));
      return { id, matched: [...found].filter((term) => terms.has(term)).length };
    })
    .filter(({ matched }) => matched > 0)
    .sort((one, other) => other.matched - one.matched)
    .map(({ id }) => id);
}
