import type { GivenAuth } from '../backends/auth-config.ts';
import type { AgentDeadlines, AgentLimits, BackendConfig } from '../backends/backend-config.ts';
import type { Agent, Owner } from './agent.ts';
import type { Writer } from './approval.ts';

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
}

/** Where what is told about an agent's backend is kept: all that may be absent. */
export type BackendMembers = Pick<
  Agent,
  'backendUrl' | 'backend' | 'caCertificates' | 'deadlines' | 'limits'
>;

/** The members of an agent after a change, absent ones left out. */
export function changedMembers(before: BackendMembers, change: AgentChange): BackendMembers {
  const names = ['backendUrl', 'backend', 'caCertificates', 'deadlines', 'limits'] as const;
  const entries = names.map(
    (name) => [name, change[name] === undefined ? before[name] : change[name]] as const,
  );
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined && value !== null));
}
