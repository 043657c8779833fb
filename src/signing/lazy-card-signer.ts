import type { Clock, Secrets } from '../ports.ts';
import type { CardSigner } from './card-signer.ts';

/** A signer over the secrets. What signs is loaded when it is first asked. */
export function keptCardSigner(deps: { secrets: Secrets; clock: Clock }): CardSigner {
  return lazyCardSigner(async () => (await import('./kept-card-signer.ts')).createKeptCardSigner(deps));
}

/** A signer that is made when it is first asked, and again where that fails. */
export function lazyCardSigner(open: () => Promise<CardSigner>): CardSigner {
  let opening: Promise<CardSigner> | undefined;
  const signer = () => {
    opening ??= open().catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  };
  return { key: async () => (await signer()).key(), published: async () => (await signer()).published() };
}
