/** Resource names, `tasks/{id}`, are what 0.3 has; the plain ids are for those who read them all the same. */
const named = ['tenant', 'id', 'taskId', 'name'];

/** The guarded members of 0.3 HTTP+JSON bodies, by their camel-case names (0.3 proto). */
export const legacyRestMembers = {
  /** Of a send; push also where JSON-RPC has it: whoever reads it there is to be permitted as everyone else. */
  send: [
    'tenant',
    'message.taskId',
    'message.contextId',
    'message.referenceTaskIds',
    ...pushMembers('configuration.pushNotification'),
    ...pushMembers('configuration.pushNotificationConfig'),
  ],
  /** Of what is about the task in the path. */
  named,
  /** Of a `TaskPushNotificationConfig`, which to the Python SDK stands inside the request that creates it. */
  create: [
    ...named,
    'url',
    'parent',
    'configId',
    ...pushMembers('pushNotificationConfig'),
    'config.name',
    ...pushMembers('config.pushNotificationConfig'),
  ],
} as const satisfies Record<string, readonly string[]>;

function pushMembers(place: string): string[] {
  return ['id', 'url', 'taskId', 'tenant'].map((member) => `${place}.${member}`);
}
