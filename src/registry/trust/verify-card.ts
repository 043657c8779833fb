import { createLocalJWKSet, decodeProtectedHeader, flattenedVerify, type JWK } from 'jose';
import { toBase64Url } from '../../protocol/bytes.ts';
import { type SignedContent, signedContents } from '../../protocol/card/signed-content.ts';
import type { CardDocument } from '../../protocol/card-text.ts';
import { hasDuplicates } from '../../protocol/duplicate-members.ts';
import { isRecord, isTooDeep } from '../../protocol/json.ts';
import type { CardSignatures, CardTrust } from '../card-trust.ts';
import { type KeyFetch, type NamedKey, trustedKeys, UntrustedKey } from './trusted-keys.ts';

/** A card's signatures, as they were found. */
export interface VerifiedCard {
  trust: CardTrust;
  /** What of a verified card is signed: nothing else of it is to be read. */
  content?: Record<string, unknown>;
}

/** Each may cost a fetch, and is tried for each reading of the card. */
export const maxSignatures = 10;
const maxHeaderLength = 4_096;
/** That of an RSA key of 8,192 bits has 1,366. */
const maxSignatureLength = 2_048;

/** With a shared secret, or none, whoever can verify can also sign (RFC 8725 §3.1). */
const algorithms = [
  'ES256',
  'ES384',
  'ES512',
  'PS256',
  'PS384',
  'PS512',
  'RS256',
  'RS384',
  'RS512',
  'EdDSA',
  'Ed25519',
];

/** What RFC 7515 §4.1.9 has for a JWS that is of no other kind: a token by the same key is no card. */
const types = ['JOSE', 'JOSE+JSON'];

/**
 * Verifies the signatures of a card (A2A §8.4.3). One that holds is enough; else one that is by a trusted key's name and
 * does not hold, for whatever reason, makes the card invalid; else nobody vouches for it.
 *
 * Keys have no dates: one that is revoked is one that is published no more, or was taken out of the registration. Nothing
 * of an unprotected header counts, because nobody signed it. Never throws.
 */
export async function verifyCard(
  document: CardDocument,
  { keys = [], jkuOrigins = [] }: CardSignatures,
  fetch: KeyFetch,
): Promise<VerifiedCard> {
  const card = isRecord(document.value) ? document.value : {};
  const signatures = card.signatures ?? [];
  if (!Array.isArray(signatures)) return untrusted('signatures that are no list');
  if (signatures.length === 0) return { trust: { verdict: 'unsigned' } };
  if (signatures.length > maxSignatures) return untrusted(`more than ${maxSignatures} signatures`);
  const contents = contentsOf(document.text, card);
  const keysOf = trustedKeys({ keys, jkuOrigins }, fetch);
  const found = await Promise.all(signatures.map((entry) => verified(entry, contents, keysOf)));
  const as = (verdict: CardTrust['verdict']) => found.find(({ trust }) => trust.verdict === verdict);
  return as('verified') ?? as('invalid') ?? as('untrusted') ?? untrusted('no signature');
}

/** Of a text that readers take differently there is none: it has no canonical form to be signed (RFC 8785 §3.1). */
function contentsOf(text: string, card: Readonly<Record<string, unknown>>): readonly SignedContent[] {
  return isTooDeep(text) || hasDuplicates(text) ? [] : signedContents(card);
}

async function verified(
  entry: unknown,
  contents: readonly SignedContent[],
  keysOf: (named: NamedKey) => Promise<readonly JWK[]>,
): Promise<VerifiedCard> {
  const signature = readSignature(entry);
  const named = signature && readHeader(signature);
  if (signature === undefined || named === undefined)
    return untrusted('a signature that cannot be read, or names no kid');
  const { kid } = named;
  try {
    for (const key of await keysOf(named))
      for (const { content, payload } of contents)
        if (await holds(signature, payload, key)) return { trust: { verdict: 'verified', kid }, content };
    return {
      trust: { verdict: 'invalid', kid, detail: 'a signature by a trusted key, and of another card' },
    };
  } catch (error) {
    if (error instanceof UntrustedKey) return untrusted(error.message);
    throw error;
  }
}

function untrusted(detail: string): VerifiedCard {
  return { trust: { verdict: 'untrusted', detail } };
}

async function holds(signature: Signature, payload: string, key: JWK): Promise<boolean> {
  try {
    const jws = { ...signature, payload: toBase64Url(new TextEncoder().encode(payload)) };
    const { protectedHeader } = await flattenedVerify(jws, createLocalJWKSet({ keys: [key] }), {
      algorithms,
    });
    const { typ = types[0], crit } = protectedHeader ?? {};
    return crit === undefined && types.some((type) => type === typ);
  } catch {
    return false;
  }
}

/** An entry of `signatures` (A2A §4.4.7), without its unprotected header. */
interface Signature {
  protected: string;
  signature: string;
}

function readSignature(entry: unknown): Signature | undefined {
  if (!isRecord(entry)) return undefined;
  const { protected: header, signature } = entry;
  const isReadable =
    typeof header === 'string' &&
    header.length <= maxHeaderLength &&
    typeof signature === 'string' &&
    signature.length <= maxSignatureLength;
  return isReadable ? { protected: header, signature } : undefined;
}

/** Undefined without a `kid`, which A2A §8.4.2 requires. */
function readHeader(signature: Signature): NamedKey | undefined {
  try {
    const { kid, jku } = decodeProtectedHeader(signature);
    if (typeof kid !== 'string' || kid === '') return undefined;
    return { kid, ...(typeof jku === 'string' && { jku }) };
  } catch {
    return undefined;
  }
}
