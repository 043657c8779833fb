/** So many a second, evenly; as many as that at once after a second of rest. */
export class PerSecond {
  readonly #most: number;
  #left: number;
  #atMs = Number.NEGATIVE_INFINITY;

  constructor(most: number) {
    this.#most = most;
    this.#left = most;
  }

  /** Whether one more is in time. */
  take(nowMs: number): boolean {
    // A clock that is set back gives nothing.
    const elapsedMs = Math.max(0, nowMs - this.#atMs);
    this.#left = Math.min(this.#most, this.#left + (elapsedMs * this.#most) / 1_000);
    this.#atMs = nowMs;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}
