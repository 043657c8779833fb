import { GatewayError } from '../failure.ts';
import { sha256Hex } from '../protocol/bytes.ts';
import { ordered } from '../protocol/card-json.ts';
import type { CardRisk } from './card-risk.ts';
import { type FetchedCard, fetchedCardOf } from './fetched-card.ts';

/** A fetched card that differs from the served one in a way that is for an administrator to judge. It is used for nothing. */
export interface CardCandidate extends FetchedCard {
  /** Of all that is to be judged, but not of when it was fetched: the same card, found again, is the same candidate. */
  digest: string;
  risks: CardRisk[];
}

/** @throws GatewayError `card_not_found` */
export function candidateOf({ candidate }: { candidate?: CardCandidate }): CardCandidate {
  if (candidate === undefined) throw new GatewayError({ code: 'card_not_found' });
  return candidate;
}

/** @param over the version that it was compared with */
export async function makeCandidate(
  fetched: FetchedCard,
  risks: CardRisk[],
  over: number,
): Promise<CardCandidate> {
  const { cardFetchedAtMs: _, ...judged } = fetchedCardOf(fetched);
  const digest = await sha256Hex(JSON.stringify(ordered({ ...judged, risks, over })));
  return { ...fetchedCardOf(fetched), digest, risks };
}
