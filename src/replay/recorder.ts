import type { HeldLogs } from './held-logs.ts';
import { idLineOf, numberEvents } from './number-events.ts';
import { StreamLog, type StreamOwner } from './stream-log.ts';

/** Records one stream. Holds nothing before the first event: most of a process's open streams may be silent. */
export class Recorder {
  readonly streamId: string;
  /** The task the stream is about, as soon as that is known: without it nobody comes again for the stream. */
  taskId: string | undefined;
  readonly #owner: StreamOwner;
  readonly #held: HeldLogs;
  #log: StreamLog | undefined;
  #idLine: Uint8Array | undefined;
  #isBeginning = true;
  /** The events have ids of their own: the agent resumes the stream. */
  #isOver = false;

  constructor(streamId: string, owner: StreamOwner, taskId: string | undefined, held: HeldLogs) {
    this.streamId = streamId;
    this.#owner = owner;
    this.taskId = taskId;
    this.#held = held;
  }

  /**
   * Keeps what is recorded as long as if its last event were now. False where the stream cannot be gone on with: it has
   * shown no task, only events with ids of their own, or nothing for too long.
   */
  renew(): boolean {
    if (this.#isOver || this.taskId === undefined || this.#log === undefined) return false;
    return this.#held.renew(this.#log);
  }

  /**
   * The next whole events as the caller is to get them: each with an id line. Unchanged are comments, and all that follows
   * an event with an id of its own, that one included.
   */
  take(events: Uint8Array): Uint8Array {
    if (this.#isOver) return events;
    this.#idLine ??= idLineOf(this.streamId);
    const numbered = numberEvents(events, this.#idLine, this.#log?.last ?? 0, this.#isBeginning);
    this.#isBeginning = false;
    if (numbered === undefined) {
      this.#isOver = true;
      if (this.#log !== undefined) this.#held.forget(this.#log);
      return events;
    }
    if (numbered.count === 0) return events;
    this.#log ??= new StreamLog(this.streamId, this.#owner);
    this.#log.taskId = this.taskId;
    this.#held.add(this.#log, numbered.bytes, numbered.count);
    return numbered.bytes;
  }
}
