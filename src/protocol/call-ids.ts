import { isRecord } from './json.ts';

/** The conversation and the task something is about, as far as it says (A2A §3.4). */
export interface CallIds {
  contextId?: string;
  taskId?: string;
}

/** Ids a request names: of its message, its task, or its path. Null and the empty text are absence, as ProtoJSON reads them. */
export function idsOfRequest(request: unknown): CallIds {
  if (!isRecord(request)) return {};
  const { message } = request;
  if (isRecord(message)) return idsFrom(message.contextId, message.taskId);
  return idsFrom(request.contextId, request.taskId ?? request.id);
}

/**
 * Ids a result or an event of a stream shows (A2A §3.2.3, §4.2), in either version: of its task, its message or its
 * update. A list of tasks shows none: its tasks were known before.
 */
export function idsOfResult(result: unknown): CallIds {
  if (!isRecord(result)) return {};
  const { kind, task, message, msg, statusUpdate, artifactUpdate } = result;
  if (kind === 'task') return idsFrom(result.contextId, result.id);
  if (legacyKinds.has(kind)) return idsFrom(result.contextId, result.taskId);
  if (isRecord(task)) return idsFrom(task.contextId, task.id);
  // `msg` is the proto's own name of 0.3 for a message.
  for (const about of [message, msg, statusUpdate, artifactUpdate])
    if (isRecord(about)) return idsFrom(about.contextId, about.taskId);
  // A task by itself, as `GetTask` and `CancelTask` answer it.
  return isRecord(result.status) ? idsFrom(result.contextId, result.id) : {};
}

/** What is no task in 0.3, which wraps nothing and says of each thing what it is (0.3 §6.4, §7.2). */
const legacyKinds: ReadonlySet<unknown> = new Set(['message', 'status-update', 'artifact-update']);

function idsFrom(contextId: unknown, taskId: unknown): CallIds {
  return {
    ...(typeof contextId === 'string' && contextId !== '' && { contextId }),
    ...(typeof taskId === 'string' && taskId !== '' && { taskId }),
  };
}
