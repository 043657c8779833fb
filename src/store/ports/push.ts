import type { ServedVersion } from '../../protocol/version.ts';
import type { Audited } from './audit.ts';
import type { Holder } from './ownership.ts';
import type { Page, PageRequest } from './page.ts';

/**
 * Webhooks that callers have set, and what is on its way to them. A configuration is a lane: what it is sent goes out one
 * after the other, in the order it was accepted. Every write is durable when its promise resolves.
 */
export interface PushStore {
  configs: PushConfigStore;
  outbox: PushOutbox;
}

/** One that has expired is none, swept or not. */
export interface PushConfigStore {
  /**
   * False: the task has `maxOfTask` others at `createdAtMs`. One of the same holder, task and `configId` is written over,
   * its lane with it.
   */
  put(config: KeptPushConfig, maxOfTask: number): Promise<boolean>;
  get(pushId: string, nowMs: number): Promise<KeptPushConfig | undefined>;
  /**
   * Says of one that came with a message to which task it belongs; another one that the holder has there under its
   * `configId` is written over. False: it belongs to another task, or is gone.
   */
  bind(pushId: string, taskId: string): Promise<boolean>;
  find(holder: Holder, taskId: string, configId: string, nowMs: number): Promise<KeptPushConfig | undefined>;
  /** In the order of their `configId`, as UTF-8. */
  ofTask(holder: Holder, taskId: string, page: PageRequest, nowMs: number): Promise<Page<KeptPushConfig>>;
  /** Deletes it and what waits in its lane. Absent: nothing happens. */
  delete(pushId: string): Promise<void>;
  /** Deletes some of what has expired by then, dead letters too; nothing where the store does so by itself. */
  sweep(nowMs: number): Promise<void>;
}

export interface KeptPushConfig {
  /** Unguessable, and never used before; names the gateway's own webhook. */
  pushId: string;
  agentId: string;
  holder: Holder;
  /** Absent until a task is known for a message that brought its webhook with it. */
  taskId?: string;
  /** As callers and the agent know it. */
  configId: string;
  /** In which the caller set it, and is told. */
  version: ServedVersion;
  /** SHA-256 in hex of what the agent proves itself with. */
  secretHash: string;
  /** Address, token and credentials of the caller's webhook, sealed. */
  sealed: string;
  createdAtMs: number;
  /** May be rounded up to the second. */
  expiresAtMs: number;
}

/** The lane of a configuration that has expired is gone, with all that waits in it. */
export interface PushOutbox {
  /** Puts it behind what waits in its lane, due at once. False: `maxWaiting` wait there, or the lane is gone. */
  add(delivery: NewDelivery, maxWaiting: number): Promise<boolean>;
  /** Lanes whose first delivery is due and that nobody has, the longest due first. */
  due(nowMs: number, limit: number): Promise<string[]>;
  /** When the next one is due that is not yet; undefined where nothing waits. May be wrong by what is written meanwhile. */
  nextDueAtMs(nowMs: number): Promise<number | undefined>;
  /**
   * Takes a lane until then, or keeps it until then for who has it already, and answers its first delivery. Undefined, and
   * nothing is changed, where another has it or nothing there is due.
   */
  take(pushId: string, lease: Lease, nowMs: number): Promise<Delivery | undefined>;
  /**
   * It has arrived: the next one is first. False, and nothing is changed, without the lease: another has taken the lane
   * since, or it is gone. A lease that has ended counts until then.
   */
  delivered(delivery: Delivery, lease: Lease): Promise<boolean>;
  /** One more attempt has failed. It is tried again then, and holds up its lane until it is. False as `delivered`. */
  postpone(delivery: Delivery, lease: Lease, until: { dueAtMs: number; problem: string }): Promise<boolean>;
  /** One more attempt has failed, and it is given up: a dead letter, which holds up nothing. False as `delivered`. */
  bury(
    delivery: Delivery,
    lease: Lease,
    dead: { nowMs: number; expiresAtMs: number; problem: string },
  ): Promise<boolean>;
  /** Lets go of a lane; nothing happens without the lease. */
  release(pushId: string, lease: Lease): Promise<void>;
  /** The latest first. */
  deadLetters(filter: { agentId?: string }, page: PageRequest, nowMs: number): Promise<Page<DeadLetter>>;
  deadLetter(deliveryId: string, nowMs: number): Promise<DeadLetter | undefined>;
  /**
   * Puts a dead letter behind what waits in its lane, as if accepted now, and answers the lane. Undefined: there is none, or
   * its lane is gone.
   */
  revive(deliveryId: string, nowMs: number, audited?: Audited): Promise<string | undefined>;
  /** False: there is none. */
  dropDeadLetter(deliveryId: string, audited?: Audited): Promise<boolean>;
}

/** A hold on a lane; it ends by itself, should who has it die. */
export interface Lease {
  leaseId: string;
  untilMs: number;
}

export interface NewDelivery {
  /** Unique; what the receiver tells repetitions by. */
  deliveryId: string;
  pushId: string;
  agentId: string;
  /** As the receiver gets it, sealed. Up to some megabytes. */
  sealedBody: string;
  acceptedAtMs: number;
}

export interface Delivery extends NewDelivery {
  /** Those behind it. */
  attempts: number;
  dueAtMs: number;
}

export interface DeadLetter {
  deliveryId: string;
  pushId: string;
  agentId: string;
  acceptedAtMs: number;
  diedAtMs: number;
  attempts: number;
  /** What the last attempt failed with: a short word of the gateway's own. */
  problem: string;
}
