import type { Clock, Secrets, Upstream } from '../../ports.ts';
import type { AuthConfig } from '../../registry/agent.ts';
import { createTokenSource } from './oauth2-client-credentials.ts';

/** What a backend wants beside the request. One kind a file. */
export interface Credentials {
  /**
   * Headers that authenticate the gateway to the backend.
   *
   * @param refused the headers a backend has just refused with 401: they are not answered again
   * @returns undefined when there is nothing else to try
   * @throws GatewayError `credential_unavailable`
   */
  headersFor(config: AuthConfig, refused?: CredentialHeaders): Promise<CredentialHeaders | undefined>;
}

export type CredentialHeaders = Readonly<Record<string, string>>;

const nothing: CredentialHeaders = {};

export function createCredentials(deps: { upstream: Upstream; secrets: Secrets; clock: Clock }): Credentials {
  const tokens = createTokenSource(deps);
  return {
    async headersFor(config, refused) {
      switch (config.type) {
        case 'none':
          return refused === undefined ? nothing : undefined;
        case 'oauth2_client_credentials': {
          const token = await tokens.tokenFor(config, refused?.authorization?.slice('Bearer '.length));
          return { authorization: `Bearer ${token}` };
        }
      }
    },
  };
}
