import type { Clock, NewId } from '../ports.ts';
import { parseEventId } from './event-id.ts';
import { HeldLogs, type ReplayLimits } from './held-logs.ts';
import { Recorder } from './recorder.ts';
import type { StreamOwner } from './stream-log.ts';

/** The last events of streams, for callers who lost the connection and come again with `Last-Event-ID`. */
export interface Replay {
  /** What all events held take in memory. */
  readonly heldBytes: number;
  /** Undefined where nothing is recorded. */
  record(owner: StreamOwner, taskId: string | undefined): Recorder | undefined;
  /**
   * What came after the event with this id. Undefined where some of it is gone, and alike for an id that is unknown, too
   * old, or of a stream of another owner or task.
   */
  missed(eventId: string, owner: StreamOwner, taskId: string): Missed | undefined;
}

export interface Missed {
  streamId: string;
  /** In order and without a gap; none where the event was the last. */
  events: Uint8Array[];
}

/** A replay in the memory of this process. */
export function createReplay(limits: ReplayLimits, { clock, newId }: { clock: Clock; newId: NewId }): Replay {
  const held = new HeldLogs(limits, clock);
  return {
    get heldBytes() {
      return held.heldBytes;
    },
    record: (owner, taskId) =>
      limits.maxStreamBytes === 0 ? undefined : new Recorder(newId(), owner, taskId, held),
    missed(eventId, owner, taskId) {
      const from = parseEventId(eventId);
      const log = from && held.find(from.streamId);
      if (from === undefined || !log?.isOf(owner) || log.taskId !== taskId) return undefined;
      const events = log.after(from.count);
      return events && { streamId: from.streamId, events };
    },
  };
}
