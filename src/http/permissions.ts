import type { Permission } from '../access/permission.ts';
import type { Principal } from '../access/principal.ts';
import type { Services } from './services.ts';

/** The permissions of a principal's scopes. */
export async function permissionsOf(
  { scopes }: Principal,
  { store }: Pick<Services, 'store'>,
): Promise<Permission[]> {
  const found = await Promise.all(scopes.map((scope) => store.permissions.get(scope)));
  return found.filter((permission) => permission !== undefined);
}
