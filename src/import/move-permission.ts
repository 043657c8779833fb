import { defaultOperations } from '../access/permission.ts';
import type { PermissionOperation } from '../protocol/permission-operations.ts';
import type { Admin, AdminAnswer } from './admin.ts';
import { textsOf } from './attribute-value.ts';
import { type Moved, sameTexts, skipped } from './move-agent.ts';
import { oneLine } from './outcome.ts';
import type { SamplePermission } from './sample-permission.ts';

/**
 * Brings one permission to what the sample has. The sample knows no operations: those given are set, and where none
 * are given what is there stays.
 *
 * @throws ImportStopped
 */
export async function movePermission(
  permission: SamplePermission,
  operations: readonly PermissionOperation[] | undefined,
  admin: Admin,
  isDryRun: boolean,
): Promise<Moved> {
  const { scope, allowedAgents, description } = permission;
  const path = `/admin/permissions/${scope}`;
  const found = await admin.call('GET', path);
  if (!found.ok && found.status !== 404) return skipped(found);
  const held = found.ok ? heldIn(found.body) : undefined;
  const notes = permission.leftOut.map(oneLine);
  const wanted = {
    allowedAgents,
    operations: operations ?? held?.operations ?? defaultOperations,
    description: description ?? held?.description,
  };
  if (held !== undefined && isSame(held, wanted)) return { outcome: 'unchanged', notes };
  const outcome = held === undefined ? 'created' : 'updated';
  if (isDryRun) return { outcome, notes };
  const condition = held === undefined ? { ifNoneMatch: '*' as const } : { ifMatch: found.etag };
  const written = await admin.call('PUT', path, { body: wanted, ...condition });
  return written.ok ? { outcome, notes } : skipped(written);
}

interface Grant {
  allowedAgents: readonly string[];
  operations: readonly string[];
  description: string | undefined;
}

function heldIn({ allowedAgents, operations, description }: AdminAnswer['body']): Grant {
  return {
    allowedAgents: textsOf(allowedAgents) ?? [],
    operations: textsOf(operations) ?? [],
    description: typeof description === 'string' ? description : undefined,
  };
}

function isSame(held: Grant, wanted: Grant): boolean {
  return (
    sameTexts(held.allowedAgents, wanted.allowedAgents) &&
    sameTexts(held.operations, wanted.operations) &&
    held.description === wanted.description
  );
}
