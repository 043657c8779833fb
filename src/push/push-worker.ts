/** Delivers webhooks. Safe to run in any number of processes: a lane is worked by one at a time. */
export interface PushWorker {
  /**
   * Delivers what is due in a lane, one after the other. Never fails.
   * @returns when something is due there next; undefined where nothing waits, or another works there
   */
  work(pushId: string): Promise<{ dueAtMs: number } | undefined>;
}

/**
 * Tells whoever delivers that a lane has something due then. Losing it delays a delivery and loses none: what waits stands
 * in the outbox.
 */
export type WakePush = (pushId: string, dueAtMs: number) => Promise<void>;
