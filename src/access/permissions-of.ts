import type { Permission } from './permission.ts';
import type { Principal } from './principal.ts';

/** Where permissions are read. */
export interface PermissionSource {
  get(scope: string): Promise<Permission | undefined>;
}

/** The permissions that are given to a principal. Whatever the source throws passes: some of them would be another verdict. */
export async function permissionsOf(
  { grantees }: Pick<Principal, 'grantees'>,
  permissions: PermissionSource,
): Promise<Permission[]> {
  const found = await Promise.all(grantees.map((grantee) => permissions.get(grantee)));
  return found.filter((permission) => permission !== undefined);
}
