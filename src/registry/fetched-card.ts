import type { AgentCard } from '../protocol/card.ts';
import type { DeclaredSecurity } from '../protocol/declared-security.ts';
import type { CardTrust } from './card-trust.ts';

/** A card as it was fetched, and what was found of it. For those who manage the agent: it names the backend. */
export interface FetchedCard {
  card: AgentCard;
  /** Deviations that were tolerated. */
  cardWarnings: string[];
  cardFetchedAtMs: number;
  /** Where redirects led to. Absent of cards kept before this was noted. */
  cardOrigin?: string;
  /** What the agent says callers need. Shown and compared; nothing is done by it. Absent of cards kept before. */
  declaredSecurity?: DeclaredSecurity;
  /** Absent: nobody looked. */
  cardTrust?: CardTrust;
}

/** The card of something that has more members. */
export function fetchedCardOf(of: FetchedCard): FetchedCard {
  const { card, cardWarnings, cardFetchedAtMs, cardOrigin, declaredSecurity, cardTrust } = of;
  return {
    ...{ card, cardWarnings, cardFetchedAtMs },
    ...(cardOrigin !== undefined && { cardOrigin }),
    ...(declaredSecurity !== undefined && { declaredSecurity }),
    ...(cardTrust !== undefined && { cardTrust }),
  };
}
