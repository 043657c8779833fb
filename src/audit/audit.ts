import type { Principal } from '../access/principal.ts';
import type { Audited } from '../store/ports/audit.ts';

/** What a record tells of, its `event`. `omitted`: how many calls there were no records for. */
export const auditEvents = ['call', 'stream.opened', 'stream.ended', 'change', 'omitted'] as const;

/** Who did something. */
export type Actor = Pick<Principal, 'issuer' | 'subject' | 'clientId'>;

export function actorOf({ issuer, subject, clientId }: Principal): Actor {
  return { issuer, subject, ...(clientId !== undefined && { clientId }) };
}

/** Who changes something, and in which request. */
export interface Changer {
  requestId: string;
  by: Actor;
}

/** A change that management makes. What it holds is shown to auditors: no secrets. */
export interface Change extends Changer {
  /** Such as `agent.register` or `permission.set`. */
  action: string;
  /** Such as an agent id or a scope. */
  target: string;
  /** The agent it is about, if it is about one. */
  agentId?: string;
  /** As the management routes show it. Absent: there was none. */
  before?: object;
  /** As the management routes show it. Absent: there is none any more. */
  after?: object;
}

/** The trail of what management changed. */
export interface ChangeTrail {
  /**
   * Has a write tell of itself: `write` hands what it is given on to the store, which keeps both or neither. Answers what the
   * write answers; false, and undefined, leave no trace. Writes of one process that are told of come one after the other.
   *
   * @throws what the write throws
   */
  change<T>(change: Change, write: (audited: Audited) => Promise<T>): Promise<T>;
}

/** For a gateway that keeps no trail. */
export const noChangeTrail: ChangeTrail = { change: (_, write) => write({}) };
