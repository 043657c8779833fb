import type { Permission } from '../access/permission.ts';
import { permissionView } from '../access/permission-view.ts';
import type { Change, Changer } from './audit.ts';

/** That a permission is set or, without one after, taken away. */
export function permissionChange(
  { requestId, by }: Changer,
  { before, after }: { before?: Permission | undefined; after?: Permission },
): Change {
  return {
    ...{ requestId, by, target: (after ?? before)?.scope ?? '' },
    action: after === undefined ? 'permission.delete' : 'permission.set',
    ...(before !== undefined && { before: permissionView(before) }),
    ...(after !== undefined && { after: permissionView(after) }),
  };
}
