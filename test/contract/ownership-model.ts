import type {
  HeldId,
  Holder,
  OwnershipStore,
  SeenTask,
  Taken,
  TaskPage,
  TaskQuery,
} from '../../src/store/ports/ownership.ts';

interface Row extends HeldId {
  agentKey: string;
  ownerKey: string;
  untilMs: number;
  task?: SeenTask;
  isForgotten: boolean;
}

/** What the port promises, as plainly as it can be written: a list of rows, gone through from the start every time. */
export class OwnershipModel implements OwnershipStore {
  #rows: Row[] = [];

  async held(holder: Holder, ids: readonly HeldId[], nowMs: number): Promise<boolean[]> {
    return ids.map((id) => this.#find(holder.agentKey, id, nowMs)?.ownerKey === holder.ownerKey);
  }

  async take(holder: Holder, taken: Taken, times: { nowMs: number; expiresAtMs: number }): Promise<boolean> {
    const ids: HeldId[] = [
      ...taken.tasks.map(({ taskId }) => ({ kind: 'task' as const, id: taskId })),
      ...taken.contextIds.map((id) => ({ kind: 'context' as const, id })),
    ];
    const { nowMs, expiresAtMs } = times;
    const owners = ids.map((id) => this.#find(holder.agentKey, id, nowMs)?.ownerKey ?? holder.ownerKey);
    if (owners.some((owner) => owner !== holder.ownerKey)) return false;
    this.#rows = this.#rows.filter(({ untilMs }) => untilMs > nowMs);
    const longestMs = expiresAtMs + (expiresAtMs - nowMs) / 8;
    for (const id of ids) {
      const row = this.#find(holder.agentKey, id, nowMs);
      if (row === undefined) this.#rows.push({ ...holder, ...id, untilMs: longestMs, isForgotten: false });
      else if (row.untilMs < expiresAtMs) row.untilMs = longestMs;
    }
    for (const task of taken.tasks) {
      const row = this.#find(holder.agentKey, { kind: 'task', id: task.taskId }, nowMs);
      if (row !== undefined) Object.assign(row, { task: latest(row.task, task), isForgotten: false });
    }
    return true;
  }

  async tasks(holder: Holder, query: TaskQuery, nowMs: number): Promise<TaskPage> {
    const { contextId, states, statusFromMs = 0, size, after } = query;
    const all = this.#rows
      .filter(({ agentKey, ownerKey }) => agentKey === holder.agentKey && ownerKey === holder.ownerKey)
      .filter(({ untilMs, isForgotten }) => untilMs > nowMs && !isForgotten)
      .flatMap(({ task }) => task ?? [])
      .filter((task) => contextId === undefined || task.contextId === contextId)
      .filter((task) => states === undefined || states.includes(task.state ?? 'none'))
      .filter((task) => task.statusAtMs >= statusFromMs)
      .sort((one, other) => other.statusAtMs - one.statusAtMs || (one.taskId < other.taskId ? -1 : 1));
    const isBehind = ({ statusAtMs, taskId }: SeenTask) =>
      after === undefined ||
      statusAtMs < after.statusAtMs ||
      (statusAtMs === after.statusAtMs && taskId > after.taskId);
    const ahead = all.filter(isBehind);
    const items = ahead.slice(0, size);
    const { taskId, statusAtMs } = items.at(-1) ?? { taskId: '', statusAtMs: 0 };
    const next = ahead.length > size ? { next: { statusAtMs, taskId } } : {};
    return { items, ...next, totalSize: all.length };
  }

  async forget(holder: Holder, taskId: string): Promise<void> {
    const isMeant = (row: Row) =>
      row.agentKey === holder.agentKey &&
      row.ownerKey === holder.ownerKey &&
      row.kind === 'task' &&
      row.id === taskId;
    for (const row of this.#rows.filter(isMeant)) row.isForgotten = true;
  }

  async sweep(): Promise<void> {}

  #find(agentKey: string, { kind, id }: HeldId, nowMs: number): Row | undefined {
    return this.#rows.find(
      (row) => row.agentKey === agentKey && row.kind === kind && row.id === id && row.untilMs > nowMs,
    );
  }
}

function latest(known: SeenTask | undefined, seen: SeenTask): SeenTask {
  if (known === undefined) return seen;
  const isOlder = known.state !== undefined && seen.statusAtMs < known.statusAtMs;
  const contextId = known.contextId ?? seen.contextId;
  return {
    ...(seen.state === undefined || isOlder ? known : seen),
    ...(contextId !== undefined && { contextId }),
  };
}
