/** What `configuration` of a message calls its push configuration: in 1.0, in 0.3, in ProtoJSON of 0.3. */
export const inlinePushNames = [
  'taskPushNotificationConfig',
  'pushNotificationConfig',
  'pushNotification',
] as const;

/**
 * The guarded members of a message. A push configuration in every version's words, whichever it is: an agent that serves
 * several may read it in any of them.
 */
export const messageMembers: readonly string[] = [
  'tenant',
  'message.taskId',
  'message.contextId',
  'message.referenceTaskIds',
  ...inlinePushNames.flatMap((name) => pushMembers(`configuration.${name}`)),
];

/** Those of a push configuration that stands there. */
export function pushMembers(place: string): string[] {
  return ['id', 'url', 'taskId', 'tenant'].map((member) => `${place}.${member}`);
}
