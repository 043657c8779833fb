/**
 * What is made of an upstream card's signatures (A2A §8.4): `require` takes verified cards only; `prefer` also takes those
 * nobody vouches for, but none that was altered; `ignore` does not look.
 */
export const signaturePolicies = ['require', 'prefer', 'ignore'] as const;
export type SignaturePolicy = (typeof signaturePolicies)[number];

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
