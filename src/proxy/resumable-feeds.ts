import type { Ending } from './ending.ts';
import type { Feed } from './feed.ts';

export interface ResumableFeedsLimits {
  /** How long a stream without a caller is read on. */
  resumeWindowMs: number;
  /** Of those read on at once; beyond it the one held longest is closed. */
  maxHeldStreams: number;
}

interface Held {
  feed: Feed;
  timer: ReturnType<typeof setTimeout>;
  isTaken: boolean;
}

interface Attached {
  feed: Feed;
  letGo(): void;
}

/**
 * Agents' streams that can be gone on with by who comes again for them: those whose callers are gone are read on, for the
 * record, for a while; those whose callers seem to be there may have lost them all the same, which the network is
 * slow to tell.
 */
export class ResumableFeeds {
  readonly #limits: ResumableFeedsLimits;
  readonly #ending: Ending;
  readonly #attached = new Map<string, Attached>();
  /** In the order they were left. */
  readonly #held = new Map<string, Held>();

  /** @param ending when none is held any more */
  constructor(limits: ResumableFeedsLimits, ending: Ending) {
    this.#limits = limits;
    this.#ending = ending;
    ending.add(() => {
      for (const streamId of this.#held.keys()) this.#close(streamId);
    });
  }

  /** A stream has a reader, who lets go of it when told. */
  attach(feed: Feed, letGo: () => void): void {
    if (feed.streamId !== undefined) this.#attached.set(feed.streamId, { feed, letGo });
  }

  /** Its reader is done with it, and so is everybody. */
  detach(feed: Feed): void {
    if (feed.streamId !== undefined) this.#attached.delete(feed.streamId);
  }

  /** Reads a stream on whose reader is gone, and closes it when nobody has come for it. False where nobody can. */
  hold(feed: Feed): boolean {
    this.detach(feed);
    const { streamId } = feed;
    if (streamId === undefined || this.#ending.isEnding || !feed.renew()) return false;
    const timer = setTimeout(() => this.#close(streamId), this.#limits.resumeWindowMs);
    const held: Held = { feed, timer, isTaken: false };
    this.#held.set(streamId, held);
    for (const oldest of this.#held.keys()) {
      if (this.#held.size <= this.#limits.maxHeldStreams) break;
      this.#close(oldest);
    }
    void this.#readOn(streamId, held);
    return true;
  }

  /** For who comes again, and reads it alone from here on. Undefined where it has ended. */
  take(streamId: string): Feed | undefined {
    const attached = this.#attached.get(streamId);
    if (attached === undefined) return this.#takeHeld(streamId);
    if (!attached.feed.renew()) return undefined;
    this.#attached.delete(streamId);
    attached.letGo();
    return attached.feed;
  }

  #takeHeld(streamId: string): Feed | undefined {
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
    if (!held.isTaken) this.#close(streamId);
  }

  #close(streamId: string): void {
    this.#takeHeld(streamId)?.close();
  }
}
