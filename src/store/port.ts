import type { Permission } from '../access/permission.ts';
import type { Agent, AgentStatus, Owner } from '../registry/agent.ts';
import type { Audited, AuditStore, UsageStore } from './ports/audit.ts';
import type { CardVersionStore } from './ports/card-versions.ts';
import type { CounterStore } from './ports/counters.ts';
import type { OwnershipStore } from './ports/ownership.ts';
import type { Page, PageRequest } from './ports/page.ts';
import type { PushStore } from './ports/push.ts';
import type { RevocationStore } from './ports/revocations.ts';

export type { Page, PageRequest } from './ports/page.ts';

/**
 * All that is kept, beside secrets. Every write is durable when its promise resolves, states its condition and
 * answers whether it won; a condition that fails changes nothing. A segment of the trail that a write is given is written
 * with it or not at all; see {@link Audited}.
 */
export interface Store {
  agents: AgentStore;
  cardVersions: CardVersionStore;
  permissions: PermissionStore;
  affinities: AffinityStore;
  health: HealthStore;
  push: PushStore;
  ownership: OwnershipStore;
  revocations: RevocationStore;
  counters: CounterStore;
  audit: AuditStore;
  usage: UsageStore;
  close(): Promise<void>;
}

/** A write whose `cardVersion` is not that of the row before keeps its card as that version, see {@link CardVersionStore}. */
export interface AgentStore {
  get(agentId: string, options?: ReadOptions): Promise<Agent | undefined>;
  /** False: the id is taken. */
  create(agent: Agent, audited?: Audited): Promise<boolean>;
  /** Writes `agent` over the row at `expectedRevision`. False: absent, or at another revision. */
  replace(agent: Agent, expectedRevision: number, audited?: Audited): Promise<boolean>;
  /** False: absent, or at another revision. */
  delete(agentId: string, expectedRevision: number, audited?: Audited): Promise<boolean>;
  /** In the order of agent ids. */
  list(filter: AgentFilter, page: PageRequest): Promise<Page<Agent>>;
  /** As `list`, without reading the agents themselves. */
  ids(filter: AgentFilter, page: PageRequest): Promise<Page<string>>;
}

export interface ReadOptions {
  /**
   * Not from a cache: what is judged to be written next must be what was written last, whichever process wrote it.
   * Default false.
   */
  fresh?: boolean;
}

/** Members AND together; an absent member does not filter. */
export interface AgentFilter {
  status?: AgentStatus;
  tag?: string;
  owner?: Owner;
  /** Covered by any of these `allowedAgents` entries; an empty list covers nothing. */
  patterns?: readonly string[];
  /** Covered by none of these. */
  deniedPatterns?: readonly string[];
}

export interface PermissionStore {
  get(scope: string, options?: ReadOptions): Promise<Permission | undefined>;
  /** False: the scope has a permission. */
  create(permission: Permission, audited?: Audited): Promise<boolean>;
  /** False: absent, or at another revision. */
  replace(permission: Permission, expectedRevision: number, audited?: Audited): Promise<boolean>;
  /** False: absent, or at another revision when one is given. */
  delete(scope: string, expectedRevision?: number, audited?: Audited): Promise<boolean>;
  /** In the order of scopes. */
  list(page: PageRequest): Promise<Page<Permission>>;
}

/**
 * Where conversations and tasks are, for agents that keep them at one place. Whose they are is part of a key, so one
 * caller's row is never another's. Keys are digests and places short texts of the gateway's own making: ASCII both.
 */
export interface AffinityStore {
  /** What was put last; also after it has expired, as long as it has not been swept. The reader compares the time. */
  get(key: string): Promise<KeptPlace | undefined>;
  /**
   * Writes all of the places, over what there is. After an error some may have been written.
   * @param expiresAtMs may be rounded up to the second
   */
  put(places: readonly NewPlace[], expiresAtMs: number): Promise<void>;
  /** Deletes some of what has expired by then, {@link sweptAtOnce} at most; nothing where the store does so by itself. */
  sweep(nowMs: number): Promise<void>;
}

/** Bounds how long a sweep holds up the calls behind it. */
export const sweptAtOnce = 500;

export interface NewPlace {
  key: string;
  /** An origin or a session, as the agent's kind of target has it. */
  place: string;
}

export interface KeptPlace {
  place: string;
  expiresAtMs: number;
}

/**
 * How agents do, as each process that calls them has seen it: a row for each agent and process, made anew with every put.
 * Ids of agents and processes are short ASCII texts, reports JSON of the gateway's own making.
 */
export interface HealthStore {
  /** Writes over the process's row of that agent; the last put counts. */
  put(row: HealthRow): Promise<void>;
  /** Those that have not expired by then: {@link maxHealthRows} at most, the newest first. */
  of(agentId: string, nowMs: number): Promise<HealthRow[]>;
}

/** Bounds what is shown of a large fleet. */
export const maxHealthRows = 100;

export interface HealthRow {
  agentId: string;
  processId: string;
  /** At most 16 KiB. */
  report: string;
  seenAtMs: number;
  /** May be rounded up to the second. */
  expiresAtMs: number;
}

/**
 * Which agents changed, for who follows the store from outside it. An entry is made in the transaction of its write and
 * stays until it is forgotten. An agent has one entry, of its last change; what the change was is not kept.
 */
export interface AgentChanges {
  /** Random. A copy of the store has the same until one of them begins anew. */
  storeId(): Promise<string>;
  /** Number of the last change there was, forgotten or not; 0 where no agent has ever been written. */
  last(): Promise<number>;
  /** The entries after this number, in their order. */
  after(sequence: number, limit: number): Promise<AgentChange[]>;
  /**
   * Whether who has followed up to this number finds every later change here. False for a number that another copy of
   * the store has given, for one before what was forgotten, and for one whose agent has changed since.
   */
  reaches(sequence: number): Promise<boolean>;
  /** Drops the entries up to this number. */
  forget(sequence: number): Promise<void>;
  /** Gives the store another id, so that no number of before counts. Answers it. */
  beginAnew(): Promise<string>;
}

export interface AgentChange {
  /** Grows with every change, by steps of any size. */
  sequence: number;
  agentId: string;
}
