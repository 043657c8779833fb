import { GatewayError } from '../../failure.ts';
import type { CardDocument } from '../../protocol/card-text.ts';
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
