import type { Agent, AuthConfig } from '../registry/agent.ts';

/** An agent as the management routes show it: everything but secrets. */
export function agentView(agent: Agent): Record<string, unknown> {
  const { agentId, status, statusReason, agentCardUrl, backendUrl, tags, owner, publicCard, card } = agent;
  return {
    agentId,
    status,
    statusReason,
    agentCardUrl,
    backendUrl,
    authConfig: authView(agent.authConfig),
    tags,
    owner: owner.subject,
    ownerIssuer: owner.issuer,
    publicCard,
    agentCard: card,
    cardWarnings: agent.cardWarnings,
    lastSynced: new Date(agent.cardFetchedAtMs).toISOString(),
    createdAt: new Date(agent.createdAtMs).toISOString(),
    updatedAt: new Date(agent.updatedAtMs).toISOString(),
  };
}

function authView(authConfig: AuthConfig): Record<string, unknown> {
  if (authConfig.type === 'none') return authConfig;
  const { secretName: _, ...shown } = authConfig;
  return shown;
}
