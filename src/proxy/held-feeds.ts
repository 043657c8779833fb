import type { Ending } from './ending.ts';
import type { Feed } from './feed.ts';

export interface HeldFeedsLimits {
  /** How long a stream without a caller is read on. */
  resumeWindowMs: number;
  /** Beyond it the one held longest is let go. */
  maxHeldStreams: number;
}

interface Held {
  feed: Feed;
  timer: ReturnType<typeof setTimeout>;
  isTaken: boolean;
}

/** Agents' streams whose callers are gone and may come again: they are read on, for the record, for a while. */
export class HeldFeeds {
  readonly #limits: HeldFeedsLimits;
  readonly #ending: Ending;
  /** In the order they were left. */
  readonly #held = new Map<string, Held>();

  /** @param ending when all of them are let go */
  constructor(limits: HeldFeedsLimits, ending: Ending) {
    this.#limits = limits;
    this.#ending = ending;
    ending.add(() => {
      for (const streamId of this.#held.keys()) this.#letGo(streamId);
    });
  }

  /** Reads a stream on, and ends it when nobody has come for it. False where it cannot be gone on with. */
  hold(feed: Feed): boolean {
    const streamId = feed.resumableId;
    if (streamId === undefined || this.#ending.isEnding) return false;
    const timer = setTimeout(() => this.#letGo(streamId), this.#limits.resumeWindowMs);
    const held: Held = { feed, timer, isTaken: false };
    this.#held.set(streamId, held);
    for (const oldest of this.#held.keys()) {
      if (this.#held.size <= this.#limits.maxHeldStreams) break;
      this.#letGo(oldest);
    }
    void this.#readOn(streamId, held);
    return true;
  }

  /** For whom it was held: it is read by them alone from here on. */
  take(streamId: string): Feed | undefined {
    const held = this.#held.get(streamId);
    if (held === undefined) return undefined;
    this.#held.delete(streamId);
    clearTimeout(held.timer);
    held.isTaken = true;
    return held.feed;
  }

  async #readOn(streamId: string, held: Held): Promise<void> {
    try {
      while (!held.isTaken && (await held.feed.next()).done !== true);
    } catch {
      // The agent broke off, or went on too long: whoever comes again asks it anew.
    }
    if (!held.isTaken) this.#letGo(streamId);
  }

  #letGo(streamId: string): void {
    this.take(streamId)?.close();
  }
}
