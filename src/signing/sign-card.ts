import { toBase64Url } from '../protocol/bytes.ts';
import { signedContents } from '../protocol/card/signed-content.ts';
import type { CardSignature } from '../protocol/card.ts';
import type { CardKey } from './card-signer.ts';

/** Signs a card once for each way to read what is signed of it: flattened JWS (RFC 7515 §7.2.2), detached from the card. */
export async function signCard(card: string, key: CardKey, jku: string): Promise<CardSignature[]> {
  const header = toBase64Url(utf8(JSON.stringify({ alg: 'ES256', kid: key.kid, typ: 'JOSE', jku })));
  return Promise.all(
    signedContents(JSON.parse(card)).map(async ({ payload }) => {
      const input = utf8(`${header}.${toBase64Url(utf8(payload))}`);
      return { protected: header, signature: toBase64Url(await key.sign(input)) };
    }),
  );
}

function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
