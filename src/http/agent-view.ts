import { shownAuth } from '../backends/auth-config.ts';
import { ownershipOf } from '../ownership/ownership.ts';
import { type Agent, exposedVersions } from '../registry/agent.ts';
import { defaultCardSignatures } from '../registry/card-trust.ts';

/** An agent as the management routes show it: everything but secrets. */
export function agentView(agent: Agent): Record<string, unknown> {
  const { agentId, status, statusReason, agentCardUrl, backendUrl, tags, owner, publicCard, card } = agent;
  return {
    agentId,
    status,
    statusReason,
    agentCardUrl,
    backendUrl,
    backend: agent.backend,
    authConfig: shownAuth(agent.authConfig),
    caCertificates: agent.caCertificates,
    deadlines: agent.deadlines,
    limits: agent.limits,
    tags,
    owner: owner.subject,
    ownerIssuer: owner.issuer,
    publicCard,
    protocolVersions: exposedVersions(agent),
    lenientVersions: agent.lenientVersions ?? false,
    ownership: ownershipOf(agent),
    cardSignatures: agent.cardSignatures ?? defaultCardSignatures,
    cardTrust: agent.cardTrust ?? { verdict: 'unchecked' },
    agentCard: card,
    cardWarnings: agent.cardWarnings,
    lastSynced: new Date(agent.cardFetchedAtMs).toISOString(),
    createdAt: new Date(agent.createdAtMs).toISOString(),
    updatedAt: new Date(agent.updatedAtMs).toISOString(),
  };
}
