import type { AuthConfig, Owner } from './agent.ts';

/** Credentials as they are given: with the secret, which is kept apart and never read back. */
export type GivenAuth =
  | { type: 'none' }
  | {
      type: 'oauth2_client_credentials';
      tokenUrl: string;
      clientId: string;
      clientSecret: string;
      scopes: string[];
    };

export interface Registration {
  agentId: string;
  agentCardUrl: string;
  backendUrl?: string | undefined;
  authConfig: GivenAuth;
  tags: string[];
  owner: Owner;
  publicCard: boolean;
  /** Agents registered by their owners wait for an administrator. */
  status: 'active' | 'pending';
}

/** What may change of a registered agent; an absent member stays. */
export interface AgentChange {
  agentCardUrl?: string | undefined;
  /** `null` takes the pin away. */
  backendUrl?: string | null | undefined;
  authConfig?: GivenAuth | undefined;
  tags?: string[] | undefined;
  owner?: Owner | undefined;
  publicCard?: boolean | undefined;
}

/** Given credentials without their secret, under the name the secret is kept by. */
export function storedAuth(given: GivenAuth, secretName: string): AuthConfig {
  if (given.type === 'none') return given;
  const { type, tokenUrl, clientId, scopes } = given;
  return { type, tokenUrl, clientId, scopes, secretName };
}

/** The secret a configuration refers to, if any. */
export function secretNameOf(authConfig: AuthConfig): string | undefined {
  return authConfig.type === 'none' ? undefined : authConfig.secretName;
}

/** The origin an agent's credential may go to: the pinned one, or the card's own. */
export function backendOrigin(agent: { agentCardUrl: string; backendUrl?: string | undefined }): string {
  return new URL(agent.backendUrl ?? agent.agentCardUrl).origin;
}
