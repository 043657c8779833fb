import type { Permission } from './permission.ts';

/** A permission as management shows it, and the trail of its changes. */
export function permissionView({
  revision: _,
  createdAtMs,
  updatedAtMs,
  ...permission
}: Permission): Record<string, unknown> {
  return {
    ...permission,
    createdAt: new Date(createdAtMs).toISOString(),
    updatedAt: new Date(updatedAtMs).toISOString(),
  };
}
