/**
 * What is made of an upstream card's signatures (A2A §8.4): `require` takes verified cards only; `prefer` also takes those
 * nobody vouches for, but none that was altered; `ignore` does not look.
 */
export const signaturePolicies = ['require', 'prefer', 'ignore'] as const;
export type SignaturePolicy = (typeof signaturePolicies)[number];

/** Whose signatures of an agent's card count, and how much. */
export interface CardSignatures {
  policy: SignaturePolicy;
  /** Trusted for this agent alone. */
  keys?: PinnedKey[] | undefined;
  /** Where a signature's `jku` may lead. A key set there is trusted as a whole. */
  jkuOrigins?: string[] | undefined;
}

/** A public key as a JWK (RFC 7517); `kid` tells which signatures are its own. */
export interface PinnedKey {
  kty: 'EC' | 'RSA' | 'OKP';
  kid: string;
  [member: string]: unknown;
}

/** Of an agent that says nothing: a signature proves nothing where no key is trusted. */
export const defaultCardSignatures: CardSignatures = { policy: 'prefer' };

/** How the signatures of a fetched card were found. */
export type CardVerdict =
  | 'verified'
  /** It has none. */
  | 'unsigned'
  /** By no key that is trusted: of an unknown `kid`, or a `jku` elsewhere. */
  | 'untrusted'
  /** By a trusted key, and of another card. */
  | 'invalid'
  /** Nobody looked. */
  | 'unchecked';

export interface CardTrust {
  verdict: CardVerdict;
  /** Of the key that verified it. */
  kid?: string;
  /** In one line, for people. */
  detail?: string;
}

/** Of a card nobody looked at, or that was fetched before anybody did. */
export const unchecked: CardTrust = { verdict: 'unchecked' };

/** Whether a policy takes a card so found. */
export function takes(policy: SignaturePolicy, { verdict }: CardTrust): boolean {
  if (policy === 'require') return verdict === 'verified';
  return policy === 'ignore' || verdict !== 'invalid';
}

/**
 * What a kept card is by the keys that are trusted now: one that a key verified which is pinned no more is nobody's. Whether a
 * key set elsewhere still has the key is not asked.
 */
export function trustNow(found: CardTrust, { keys = [], jkuOrigins = [] }: CardSignatures): CardTrust {
  const isPinned = keys.some(({ kid }) => kid === found.kid);
  if (found.verdict !== 'verified' || isPinned || jkuOrigins.length > 0) return found;
  return { verdict: 'untrusted', detail: 'a signature by a key that is trusted no more' };
}

/** Whether somebody vouched for the card there was, and nobody does for the one that comes: a signature was stripped, or its key is gone. */
export function isTrustLost(before: CardTrust | undefined, after: CardTrust): boolean {
  return before?.verdict === 'verified' && after.verdict !== 'verified';
}
