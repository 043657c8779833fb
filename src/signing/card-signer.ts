import type { PublicKey } from './public-key.ts';

/** The keys that sign published cards: ES256 (RFC 7518 §3.4). Each is published before it signs, and for a while after. */
export interface CardSigner {
  /** The key that signs now. @throws what keeps it */
  key(): Promise<CardKey>;
  /** All that is to be published, that key among them. @throws what keeps them */
  published(): Promise<readonly PublicKey[]>;
}

export interface CardKey {
  /** Its thumbprint (RFC 7638), and so the same in every process. */
  kid: string;
  /** @returns r and s, 32 bytes each. Twice the same input is signed twice differently. @throws what keeps the key */
  sign(input: Uint8Array<ArrayBuffer>): Promise<Uint8Array>;
}
