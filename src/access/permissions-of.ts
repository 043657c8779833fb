import type { GivenPermission } from './authorize.ts';
import type { Conditions } from './conditions.ts';
import type { Permission } from './permission.ts';
import type { Principal } from './principal.ts';

/** Where permissions are read. */
export interface PermissionSource {
  get(scope: string): Promise<Permission | undefined>;
}

/**
 * The permissions that are given to a principal, each with its condition asked of this principal. Whatever the source throws
 * passes: some of them would be another verdict.
 */
export async function permissionsOf(
  principal: Principal,
  permissions: PermissionSource,
  conditions: Conditions,
): Promise<GivenPermission[]> {
  const found = await Promise.all(principal.grantees.map((grantee) => permissions.get(grantee)));
  return found
    .filter((permission) => permission !== undefined)
    .map((permission) => given(permission, principal, conditions));
}

function given(permission: Permission, principal: Principal, conditions: Conditions): GivenPermission {
  const { scope, condition } = permission;
  if (condition === undefined) return permission;
  const asked = { scope, condition };
  return {
    ...permission,
    looksAt: conditions.looksAt(asked),
    conditionHolds: (operation, agent) => conditions.holds(asked, principal, operation, agent),
  };
}
