import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import type { FetchCredentials } from './aws-credentials.ts';

export interface StsOptions {
  /** Default: that of the region. */
  endpoint?: string | undefined;
}

/**
 * Credentials of the identity the gateway runs under, from where the AWS SDK looks for them (environment, profile,
 * container, instance), or of a role that it assumes. Providers are made anew each time: what they keep would outlive a
 * refusal.
 */
export function fetchCredentialsBy({ endpoint }: StsOptions = {}): FetchCredentials {
  return (identity, region) => {
    if (identity.kind === 'own') return defaultProvider()();
    const { roleArn, externalId } = identity;
    const assume = fromTemporaryCredentials({
      masterCredentials: defaultProvider(),
      params: {
        RoleArn: roleArn,
        RoleSessionName: 'a2a-gateway',
        ...(externalId !== undefined && { ExternalId: externalId }),
      },
      clientConfig: {
        region,
        maxAttempts: 3,
        requestHandler: { connectionTimeout: 1_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
        ...(endpoint !== undefined && { endpoint }),
      },
    });
    return assume();
  };
}
