import type { Agent, Subject } from './agent.ts';
import { type FetchedCard, fetchedCardOf } from './fetched-card.ts';

/** A card that was accepted for an agent. */
export interface CardVersion extends FetchedCard {
  agentId: string;
  /** 1, 2, 3, … */
  version: number;
  acceptedAtMs: number;
  /** Who had it accepted: an owner or an administrator; absent where a deployment did. */
  acceptedBy?: Subject;
}

/** Kept of each agent, the one that is served among them. */
export const maxCardVersions = 50;

/** The version an agent is served with. */
export function servedVersionOf(agent: Agent): CardVersion {
  const { agentId, cardVersion, cardAcceptedAtMs, cardAcceptedBy } = agent;
  return {
    ...fetchedCardOf(agent),
    ...{ agentId, version: cardVersion, acceptedAtMs: cardAcceptedAtMs },
    ...(cardAcceptedBy !== undefined && { acceptedBy: cardAcceptedBy }),
  };
}
