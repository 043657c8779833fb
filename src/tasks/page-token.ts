import { GatewayError } from '../failure.ts';
import type { Clock } from '../ports.ts';
import type { Sealer } from '../sealing/sealer.ts';
import type { Holder, TaskCursor } from '../store/ports/ownership.ts';
import type { TaskFilter } from './list-request.ts';

/** What a token is for, and of no use without. The size of pages is not among it: it may change from page to page. */
export interface TaskWalk {
  holder: Holder;
  filter: TaskFilter;
}

/** Where pages of tasks go on, in texts that callers hold and cannot read. */
export interface TaskPageTokens {
  /** @throws as `Sealer` */
  tokenOf(cursor: TaskCursor, walk: TaskWalk): Promise<string>;
  /** @throws GatewayError `parameter_invalid`, the same for a token of another walk, an expired and an invented one */
  cursorOf(token: string, walk: TaskWalk): Promise<TaskCursor>;
}

const lifetimeMs = 60 * 60_000;
export const noPageToken = 'not a page token';

export function createTaskPageTokens({ sealer, clock }: { sealer: Sealer; clock: Clock }): TaskPageTokens {
  return {
    tokenOf(cursor, walk) {
      return sealer.seal(
        JSON.stringify({ ...cursor, expiresAtMs: clock.nowMs() + lifetimeMs }),
        purposeOf(walk),
      );
    },

    async cursorOf(token, walk) {
      const opened = await sealer.open(token, purposeOf(walk));
      if (opened !== undefined) {
        const { expiresAtMs, ...cursor } = JSON.parse(opened) as TaskCursor & { expiresAtMs: number }; // Sealed here.
        if (clock.nowMs() < expiresAtMs) return cursor;
      }
      throw new GatewayError({ code: 'parameter_invalid', parameter: 'pageToken', problem: noPageToken });
    },
  };
}

/** As JSON, so that no two walks are one text. */
function purposeOf({ holder, filter }: TaskWalk): string {
  const { contextId = null, state = null, statusFromMs = null } = filter;
  return JSON.stringify(['task page', holder.agentKey, holder.ownerKey, contextId, state, statusFromMs]);
}
