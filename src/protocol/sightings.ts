import { isRecord } from './json.ts';
import type { Operation } from './operations.ts';
import { taskStateOf } from './task-state.ts';
import { pushConfigIdsIn } from './v0_3/resource-name.ts';

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
 * the second. What a task's history and a message's references name was seen before. A list of tasks shows none here.
 */
export function sightingsOf({ name, capability }: Operation, result: unknown): Sighting[] {
  if (name === 'ListTasks' || name === 'GetExtendedAgentCard') return [];
  if (capability === 'pushNotifications') return configsIn(result).flatMap(tasksOfConfig);
  if (!isRecord(result)) return [];
  return [result, ...wrapped.map((member) => result[member])].flatMap(sightingsIn);
}

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

/** One push configuration or several, which 0.3 does not wrap. */
function configsIn(result: unknown): unknown[] {
  if (Array.isArray(result)) return result;
  return isRecord(result) && Array.isArray(result.configs) ? [result, ...result.configs] : [result];
}

function tasksOfConfig(config: unknown): Sighting[] {
  if (!isRecord(config)) return [];
  const { taskId, task_id, name, pushNotificationConfig } = config;
  const named = [taskId, task_id, pushConfigIdsIn(name)?.taskId].map(textOf).filter((id) => id !== undefined);
  return [...named.map((id) => ({ taskId: id })), ...tasksOfConfig(pushNotificationConfig)];
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
