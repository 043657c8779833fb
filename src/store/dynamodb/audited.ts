import { placeTaken } from '../audit-place.ts';
import type { Audited } from '../ports/audit.ts';
import { markHour, segmentWrites } from './audit-item.ts';
import type { Table } from './table.ts';
import type { Write } from './transact.ts';

/**
 * What is written with a write of management, in its transaction: the segment that tells of it, and how far the chain goes,
 * always, because changes are few. Where the chain has a segment of that number, and nothing else is in the way of the write, the
 * transaction throws: a write in vain would be tried again with the same segment.
 */
export async function auditWrites(table: Table, { audit }: Audited = {}): Promise<Write[]> {
  if (audit === undefined) return [];
  await markHour(table, audit);
  return segmentWrites(audit, { withHead: true, orThrow: placeTaken });
}
