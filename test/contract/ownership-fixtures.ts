import type { HeldId, Holder, SeenTask, Taken } from '../../src/store/ports/ownership.ts';

export const kim: Holder = { agentKey: 'agent-a', ownerKey: 'kim' };
export const lee: Holder = { agentKey: 'agent-a', ownerKey: 'lee' };
export const kimElsewhere: Holder = { agentKey: 'agent-b', ownerKey: 'kim' };

export const nowMs = 1_800_000_000_000;
export const times = { nowMs, expiresAtMs: nowMs + 80_000 };
/** An eighth longer than asked for. */
export const goneAtMs = nowMs + 90_000;

export function aTask(taskId: string, more: Partial<SeenTask> = {}): SeenTask {
  return { taskId, statusAtMs: nowMs, ...more };
}

export function taking(taskIds: readonly string[], contextIds: readonly string[] = []): Taken {
  return { tasks: taskIds.map((taskId) => aTask(taskId)), contextIds };
}

export function tasksOf(...ids: string[]): HeldId[] {
  return ids.map((id) => ({ kind: 'task', id }));
}

export function contextsOf(...ids: string[]): HeldId[] {
  return ids.map((id) => ({ kind: 'context', id }));
}
