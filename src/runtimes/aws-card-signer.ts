import type { Settings } from '../config.ts';
import type { CardSigner } from '../signing/card-signer.ts';
import { lazyCardSigner } from '../signing/lazy-card-signer.ts';

/** A signer by KMS where keys of it are set. The client is loaded when the first card is signed: most processes sign none. */
export function openCardSigner({ cardSigning }: Pick<Settings, 'cardSigning'>): { cardSigner?: CardSigner } {
  const { kmsKeyIds: keyIds } = cardSigning;
  if (keyIds.length === 0) return {};
  return {
    cardSigner: lazyCardSigner(async () => {
      const { openKmsCardSigner } = await import('./kms-card-signer.ts');
      return openKmsCardSigner(keyIds);
    }),
  };
}
