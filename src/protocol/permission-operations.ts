/** What a permission grants. Reading a card needs any one of them. */
export const permissionOperations = ['send', 'stream', 'read', 'cancel', 'push'] as const;
export type PermissionOperation = (typeof permissionOperations)[number];
