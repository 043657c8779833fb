import { type AgentCard, generateAgentCardSignature } from '@a2a-js/sdk';
import { type CompactJWSHeaderParameters, exportJWK, FlattenedSign, generateKeyPair, type JWK } from 'jose';

/** Keys of an agent's author, and what they sign with them. */

export interface AuthorKey {
  kid: string;
  alg: string;
  privateKey: CryptoKey;
  /** As it is pinned or published. */
  jwk: JWK & { kid: string };
}

export async function authorKey(kid: string, alg = 'ES256'): Promise<AuthorKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid } };
}

type Card = Readonly<Record<string, unknown>>;

/** The card with a signature as the official SDK makes it. */
export async function signedBySdk(
  { kid, alg, privateKey }: AuthorKey,
  card: Card,
  header: Record<string, unknown> = {},
): Promise<Record<string, unknown>> {
  const sign = generateAgentCardSignature(privateKey, { alg, kid, typ: 'JOSE', ...header });
  // Given the JSON it publishes: what it parses itself loses security schemes on the way.
  return { ...(await sign(card as unknown as AgentCard)) };
}

/** A signature of this very text. */
export async function signatureOf(
  { kid, alg, privateKey }: AuthorKey,
  payload: string,
  header: Partial<CompactJWSHeaderParameters> = {},
): Promise<{ protected: string; signature: string }> {
  const { protected: text = '', signature } = await new FlattenedSign(new TextEncoder().encode(payload))
    .setProtectedHeader({ alg, kid, typ: 'JOSE', ...header })
    .sign(privateKey);
  return { protected: text, signature };
}

/** Anything in base64url, as a JWS has it. */
export function encoded(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
}
