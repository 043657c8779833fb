import { fromEnv } from '@aws-sdk/credential-provider-env';

/** Stands in for the SDK's chain of credential sources in the bundles: Lambda gives credentials by the environment. */
export const defaultProvider = (): ReturnType<typeof fromEnv> => fromEnv();
export const credentialsWillNeedRefresh = undefined;
export const credentialsTreatedAsExpired = undefined;
