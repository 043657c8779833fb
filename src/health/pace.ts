import type { Pause } from '../pause.ts';

/** Keeps what it lets begin at least `gapMs` apart, however much waits for its turn. Needs no clock that could be set back. */
export class Pace {
  readonly #gapMs: number;
  readonly #pause: Pause;
  #free: Promise<void> = Promise.resolve();

  constructor(gapMs: number, pause: Pause) {
    this.#gapMs = gapMs;
    this.#pause = pause;
  }

  /** Resolves when it is one's turn, first come first served; at once when the signal has fired. */
  turn(signal: AbortSignal): Promise<void> {
    const mine = this.#free;
    this.#free = mine.then(() => this.#pause(this.#gapMs, signal));
    return mine;
  }
}
