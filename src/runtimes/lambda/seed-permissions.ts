import type { Conditions } from '../../access/conditions.ts';
import type { Permission } from '../../access/permission.ts';
import type { Changer, ChangeTrail } from '../../audit/audit.ts';
import { permissionChange } from '../../audit/permission-change.ts';
import type { Clock } from '../../ports.ts';
import { canonicalJson } from '../../protocol/canonical-json.ts';
import type { PermissionStore } from '../../store/port.ts';
import { changedMeanwhile, SeedError } from './seed-error.ts';
import type { SeedPermission } from './seed-properties.ts';

export interface PermissionSeedDeps {
  permissions: PermissionStore;
  conditions: Conditions;
  changeTrail: ChangeTrail;
  clock: Clock;
}

/**
 * Sets what a scope grants, unless it grants just that already.
 *
 * @param isOurs the stack named the scope before
 * @throws SeedError for a scope that is not the stack's and grants something else, and for a condition that cannot be set
 */
export async function putPermission(
  { permissions, conditions, changeTrail, clock }: PermissionSeedDeps,
  given: SeedPermission,
  isOurs: boolean,
  by: Changer,
): Promise<void> {
  const kept = await permissions.get(given.scope);
  if (kept !== undefined && grantsSame(kept, given)) return;
  const problem = given.condition === undefined ? undefined : conditions.problemWith(given.condition);
  if (problem !== undefined) throw new SeedError(`condition: ${problem}`);
  if (kept !== undefined && !isOurs) throw new SeedError('exists with other content, and is not taken over');
  const nowMs = clock.nowMs();
  const written: Permission = {
    ...given,
    // A scope set again goes on counting: an ETag of the permission before it never matches.
    revision: kept === undefined ? nowMs : kept.revision + 1,
    createdAtMs: kept?.createdAtMs ?? nowMs,
    updatedAtMs: nowMs,
  };
  const change = permissionChange(by, { before: kept, after: written });
  const hasWon = await changeTrail.change(change, (audited) =>
    kept === undefined
      ? permissions.create(written, audited)
      : permissions.replace(written, kept.revision, audited),
  );
  if (!hasWon) throw changedMeanwhile();
}

/** Takes away what a scope grants, if it still grants what the stack said. Answers false where it grants something else. */
export async function removePermission(
  { permissions, changeTrail }: Omit<PermissionSeedDeps, 'clock' | 'conditions'>,
  given: SeedPermission,
  by: Changer,
): Promise<boolean> {
  const kept = await permissions.get(given.scope);
  if (kept === undefined) return true;
  if (!grantsSame(kept, given)) return false;
  const isGone = await changeTrail.change(permissionChange(by, { before: kept }), (audited) =>
    permissions.delete(given.scope, kept.revision, audited),
  );
  if (!isGone) throw changedMeanwhile();
  return true;
}

function grantsSame(kept: Permission, given: SeedPermission): boolean {
  const { revision: _, createdAtMs: __, updatedAtMs: ___, ...said } = kept;
  return canonicalJson(said) === canonicalJson(given);
}
