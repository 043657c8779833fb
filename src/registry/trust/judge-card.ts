import { GatewayError } from '../../failure.ts';
import type { CardDocument } from '../../protocol/card-text.ts';
import type { Agent } from '../agent.ts';
import { type CardSignatures, type CardTrust, defaultCardSignatures, takes } from '../card-trust.ts';
import type { KeyFetch } from './trusted-keys.ts';

/** A card, and what is made of its signatures. */
interface JudgedCard {
  trust: CardTrust;
  /** What counts of a card that is verified; all of it where none is given. */
  content?: Record<string, unknown>;
}

/**
 * Judges a fetched card by its signatures, as the agent's registration has it.
 * @throws GatewayError `card_untrusted` for a card that the policy does not take
 */
export async function judgeCard(
  document: CardDocument,
  how: CardSignatures = defaultCardSignatures,
  fetch: KeyFetch,
): Promise<JudgedCard> {
  if (how.policy === 'ignore') return { trust: { verdict: 'unchecked' } };
  // Loaded when first needed: what verifies is of no use to most processes.
  const { verifyCard } = await import('./verify-card.ts');
  const judged = await verifyCard(document, how, fetch);
  if (takes(how.policy, judged.trust)) return judged;
  throw new GatewayError(
    { code: 'card_untrusted', verdict: judged.trust.verdict },
    { cause: new Error(judged.trust.detail) },
  );
}

/**
 * What counts of a card that an agent gives to a caller: its extended one. It is judged as its other one was, in the form
 * it has here, so one that had to be translated verifies only where its signature is of the 1.0 that it became.
 *
 * @throws GatewayError `card_untrusted`
 */
export type JudgeGivenCard = (agent: Pick<Agent, 'cardSignatures'>, card: unknown) => Promise<unknown>;

export function createGivenCardJudge(fetch: KeyFetch): JudgeGivenCard {
  return async ({ cardSignatures: how = defaultCardSignatures }, card) => {
    const { policy, keys = [], jkuOrigins = [] } = how;
    // Where no key is trusted, nothing that is signed can be told from what is not, and that is no reason to look.
    if (policy === 'prefer' && keys.length === 0 && jkuOrigins.length === 0) return card;
    const document = { text: JSON.stringify(card) ?? '', value: card, isMarked: false };
    const { content = card } = await judgeCard(document, how, fetch);
    return content;
  };
}
