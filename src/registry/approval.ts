import { usesGatewayIdentity } from '../backends/auth-config.ts';
import type { Agent } from './agent.ts';
import type { AgentChange } from './registration.ts';

/**
 * Whether an owner's change waits for an administrator: what was approved was where the agent is, its tags and who may
 * read its card. Credentials are the owner's own and go to the origin that was approved, so they may be rotated at will,
 * but for those that speak in the gateway's name.
 */
export function needsApproval({ authConfig: before }: Agent, change: AgentChange): boolean {
  const { agentCardUrl, backendUrl, backend, tags, publicCard, authConfig } = change;
  if ([agentCardUrl, backendUrl, backend, tags, publicCard].some((member) => member !== undefined))
    return true;
  return authConfig !== undefined && (usesGatewayIdentity(authConfig) || usesGatewayIdentity(before));
}
