import { KMSClient } from '@aws-sdk/client-kms';
import type { CardSigner } from '../signing/card-signer.ts';
import { createKmsCardSigner } from '../signing/kms/card-signer.ts';
import { clientDefaults } from './aws-adapters.ts';

/** Region, credentials and endpoint come from where the AWS SDK looks for them. */
export function openKmsCardSigner(keyIds: readonly string[]): CardSigner {
  return createKmsCardSigner({ client: new KMSClient(clientDefaults), keyIds });
}
