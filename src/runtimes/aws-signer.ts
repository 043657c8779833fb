import type { AwsSigner } from '../backends/aws/signer.ts';
import type { Clock } from '../ports.ts';
import { createCredentialCache, type FetchCredentials } from './aws-credentials.ts';

export interface AwsSignerDeps {
  clock: Clock;
  /** Default: as the AWS SDK finds them, and by STS. */
  fetchCredentials?: FetchCredentials;
}

/** Signs for AWS. The libraries are loaded by the first request that is signed: most gateways sign none. */
export function createAwsSigner({ clock, fetchCredentials = fetchByDefault }: AwsSignerDeps): AwsSigner {
  const cache = createCredentialCache(fetchCredentials, clock);
  let signing: Promise<typeof import('./aws-signature.ts')> | undefined;
  return {
    async sign(request, scope, identity, refusedKey) {
      signing ??= import('./aws-signature.ts');
      const { signatureOf } = await signing;
      const credentials =
        identity.kind === 'keys' ? identity : await cache.get(identity, scope.region, refusedKey);
      return signatureOf(request, scope, credentials, clock.nowMs());
    },
    expiresAtMs: (identity) => (identity.kind === 'keys' ? undefined : cache.expiresAtMs(identity)),
  };
}

const fetchByDefault: FetchCredentials = async (identity, region) => {
  const { fetchCredentialsBy } = await import('./aws-identities.ts');
  return fetchCredentialsBy()(identity, region);
};
