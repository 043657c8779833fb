import type { Clock } from '../ports.ts';
import type { StreamLog } from './stream-log.ts';

export interface ReplayLimits {
  /** Of one stream. 0: nothing is recorded. Default 262 144. */
  maxStreamBytes: number;
  /** Of all streams together. Default 67 108 864. */
  maxBytes: number;
  /** How long the events of a stream are held after its last one. Default 300 000. */
  retentionMs: number;
}

/**
 * The logs that hold events, within limits. Those whose last event is longest ago go first; what is too old goes when
 * another event comes or somebody asks, so that an idle process needs no timer.
 */
export class HeldLogs {
  readonly #limits: ReplayLimits;
  readonly #clock: Clock;
  /** In the order of their last events. */
  readonly #logs = new Map<string, StreamLog>();
  #heldBytes = 0;

  constructor(limits: ReplayLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** What all of them take in memory. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  add(log: StreamLog, bytes: Uint8Array, count: number): void {
    this.#heldBytes -= log.heldBytes;
    this.#logs.delete(log.streamId);
    log.add(bytes, count, this.#limits.maxStreamBytes);
    log.lastAtMs = this.#clock.nowMs();
    if (log.heldBytes > 0) this.#logs.set(log.streamId, log);
    this.#heldBytes += log.heldBytes;
    this.#forgetOld(log.lastAtMs);
    for (const oldest of this.#logs.values()) {
      if (this.#heldBytes <= this.#limits.maxBytes) break;
      this.forget(oldest);
    }
  }

  /** Counts its age from now. False where its events are gone. */
  renew(log: StreamLog): boolean {
    this.#forgetOld(this.#clock.nowMs());
    if (!this.#logs.delete(log.streamId)) return false;
    this.#logs.set(log.streamId, log);
    log.lastAtMs = this.#clock.nowMs();
    return true;
  }

  find(streamId: string): StreamLog | undefined {
    this.#forgetOld(this.#clock.nowMs());
    return this.#logs.get(streamId);
  }

  /** Its events are gone; it may be given more. */
  forget(log: StreamLog): void {
    if (!this.#logs.delete(log.streamId)) return;
    this.#heldBytes -= log.heldBytes;
    log.clear();
  }

  #forgetOld(nowMs: number): void {
    for (const log of this.#logs.values()) {
      if (log.lastAtMs + this.#limits.retentionMs > nowMs) break;
      this.forget(log);
    }
  }
}
