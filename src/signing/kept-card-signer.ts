import type { Clock, Secrets } from '../ports.ts';
import type { CardSigner } from './card-signer.ts';
import { createKeptKeys } from './kept-keys.ts';

/** Signs cards with keys that are kept among the secrets, rotated as `key-schedule.ts` has it. */
export function createKeptCardSigner(deps: { secrets: Secrets; clock: Clock }): CardSigner {
  const keys = createKeptKeys('card-signing/', deps);
  return {
    async key() {
      const { kid, privateKey } = await keys.signing();
      const algorithm = { name: 'ECDSA', hash: 'SHA-256' };
      return {
        kid,
        sign: async (input) => new Uint8Array(await crypto.subtle.sign(algorithm, privateKey, input)),
      };
    },
    async published() {
      const published = await keys.published();
      if (published.length > 0) return published;
      // Who reads the first card finds its key, however long they keep the key set they read before.
      await keys.signing();
      return keys.published();
    },
  };
}
