import { pushMembers } from '../message-members.ts';

/** Resource names, `tasks/{id}`, are what 0.3 has; the plain ids are for those who read them all the same. */
const named = ['tenant', 'id', 'taskId', 'name'];

/** The guarded members of 0.3 HTTP+JSON bodies, by their camel-case names (0.3 proto). */
export const legacyRestMembers = {
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
