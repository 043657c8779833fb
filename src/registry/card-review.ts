import { locationOf } from '../backends/backend-config.ts';
import { GatewayError, unwrap } from '../failure.ts';
import type { CardDiff } from '../protocol/card-diff.ts';
import { ordered } from '../protocol/card-json.ts';
import type { CardVersionStore } from '../store/ports/card-versions.ts';
import { withCard, withoutCandidate, withSameCard } from './accepted-card.ts';
import type { Agent } from './agent.ts';
import { type AgentDeed, type AgentWriteDeps, createReplace, won } from './agent-write.ts';
import { callerFor, type Writer } from './approval.ts';
import { candidateOf, makeCandidate } from './candidate.ts';
import { checkInterfaces, isServable, nothingServedReason } from './card-check.ts';
import { type CardFetchDeps, fetchedCard } from './card-fetch.ts';
import { cardRisks } from './card-risk.ts';
import { defaultCardSignatures, takes, trustNow, unchecked } from './card-trust.ts';
import { type FetchedCard, fetchedCardOf } from './fetched-card.ts';

/** An agent as it is now, and how the card that was looked at differs from the one served before. */
export interface CardChange {
  agent: Agent;
  diff: CardDiff;
}

/** Which card an agent is served with, once it is registered. Each card that is taken is its next version. */
export interface CardReview {
  /**
   * Fetches the card again and takes it, or, where it differs in a way that is for an administrator to judge, keeps it
   * as the agent's candidate; see {@link cardRisks}. Of an agent that waits for approval all is judged then anyway.
   * @throws GatewayError `card_unavailable`, `card_invalid`, `card_untrusted`, `precondition_failed`
   */
  sync(agent: Agent, by: Writer): Promise<CardChange>;
  /**
   * Takes the candidate, checked again.
   * @throws GatewayError `card_not_found`, `card_invalid`, `card_untrusted`, `agent_not_servable`,
   *   `precondition_failed`
   */
  approve(agent: Agent, by: Writer): Promise<CardChange>;
  /** Drops the candidate; the next sync may find it again. @throws GatewayError `card_not_found`, `precondition_failed` */
  reject(agent: Agent, by: Writer): Promise<Agent>;
  /** Takes the card of an earlier version, checked again. @throws GatewayError as `approve` */
  rollBack(agent: Agent, version: number, by: Writer): Promise<CardChange>;
}

export interface CardReviewDeps extends CardFetchDeps, AgentWriteDeps {
  cardVersions: Pick<CardVersionStore, 'get'>;
}

export function createCardReview(deps: CardReviewDeps): CardReview {
  const { cardVersions, clock, upstream } = deps;
  const replace = createReplace(deps);

  async function take(before: Agent, fetched: FetchedCard, deed: AgentDeed): Promise<CardChange> {
    const agent = won(await replace(before, withCard(before, fetched, deed.by, clock.nowMs()), deed));
    return { agent, diff: await cardDiffOf(before, fetched) };
  }

  /** As it was when it was fetched, its signatures too, but by what is pinned, trusted, asked for and allowed now. */
  function checkedAgain(agent: Agent, kept: FetchedCard): FetchedCard {
    const how = agent.cardSignatures ?? defaultCardSignatures;
    const cardTrust = trustNow(kept.cardTrust ?? unchecked, how);
    if (!takes(how.policy, cardTrust))
      throw new GatewayError({ code: 'card_untrusted', verdict: cardTrust.verdict });
    const origins = locationOf(agent).origins.map(({ origin }) => origin);
    const { card, warnings } = unwrap(
      checkInterfaces({ card: kept.card, generation: '1.0' }, origins, upstream),
    );
    if (!isServable(card))
      throw new GatewayError({ code: 'agent_not_servable', problem: nothingServedReason });
    const cardWarnings = [...new Set([...kept.cardWarnings, ...warnings])];
    return { ...fetchedCardOf(kept), card, cardWarnings, cardTrust };
  }

  return {
    async sync(before, by) {
      const deed = { action: 'card.sync', by } as const;
      const fetched = await fetchedCard(before, deps, { caller: callerFor(by, before, false) });
      const risks = before.status === 'pending' ? [] : cardRisks(before, fetched);
      if (risks.length > 0) {
        const candidate = await makeCandidate(fetched, risks, before.cardVersion);
        const agent = won(await replace(before, { ...before, candidate }, deed));
        return { agent, diff: await cardDiffOf(before, fetched) };
      }
      if (!isSameCard(before, fetched)) return take(before, fetched, deed);
      const agent = won(await replace(before, withSameCard(before, fetched, clock.nowMs()), deed));
      return { agent, diff: { changes: [], more: 0 } };
    },

    approve: async (before, by) =>
      take(before, checkedAgain(before, candidateOf(before)), { action: 'card.approve', by }),

    async reject(before, by) {
      candidateOf(before);
      return won(await replace(before, withoutCandidate(before), { action: 'card.reject', by }));
    },

    async rollBack(before, version, by) {
      const kept = await cardVersions.get(before.agentId, version);
      if (kept === undefined) throw new GatewayError({ code: 'card_not_found' });
      return take(before, checkedAgain(before, kept), { action: 'card.rollBack', by });
    },
  };
}

/** Loaded when first needed: whoever only registers agents begins without it. */
export async function cardDiffOf(before: FetchedCard, after: FetchedCard): Promise<CardDiff> {
  const { cardDiff } = await import('../protocol/card-diff.ts');
  return cardDiff(before.card, after.card);
}

/** An agent kept before its security was noted is no other for having it noted. */
function isSameCard(before: FetchedCard, after: FetchedCard): boolean {
  const { card, declaredSecurity } = after;
  const known = { declaredSecurity, ...before };
  return (
    JSON.stringify(ordered([known.card, known.declaredSecurity])) ===
    JSON.stringify(ordered([card, declaredSecurity]))
  );
}
