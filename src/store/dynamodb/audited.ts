import type { Audited } from '../ports/audit.ts';
import { markHour, segmentWrites } from './audit-item.ts';
import type { Table } from './table.ts';
import type { Write } from './transact.ts';

/**
 * What is written with a write of management, in its transaction: the segment that tells of it, and how far the chain goes,
 * always, because changes are few. Where the chain has a segment of that number, the whole transaction is in vain.
 */
export async function auditWrites(table: Table, { audit }: Audited = {}): Promise<Write[]> {
  if (audit === undefined) return [];
  await markHour(table, audit);
  return segmentWrites(audit, true);
}
