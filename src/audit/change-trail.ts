import type { Clock, NewId } from '../ports.ts';
import { type ChangeTrail, noChangeTrail } from './audit.ts';
import { beginChain, headOf, nextSegment } from './chain.ts';
import { changeRecord } from './change-record.ts';
import type { AuditSeals } from './seals.ts';

export interface ChangeTrailDeps {
  seals: AuditSeals;
  /** How long a segment is kept. */
  retentionMs: number;
  clock: Clock;
  newId: NewId;
}

/**
 * A trail of changes with a chain of its own, one segment for each change. A number of the chain is used for what was
 * written and for nothing else: a write that says it was in vain gives its number back, and after one of which it is not
 * known whether it was done, another chain begins.
 */
export function createChangeTrail({ seals, retentionMs, clock, newId }: ChangeTrailDeps): ChangeTrail {
  let end = beginChain(newId());
  /** Settles, and never fails, when the change before has been made. */
  let turn: Promise<unknown> = Promise.resolve();

  return {
    change(change, write) {
      const told = turn.then(async () => {
        const nowMs = clock.nowMs();
        const records = await changeRecord(change, nowMs);
        const audit = await nextSegment(end, { records, nowMs, retentionMs }, seals);
        const answer = await write({ audit }).catch((error: unknown) => {
          end = beginChain(newId());
          throw error;
        });
        if (answer !== false && answer !== undefined) end = headOf(audit);
        return answer;
      });
      turn = told.catch(() => {});
      return told;
    },
  };
}

/** The trail of a gateway of these settings. */
export function openChangeTrail(
  { enabled, retentionMs }: { enabled: boolean; retentionMs: number },
  deps: Omit<ChangeTrailDeps, 'retentionMs'>,
): ChangeTrail {
  return enabled ? createChangeTrail({ ...deps, retentionMs }) : noChangeTrail;
}
