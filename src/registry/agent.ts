import type { AuthConfig } from '../backends/auth-config.ts';
import type { AgentDeadlines, AgentLimits, BackendConfig } from '../backends/backend-config.ts';
import type { OwnershipMode } from '../ownership/ownership.ts';
import { type ServedVersion, servedVersions } from '../protocol/version.ts';
import type { CardCandidate } from './candidate.ts';
import type { CardSignatures } from './card-trust.ts';
import type { FetchedCard } from './fetched-card.ts';

/** `pending` waits for approval, `quarantined` was taken out by the gateway or an administrator. Only `active` serves. */
export const agentStatuses = ['pending', 'active', 'inactive', 'quarantined'] as const;
export type AgentStatus = (typeof agentStatuses)[number];

/** Somebody, as a token names them: one subject of one issuer. */
export interface Subject {
  issuer: string;
  subject: string;
}

/** Who may manage an agent beside administrators. */
export type Owner = Subject;

/** A registered agent: what is kept about it, with the card it is served with. */
export interface Agent extends FetchedCard {
  agentId: string;
  /** Grows by one with every write; the ETag of the admin routes. */
  revision: number;
  status: AgentStatus;
  /** Why the agent is not active, for people. */
  statusReason?: string;
  /** When the status last became another one, and by whom; absent of agents kept before that was noted. */
  statusChangedAtMs?: number;
  /** Absent where a deployment or the gateway did it. */
  statusChangedBy?: Subject;
  agentCardUrl: string;
  /** Pins the origin of every interface; absent means the card URL's own origin. */
  backendUrl?: string;
  /** What it runs on. Absent: an A2A server at the URLs above. */
  backend?: BackendConfig;
  authConfig: AuthConfig;
  /** PEM certificates of authorities trusted for this agent, beside the gateway's own. */
  caCertificates?: string;
  deadlines?: AgentDeadlines;
  limits?: AgentLimits;
  tags: string[];
  owner: Owner;
  /** The card may be read without a token. */
  publicCard: boolean;
  /** In which versions the agent may be called. Default: all. */
  protocolVersions?: ServedVersion[];
  /** A request that names no version is read by its method or path. Default: it means 0.3 (A2A §3.6.2). */
  lenientVersions?: boolean;
  /** Whose its tasks and contexts are. Default: `principal`. */
  ownership?: OwnershipMode;
  /** Whose signatures of its card count. Default: nobody's, and none is needed. */
  cardSignatures?: CardSignatures;
  /** Of the card: 1, 2, 3, … Each is kept, the last of them. */
  cardVersion: number;
  cardAcceptedAtMs: number;
  /** Absent where a deployment did it. */
  cardAcceptedBy?: Subject;
  /** A card that waits for an administrator, while the one above is served. */
  candidate?: CardCandidate;
  createdAtMs: number;
  updatedAtMs: number;
}

/** The versions an agent may be called in, the latest first. */
export function exposedVersions({
  protocolVersions,
}: Pick<Agent, 'protocolVersions'>): readonly ServedVersion[] {
  if (protocolVersions === undefined) return servedVersions;
  return servedVersions.filter((version) => protocolVersions.includes(version));
}

const agentIdPattern = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Whether a text is an agent id: one DNS-label-like path segment, so it can never change a path. */
export function isAgentId(text: string): boolean {
  return agentIdPattern.test(text);
}
