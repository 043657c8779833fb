import { isRecord } from './json.ts';
import type { Operation } from './operations.ts';
import { taskStateOf } from './task-state.ts';

/** A task or a context as an answer shows it. */
export interface Sighting {
  taskId?: string;
  contextId?: string;
  /** In the words of 1.0. */
  state?: string;
  /** When it came to be in that state, as the agent writes it. */
  timestamp?: string;
}

/**
 * Every task and context that a result or an event of a stream is about (A2A §3.2.3, §4.2), in either version and in any
 * binding's JSON. Unlike `idsOfResult` it takes nothing for the only one: where an answer is about two, some reader sees
 * the second. What a task's history and a message's references name was seen before. Lists, cards and push configurations
 * show none here: whoever makes them looks for what they name.
 */
export function sightingsOf({ name, capability }: Operation, result: unknown): Sighting[] {
  const isAboutTask = name !== 'ListTasks' && !othersBy.has(capability);
  if (!isAboutTask || !isRecord(result)) return [];
  const sightings = sightingsIn(result);
  for (const member of wrapped) {
    const about = result[member];
    // Nearly all of them are absent, and this is done for every answer and event.
    if (about !== undefined) sightings.push(...sightingsIn(about));
  }
  return sightings;
}

/** Capabilities of operations that answer with something else than a task, a message or an update. */
const othersBy: ReadonlySet<unknown> = new Set(['pushNotifications', 'extendedAgentCard']);

/** What 1.0 and the 0.3 proto wrap a result in, by every name a ProtoJSON reader knows for it. */
const wrapped = [
  'task',
  'message',
  'msg',
  'statusUpdate',
  'status_update',
  'artifactUpdate',
  'artifact_update',
] as const;

function sightingsIn(about: unknown): Sighting[] {
  if (!isRecord(about)) return [];
  const contextId = textOf(about.contextId) ?? textOf(about.context_id);
  const seen = { ...(contextId !== undefined && { contextId }), ...statusIn(about.status) };
  const taskIds = [about.id, about.taskId, about.task_id].map(textOf).filter((id) => id !== undefined);
  if (taskIds.length > 0) return taskIds.map((taskId) => ({ taskId, ...seen }));
  return contextId === undefined ? [] : [{ contextId }];
}

function statusIn(status: unknown): Pick<Sighting, 'state' | 'timestamp'> {
  const state = isRecord(status) ? taskStateOf(status.state) : undefined;
  if (!isRecord(status) || state === undefined) return {};
  return { state, ...(typeof status.timestamp === 'string' && { timestamp: status.timestamp }) };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
