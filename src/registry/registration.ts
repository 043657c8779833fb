import type { GivenAuth } from '../backends/auth-config.ts';
import type { AgentDeadlines, AgentLimits, BackendConfig } from '../backends/backend-config.ts';
import type { OwnershipMode } from '../ownership/ownership.ts';
import type { ServedVersion } from '../protocol/version.ts';
import type { Agent, Owner } from './agent.ts';
import type { Writer } from './approval.ts';
import type { CardSignatures } from './card-trust.ts';

export interface Registration {
  agentId: string;
  /** Absent where the backend's kind knows it. */
  agentCardUrl?: string | undefined;
  backendUrl?: string | undefined;
  backend?: BackendConfig | undefined;
  authConfig: GivenAuth;
  caCertificates?: string | undefined;
  deadlines?: AgentDeadlines | undefined;
  limits?: AgentLimits | undefined;
  tags: string[];
  owner: Owner;
  publicCard: boolean;
  protocolVersions?: ServedVersion[] | undefined;
  lenientVersions?: boolean | undefined;
  ownership?: OwnershipMode | undefined;
  cardSignatures?: CardSignatures | undefined;
  /** Agents registered by their owners wait for an administrator. */
  by: Writer;
}

/** What may change of a registered agent; an absent member stays, and `null` takes one away. */
export interface AgentChange {
  agentCardUrl?: string | undefined;
  backendUrl?: string | null | undefined;
  backend?: BackendConfig | null | undefined;
  authConfig?: GivenAuth | undefined;
  caCertificates?: string | null | undefined;
  deadlines?: AgentDeadlines | null | undefined;
  limits?: AgentLimits | null | undefined;
  tags?: string[] | undefined;
  owner?: Owner | undefined;
  publicCard?: boolean | undefined;
  protocolVersions?: ServedVersion[] | null | undefined;
  lenientVersions?: boolean | undefined;
  ownership?: OwnershipMode | undefined;
  cardSignatures?: CardSignatures | null | undefined;
}

const optionalMembers = [
  'backendUrl',
  'backend',
  'caCertificates',
  'deadlines',
  'limits',
  'protocolVersions',
  'lenientVersions',
  'ownership',
  'cardSignatures',
] as const;

/** What an agent may be registered without. */
export type OptionalMembers = Pick<Agent, (typeof optionalMembers)[number]>;

/** The members of an agent after a change, absent ones left out. */
export function changedMembers(before: OptionalMembers, change: AgentChange): OptionalMembers {
  const entries = optionalMembers.map(
    (name) => [name, change[name] === undefined ? before[name] : change[name]] as const,
  );
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined && value !== null));
}

/** The agent without what it may be registered without. */
export function withoutOptional(agent: Agent): Omit<Agent, keyof OptionalMembers> {
  const entries = Object.entries(agent).filter(
    ([name]) => !optionalMembers.some((optional) => optional === name),
  );
  return Object.fromEntries(entries) as Omit<Agent, keyof OptionalMembers>;
}
