import type { Permission } from '../access/permission.ts';
import type { Principal } from '../access/principal.ts';
import type { Services } from './services.ts';

/** The permissions that are given to a principal. */
export async function permissionsOf(
  { grantees }: Principal,
  { store }: Pick<Services, 'store'>,
): Promise<Permission[]> {
  const found = await Promise.all(grantees.map((grantee) => store.permissions.get(grantee)));
  return found.filter((permission) => permission !== undefined);
}
