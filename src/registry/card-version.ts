import type { AgentCard } from '../protocol/card.ts';
import type { CardTrust } from './card-trust.ts';

/** A card that was accepted for an agent. */
export interface CardVersion {
  agentId: string;
  /** 1, 2, 3, … */
  version: number;
  card: AgentCard;
  cardWarnings: string[];
  trust: CardTrust;
  fetchedAtMs: number;
  acceptedAtMs: number;
  /** Who had it accepted: the subject of an owner or administrator; absent where the gateway did, by itself. */
  acceptedBy?: { issuer: string; subject: string };
}
