/** What a permission grants. `card`, finding the agent and reading its cards, comes with any of the others. */
export const permissionOperations = ['send', 'stream', 'read', 'cancel', 'push', 'card'] as const;
export type PermissionOperation = (typeof permissionOperations)[number];
