/**
 * Which tasks and contexts of an agent are whose, and what was last seen of each task. Rows are reached by agent and owner
 * together: what another owner has is, to whoever asks, the very same miss as what nobody has.
 *
 * A row that has expired is no row, swept or not. Ids are texts of strangers: up to 1,024 characters, any of them.
 */
export interface OwnershipStore {
  /** For each of the ids, in their order, whether the holder has it. */
  held(holder: Holder, ids: readonly HeldId[], nowMs: number): Promise<readonly boolean[]>;
  /**
   * Takes ids for the holder, all of them or none, and notes what is seen of the tasks. False, and nothing is changed,
   * where another holder at the agent has one of them. Durable when the promise resolves.
   *
   * The holder then has them until `expiresAtMs` at least: up to an eighth of the time longer, so that an id used again and
   * again is not written every time. Of two statuses of a task the later counts, of two of one time the one taken last; a
   * task seen without one keeps what it had.
   *
   * @throws TypeError for more than 100 ids, and for a time that is no whole number
   */
  take(holder: Holder, taken: Taken, times: { nowMs: number; expiresAtMs: number }): Promise<boolean>;
  /** The holder's tasks, the latest status first, and by their ids where two have the same time. */
  tasks(holder: Holder, query: TaskQuery, nowMs: number): Promise<TaskPage>;
  /** Leaves a task out of `tasks`: its agent has forgotten it. It stays the holder's. */
  forget(holder: Holder, taskId: string): Promise<void>;
  /** Deletes some of what has expired by then, `sweptAtOnce` at most; nothing where the store does so by itself. */
  sweep(nowMs: number): Promise<void>;
}

/** One owner at one agent. Both are digests of the gateway's own making: short ASCII texts. */
export interface Holder {
  /** Of the agent as registered now: one registered again under the same id has another. */
  agentKey: string;
  ownerKey: string;
}

export interface HeldId {
  kind: 'task' | 'context';
  id: string;
}

/** At most 100 ids in all. */
export interface Taken {
  tasks: readonly SeenTask[];
  contextIds: readonly string[];
}

export interface SeenTask {
  taskId: string;
  /** The first that was seen stays. */
  contextId?: string;
  /** In the words of 1.0: `TASK_STATE_WORKING`. Absent: only the id was seen. */
  state?: string;
  /** As the agent dates the status; when it was seen, where it does not. */
  statusAtMs: number;
}

/** Members AND together; an absent member does not filter. */
export interface TaskQuery {
  contextId?: string;
  /** Any of these. A task whose state was never seen has none. */
  states?: readonly string[];
  /** Included. */
  statusFromMs?: number;
  /** 1 to 100. */
  size: number;
  /** Only tasks behind this one in the order. */
  after?: TaskCursor;
}

export interface TaskCursor {
  statusAtMs: number;
  taskId: string;
}

export interface TaskPage {
  items: SeenTask[];
  /** To continue after; absent on the last page. */
  next?: TaskCursor;
  /** How many match in all, whatever the page. */
  totalSize: number;
}
