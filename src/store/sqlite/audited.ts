import { placeTaken } from '../audit-place.ts';
import type { Audited } from '../ports/audit.ts';
import { StoreError } from '../store-error.ts';
import { putSegment } from './audit-segments.ts';
import type { SqlDriver } from './driver.ts';

/**
 * Makes a write of management and keeps the segment that tells of it, in one transaction: both or neither. Where the write
 * answers false or undefined, it has changed nothing, and no segment is kept.
 *
 * @throws StoreError `corrupt`, and nothing is changed, where the chain has a segment of that number
 */
export function withAudit<T>(driver: SqlDriver, { audit }: Audited = {}, write: () => T): T {
  return driver.transaction(() => {
    const answer = write();
    const isDone = answer !== false && answer !== undefined;
    if (audit !== undefined && isDone && putSegment(driver, audit) !== 'put')
      throw new StoreError('corrupt', placeTaken);
    return answer;
  });
}
