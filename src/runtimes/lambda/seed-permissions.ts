import type { Permission } from '../../access/permission.ts';
import { contentOf } from '../../access/permission-schema.ts';
import type { Clock } from '../../ports.ts';
import { canonicalJson } from '../../protocol/canonical-json.ts';
import type { PermissionStore } from '../../store/port.ts';
import { changedMeanwhile, SeedError } from './seed-error.ts';
import type { SeedPermission } from './seed-properties.ts';

/**
 * Sets what a scope grants, unless it grants just that already.
 *
 * @param isOurs the stack named the scope before
 * @throws SeedError for a scope that is not the stack's and grants something else
 */
export async function putPermission(
  { permissions, clock }: { permissions: PermissionStore; clock: Clock },
  given: SeedPermission,
  isOurs: boolean,
): Promise<void> {
  const kept = await permissions.get(given.scope);
  if (kept !== undefined && grantsSame(kept, given)) return;
  if (kept !== undefined && !isOurs) throw new SeedError('exists with other content, and is not taken over');
  const nowMs = clock.nowMs();
  const written: Permission = {
    scope: given.scope,
    ...contentOf(given),
    // A scope set again goes on counting: an ETag of the permission before it never matches.
    revision: kept === undefined ? nowMs : kept.revision + 1,
    createdAtMs: kept?.createdAtMs ?? nowMs,
    updatedAtMs: nowMs,
  };
  const hasWon =
    kept === undefined ? permissions.create(written) : permissions.replace(written, kept.revision);
  if (!(await hasWon)) throw changedMeanwhile();
}

/** Takes away what a scope grants, if it still grants what the stack said. Answers false where it grants something else. */
export async function removePermission(
  permissions: PermissionStore,
  given: SeedPermission,
): Promise<boolean> {
  const kept = await permissions.get(given.scope);
  if (kept === undefined) return true;
  if (!grantsSame(kept, given)) return false;
  if (!(await permissions.delete(given.scope, kept.revision))) throw changedMeanwhile();
  return true;
}

function grantsSame(kept: Permission, given: SeedPermission): boolean {
  const { scope: _, revision: __, createdAtMs: ___, updatedAtMs: ____, ...content } = kept;
  return canonicalJson(content) === canonicalJson(contentOf(given));
}
