import { afterEvents } from './number-events.ts';

/** Whose stream it is and what speaks in it: all of this must be the same for who comes again. */
export interface StreamOwner {
  issuer: string;
  subject: string;
  clientId: string | undefined;
  agentId: string;
  /** An agent that was deleted and registered again is another. */
  agentCreatedAtMs: number;
  binding: string;
  version: string;
}

/** What one piece costs beside its bytes, roughly: without it, events of a few bytes would take many times the limit. */
const overheadBytes = 200;

interface Piece {
  /** Number of the last event before it. */
  after: number;
  bytes: Uint8Array;
}

/** The last events of one stream, as the caller got them. */
export class StreamLog {
  readonly streamId: string;
  taskId: string | undefined;
  /** Number of the last event. */
  last = 0;
  lastAtMs = 0;
  /** What it takes in memory. */
  heldBytes = 0;
  readonly #owner: StreamOwner;
  #pieces: Piece[] = [];

  constructor(streamId: string, owner: StreamOwner) {
    this.streamId = streamId;
    this.#owner = owner;
  }

  isOf(owner: StreamOwner): boolean {
    // Both are made in one place, with the same members.
    const names = Object.keys(owner) as (keyof StreamOwner)[];
    return names.every((name) => this.#owner[name] === owner[name]);
  }

  /** Adds events, and drops the oldest of what is more than may be held. */
  add(bytes: Uint8Array, count: number, maxBytes: number): void {
    this.#pieces.push({ after: this.last, bytes });
    this.heldBytes += bytes.length + overheadBytes;
    this.last += count;
    while (this.heldBytes > maxBytes) this.#dropFirst();
  }

  /** What follows event `count`, in pieces. Undefined where some of it is gone, or no such event has been. */
  after(count: number): Uint8Array[] | undefined {
    if (count > this.last) return undefined;
    const index = this.#pieces.findLastIndex(({ after }) => after <= count);
    const first = this.#pieces[index];
    if (first === undefined) return count === this.last ? [] : undefined;
    const rest = this.#pieces.slice(index + 1).map(({ bytes }) => bytes);
    return [afterEvents(first.bytes, count - first.after), ...rest].filter(({ length }) => length > 0);
  }

  clear(): void {
    this.#pieces = [];
    this.heldBytes = 0;
  }

  #dropFirst(): void {
    const dropped = this.#pieces.shift();
    if (dropped !== undefined) this.heldBytes -= dropped.bytes.length + overheadBytes;
  }
}
