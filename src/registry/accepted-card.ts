import type { Agent, AgentStatus, Subject } from './agent.ts';
import type { Writer } from './approval.ts';
import { isNothingServed, isServable, nothingServedReason } from './card-check.ts';
import { type FetchedCard, fetchedCardOf } from './fetched-card.ts';

/** The agent, to be served with another card: its next version. Whatever waited was compared with the one before. */
export function withCard(agent: Agent, fetched: FetchedCard, by: Writer, nowMs: number): Agent {
  const { cardAcceptedBy: _, ...rest } = withoutCard(agent);
  const acceptedBy = subjectOf(by);
  const taken: Agent = {
    ...rest,
    ...fetchedCardOf(fetched),
    cardVersion: agent.cardVersion + 1,
    cardAcceptedAtMs: nowMs,
    ...(acceptedBy !== undefined && { cardAcceptedBy: acceptedBy }),
  };
  return withServableStatus(taken, nowMs);
}

/** The agent, whose card was found again: what is known of it is renewed, and nothing waits any more. */
export function withSameCard(agent: Agent, fetched: FetchedCard, nowMs: number): Agent {
  return withServableStatus({ ...withoutCard(agent), ...fetchedCardOf(fetched) }, nowMs);
}

export function withoutCandidate({ candidate: _, ...agent }: Agent): Agent {
  return agent;
}

/** An old card's optional members must not stand beside a new card. */
function withoutCard(agent: Agent): Omit<Agent, keyof FetchedCard> {
  const { card, cardWarnings, cardFetchedAtMs, cardOrigin, declaredSecurity, cardTrust, ...rest } =
    withoutCandidate(agent);
  return rest;
}

/** Another status, with the reason for it, if any. */
export function withStatus(
  agent: Agent,
  status: AgentStatus,
  { reason, by, nowMs }: { reason?: string | undefined; by?: Subject | undefined; nowMs: number },
): Agent {
  const { statusReason, statusChangedAtMs, statusChangedBy, ...rest } = agent;
  return {
    ...rest,
    status,
    ...(reason !== undefined && { statusReason: reason }),
    statusChangedAtMs: nowMs,
    ...(by !== undefined && { statusChangedBy: by }),
  };
}

/**
 * An active agent of which nothing can be served is not active. Once something can, the reason is gone; that it serves
 * again is for an administrator to say.
 */
export function withServableStatus(agent: Agent, nowMs: number): Agent {
  if (isServable(agent.card)) {
    const { statusReason, ...rest } = agent;
    return isNothingServed(statusReason) ? rest : agent;
  }
  return agent.status === 'active'
    ? withStatus(agent, 'inactive', { reason: nothingServedReason, nowMs })
    : agent;
}

/** Undefined where nobody calls. */
export function subjectOf({ caller }: Writer): Subject | undefined {
  if (caller === undefined) return undefined;
  const { issuer, subject } = caller.principal;
  return { issuer, subject };
}
