import { GatewayError } from '../failure.ts';
import { oncePerKey } from '../once-per-key.ts';
import { sha256Hex } from '../protocol/bytes.ts';
import type { CardSignature } from '../protocol/card.ts';
import type { CardKey, CardSigner } from './card-signer.ts';
import type { PublicKey } from './public-key.ts';

/** Signs what the gateway publishes of agents (A2A §8.4). */
export interface CardSigning {
  /** What signs now. @throws GatewayError `signing_unavailable` */
  current(): Promise<CurrentSigning>;
  /** The keys that verify what is signed. @throws GatewayError `signing_unavailable` */
  published(): Promise<readonly PublicKey[]>;
}

export interface CurrentSigning {
  /** Of the key; another signs anew what is signed. */
  kid: string;
  /**
   * A card with its signatures: one for each way to read what is signed of it, mostly one in all. A reader needs the one
   * that it reads like, and tries them in turn.
   *
   * @param card JSON of an object that has members, and no signatures
   * @throws GatewayError `signing_unavailable`
   */
  signed(card: string): Promise<string>;
}

/** Cards differ by agent, version and the scopes of who reads them; one of these takes about a kilobyte. */
const maxCards = 1_000;

/**
 * Signs each card once and not for every reader: KMS has a price and a quota. A card whose signature is forgotten is signed
 * again.
 *
 * @param jku where the keys are published
 */
export function createCardSigning(signer: CardSigner, jku: string): CardSigning {
  const made = oncePerKey<readonly CardSignature[]>(maxCards);
  return {
    async current() {
      const key = await available(signer.key());
      return {
        kid: key.kid,
        async signed(card) {
          const digest = await sha256Hex(card);
          const signatures = await available(made(`${key.kid} ${digest}`, () => sign(card, key, jku)));
          // What was signed is what is sent, letter for letter.
          return `${card.slice(0, -1)},"signatures":${JSON.stringify(signatures)}}`;
        },
      };
    },
    published: () => available(signer.published()),
  };
}

/** Loaded when the first card is signed. */
async function sign(card: string, key: CardKey, jku: string): Promise<CardSignature[]> {
  const { signCard } = await import('./sign-card.ts');
  return signCard(card, key, jku);
}

async function available<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (cause) {
    throw new GatewayError({ code: 'signing_unavailable' }, { cause });
  }
}
