/** Counts what happens, and remembers the busiest stretch of time. */
export class Meter {
  readonly #seconds: number;
  #from = Number.NaN;
  #current = 0;
  #most = 0;
  total = 0;

  /** @param seconds how long a stretch is; 1 for limits that act at once, more for those that let a burst pass */
  constructor(seconds = 1) {
    this.#seconds = seconds;
  }

  add(now: number, amount = 1): void {
    // A stretch begins at a whole multiple, whoever comes first.
    if (!(now < this.#from + this.#seconds)) {
      this.#from = Math.floor(now / this.#seconds) * this.#seconds;
      this.#current = 0;
    }
    this.#current += amount;
    this.total += amount;
    if (this.#current > this.#most) this.#most = this.#current;
  }

  /** A second's amount in the busiest stretch. */
  get peak(): number {
    return this.#most / this.#seconds;
  }
}

/** A meter for each key, and the busiest of them. */
export class KeyMeter {
  readonly #seconds: number;
  #from = Number.NaN;
  #amounts = new Map<number, number>();
  #most = 0;
  busiestKey = -1;

  constructor(seconds: number) {
    this.#seconds = seconds;
  }

  add(now: number, key: number, amount: number): void {
    if (!(now < this.#from + this.#seconds)) {
      this.#from = Math.floor(now / this.#seconds) * this.#seconds;
      this.#amounts.clear();
    }
    const sum = (this.#amounts.get(key) ?? 0) + amount;
    this.#amounts.set(key, sum);
    if (sum > this.#most) {
      this.#most = sum;
      this.busiestKey = key;
    }
  }

  get peak(): number {
    return this.#most / this.#seconds;
  }
}
