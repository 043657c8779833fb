/** Values by key, forgotten when they have not been used for a while: by then they say nothing any more. */
export class Recent<T extends object> {
  readonly #maxIdleMs: number;
  /** In the order of their use, but for a quarter of the time. */
  readonly #entries = new Map<string, { value: T; usedAtMs: number }>();

  constructor(maxIdleMs: number) {
    this.#maxIdleMs = maxIdleMs;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The value of a key; one that is made anew where there is none. */
  of(key: string, nowMs: number, make: () => T): T {
    const known = this.#entries.get(key);
    if (known !== undefined && Math.abs(nowMs - known.usedAtMs) < this.#maxIdleMs / 4) return known.value;
    const value = known?.value ?? make();
    this.#entries.delete(key);
    this.#entries.set(key, { value, usedAtMs: nowMs });
    this.#forget(nowMs);
    return value;
  }

  /** Two of the oldest at most: more than come at a time. */
  #forget(nowMs: number): void {
    let left = 2;
    for (const [key, { usedAtMs }] of this.#entries) {
      if (left === 0 || nowMs - usedAtMs < this.#maxIdleMs * 1.25) return;
      this.#entries.delete(key);
      left--;
    }
  }
}
