import type { JsonObject } from '../bridge/core-call.ts';
import type { SeenTask } from '../store/ports/ownership.ts';
import type { TaskFilter, TaskListRequest } from './list-request.ts';

/** Whether a task is among those asked for, by what its agent says of it now. */
export function fits({ contextId, state, statusAtMs }: SeenTask, filter: TaskFilter): boolean {
  if (filter.contextId !== undefined && filter.contextId !== contextId) return false;
  if (filter.state !== undefined && filter.state !== state) return false;
  return filter.statusFromMs === undefined || statusAtMs >= filter.statusFromMs;
}

/**
 * A task as a list shows it (A2A §3.1.4, §3.2.4): with artifacts only where they are asked for, and then also where there
 * are none; with no more of its history than asked for, whatever the agent tells.
 */
export function listed(
  task: JsonObject,
  { historyLength, includeArtifacts }: Pick<TaskListRequest, 'historyLength' | 'includeArtifacts'>,
): JsonObject {
  const { artifacts, history, ...rest } = task;
  const isCut = historyLength !== undefined && Array.isArray(history);
  return {
    ...rest,
    ...(includeArtifacts && { artifacts: Array.isArray(artifacts) ? artifacts : [] }),
    ...(history !== undefined &&
      historyLength !== 0 && { history: isCut ? history.slice(-historyLength) : history }),
  };
}
