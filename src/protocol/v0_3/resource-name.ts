import { isRecord } from '../json.ts';

/**
 * How the 0.3 proto names things: `tasks/{id}` and `tasks/{id}/pushNotificationConfigs/{id}`, the ids as they are, not
 * encoded.
 */

const tasks = 'tasks/';
const configs = '/pushNotificationConfigs/';

export function taskName(taskId: string): string {
  return tasks + taskId;
}

export function pushConfigName(taskId: string, id: string): string {
  return `${tasks}${taskId}${configs}${id}`;
}

/** The id in a task's name; undefined for what is none. */
export function taskIdIn(name: unknown): string | undefined {
  return typeof name === 'string' && name.startsWith(tasks) && name.length > tasks.length
    ? name.slice(tasks.length)
    : undefined;
}

/** The ids in a push configuration's name, which may leave its own id out; undefined for what is none. */
export function pushConfigIdsIn(name: unknown): { taskId: string; id: string } | undefined {
  const inside = taskIdIn(name);
  if (inside === undefined) return undefined;
  // The last one, for an agent's task id may hold what it likes.
  const at = inside.lastIndexOf(configs);
  if (at > 0) return { taskId: inside.slice(0, at), id: inside.slice(at + configs.length) };
  return at === 0 ? undefined : { taskId: inside, id: '' };
}

/**
 * The member of a body that names another task than its path does; undefined where all agree. The empty text is
 * absence, and a name may go on to one of the task's push configurations.
 */
export function brokenResourceName(
  body: Readonly<Record<string, unknown>>,
  taskId: string | undefined,
): string | undefined {
  if (taskId === undefined) return undefined;
  const { name, parent, config } = body;
  const named = { name, parent, 'config.name': isRecord(config) ? config.name : undefined };
  return Object.entries(named).find(([, value]) => !names(value, taskId))?.[0];
}

function names(value: unknown, taskId: string): boolean {
  if (value === undefined || value === null || value === '') return true;
  if (typeof value !== 'string' || !value.startsWith(taskName(taskId))) return false;
  const rest = value.slice(taskName(taskId).length);
  return /^(?:\/pushNotificationConfigs(?:\/[^/]*)?)?$/.test(rest);
}

/**
 * Whether a body that creates a push configuration holds two that differ: as the proto's HTTP rule has it, the body is
 * the configuration; to the Python SDK it stands in `config`.
 */
export function conflictingConfigs({
  pushNotificationConfig,
  config,
}: Readonly<Record<string, unknown>>): boolean {
  if (!isRecord(config) || pushNotificationConfig === undefined) return false;
  const inner = config.pushNotificationConfig;
  return inner !== undefined && JSON.stringify(inner) !== JSON.stringify(pushNotificationConfig);
}
