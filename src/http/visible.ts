import { LRUCache } from 'lru-cache';
import {
  type AgentFacts,
  type GivenPermission,
  type VisibleAgents,
  visibleAgents,
} from '../access/authorize.ts';
import { type CoveredAgents, unconditional } from '../access/unconditional.ts';
import type { Clock } from '../ports.ts';
import type { AgentStore } from '../store/port.ts';
import type { Services } from './services.ts';

/** Of how many agents conditions are asked for a list or a search, by all permissions together: the first by id. */
export const maxConditionalAgents = 1_000;
const pageSize = 100;
/** As long as agents are remembered anywhere. */
const rememberedMs = 2_000;
const maxRemembered = 20;

/**
 * The agents of which a principal's permissions grant anything, conditions considered, before anything is counted or ranked.
 * Of agents beyond {@link maxConditionalAgents} that are covered by conditions that look at them, none is shown; they can be
 * called all the same.
 */
export async function visibleTo(
  permissions: readonly GivenPermission[],
  { coveredAgents }: Pick<Services, 'coveredAgents'>,
): Promise<VisibleAgents> {
  if (permissions.every(({ condition }) => condition === undefined)) return visibleAgents(permissions);
  const options = { isAnythingEnough: true, maxAsked: maxConditionalAgents };
  return visibleAgents(await unconditional(permissions, coveredAgents, options));
}

interface Remembered {
  reading: Promise<readonly AgentFacts[]>;
  startedAtMs: number;
}

/** The first active agents that are covered, remembered for two seconds. */
export function createCoveredAgents({ agents, clock }: { agents: AgentStore; clock: Clock }): CoveredAgents {
  const remembered = new LRUCache<string, Remembered>({ max: maxRemembered });

  async function read(visible: VisibleAgents): Promise<AgentFacts[]> {
    const facts: AgentFacts[] = [];
    let after: string | undefined;
    do {
      const page = await agents.list(
        { status: 'active', ...visible },
        { size: pageSize, ...(after !== undefined && { after }) },
      );
      facts.push(...page.items.map(({ agentId, tags, owner }) => ({ agentId, tags, owner })));
      after = page.next;
    } while (after !== undefined && facts.length < maxConditionalAgents);
    return facts;
  }

  return (visible) => {
    const key = JSON.stringify(visible);
    const known = remembered.get(key);
    const nowMs = clock.nowMs();
    // A clock set back would make what is old look young.
    if (known !== undefined && nowMs >= known.startedAtMs && nowMs < known.startedAtMs + rememberedMs)
      return known.reading;
    const reading = read(visible);
    remembered.set(key, { reading, startedAtMs: nowMs });
    reading.catch(() => remembered.delete(key));
    return reading;
  };
}
