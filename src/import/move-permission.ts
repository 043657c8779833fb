import { defaultOperations } from '../access/permission.ts';
import { canonicalJson } from '../protocol/canonical-json.ts';
import type { PermissionOperation } from '../protocol/permission-operations.ts';
import type { Admin, AdminAnswer } from './admin.ts';
import { textsOf } from './attribute-value.ts';
import { type Moved, sameTexts, skipped } from './move-agent.ts';
import { oneLine } from './outcome.ts';
import type { SamplePermission } from './sample-permission.ts';

/**
 * Brings one permission to what the sample has. What the sample does not know stays as it is here: denies, skills, limits of
 * its own, and operations, unless some are given.
 *
 * @throws ImportStopped
 */
export async function movePermission(
  permission: SamplePermission,
  operations: readonly PermissionOperation[] | undefined,
  admin: Admin,
  isDryRun: boolean,
): Promise<Moved> {
  const { scope, leftOut, ...given } = permission;
  const path = `/admin/permissions/${scope}`;
  const found = await admin.call('GET', path);
  if (!found.ok && found.status !== 404) return skipped(found);
  const held = found.ok ? contentOf(found.body) : undefined;
  const notes = leftOut.map(oneLine);
  const wanted = {
    ...held,
    ...given,
    operations: operations ?? textsOf(held?.operations) ?? defaultOperations,
  };
  if (held !== undefined && isSame(held, wanted)) return { outcome: 'unchanged', notes };
  const outcome = held === undefined ? 'created' : 'updated';
  if (isDryRun) return { outcome, notes };
  const condition = held === undefined ? { ifNoneMatch: '*' as const } : { ifMatch: found.etag };
  const written = await admin.call('PUT', path, { body: wanted, ...condition });
  return written.ok ? { outcome, notes } : skipped(written);
}

type Content = Record<string, unknown>;

/** What of a permission's view may be written back. */
function contentOf({ scope: _, createdAt: __, updatedAt: ___, ...content }: AdminAnswer['body']): Content {
  return content;
}

/** Lists hold the same in whatever order. */
function isSame(held: Content, wanted: Content): boolean {
  const isOrdered = (['allowedAgents', 'operations'] as const).every((name) =>
    sameTexts(textsOf(held[name]) ?? [], textsOf(wanted[name]) ?? []),
  );
  const { allowedAgents: _, operations: __, ...others } = held;
  const { allowedAgents: ___, operations: ____, ...wantedOthers } = wanted;
  return isOrdered && canonicalJson(others) === canonicalJson(wantedOthers);
}
