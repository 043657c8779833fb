import type { Pause } from '../../src/pause.ts';

interface Timer {
  atMs: number;
  done(): void;
}

/** Time that passes only when a test says so. */
export class VirtualTime {
  #nowMs = 1_000_000;
  readonly #timers = new Set<Timer>();

  nowMs(): number {
    return this.#nowMs;
  }

  readonly pause: Pause = (ms, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const done = () => {
        this.#timers.delete(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer: Timer = { atMs: this.#nowMs + ms, done };
      this.#timers.add(timer);
      signal.addEventListener('abort', done);
    });

  /** How many wait for it to pass. */
  get waiting(): number {
    return this.#timers.size;
  }

  /** Lets this much pass, and all happen that happens meanwhile, but for what waits for the network. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      await new Promise(setImmediate);
      const next = this.#first();
      if (next === undefined || next.atMs > untilMs) break;
      this.#nowMs = next.atMs;
      next.done();
    }
    this.#nowMs = untilMs;
  }

  /** Lets time pass until it is so. */
  async advanceUntil(isSo: () => boolean): Promise<void> {
    while (!isSo()) await this.advance(Math.max(0, (this.#first()?.atMs ?? this.#nowMs) - this.#nowMs));
  }

  #first(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) if (first === undefined || timer.atMs < first.atMs) first = timer;
    return first;
  }
}
