import { shownAuth } from '../backends/auth-config.ts';
import { ownershipOf } from '../ownership/ownership.ts';
import type { CardVersionSummary } from '../store/ports/card-versions.ts';
import { type Agent, exposedVersions } from './agent.ts';
import type { CardCandidate } from './candidate.ts';
import { defaultCardSignatures, unchecked } from './card-trust.ts';

/** An agent as management shows it, and the trail of its changes: everything but secrets. */
export function agentView(agent: Agent): Record<string, unknown> {
  const { agentId, status, statusReason, agentCardUrl, backendUrl, tags, owner, publicCard, card } = agent;
  return {
    agentId,
    status,
    statusReason,
    statusChangedAt: timeOf(agent.statusChangedAtMs),
    statusChangedBy: agent.statusChangedBy,
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
    cardTrust: agent.cardTrust ?? unchecked,
    agentCard: card,
    cardVersion: agent.cardVersion,
    cardWarnings: agent.cardWarnings,
    cardOrigin: agent.cardOrigin,
    declaredSecurity: agent.declaredSecurity,
    candidate: agent.candidate && candidateSummary(agent.candidate),
    lastSynced: timeOf(agent.cardFetchedAtMs),
    createdAt: timeOf(agent.createdAtMs),
    updatedAt: timeOf(agent.updatedAtMs),
  };
}

/** A candidate as its agent shows it: that there is one, and why it waits. */
function candidateSummary({ digest, risks, cardFetchedAtMs }: CardCandidate): Record<string, unknown> {
  return { digest, risks, fetchedAt: timeOf(cardFetchedAtMs) };
}

export function candidateView(candidate: CardCandidate): Record<string, unknown> {
  const { card, cardWarnings, cardOrigin, declaredSecurity, cardTrust } = candidate;
  return {
    ...candidateSummary(candidate),
    ...{ agentCard: card, cardWarnings, cardOrigin, declaredSecurity, cardTrust },
  };
}

export function cardVersionView(version: CardVersionSummary): Record<string, unknown> {
  const { cardWarnings, cardOrigin, declaredSecurity, cardTrust } = version;
  return {
    version: version.version,
    fetchedAt: timeOf(version.cardFetchedAtMs),
    acceptedAt: timeOf(version.acceptedAtMs),
    acceptedBy: version.acceptedBy,
    ...{ cardWarnings, cardOrigin, declaredSecurity, cardTrust },
  };
}

/** ISO 8601. JSON leaves out what is undefined. */
function timeOf(timeMs: number | undefined): string | undefined {
  return timeMs === undefined ? undefined : new Date(timeMs).toISOString();
}
