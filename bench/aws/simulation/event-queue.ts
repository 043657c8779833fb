/** A priority queue of numbered events by time: a binary heap in typed arrays, which holds millions. */
export class EventQueue {
  #times = new Float64Array(1024);
  #events = new Int32Array(1024);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** When the next event is; Infinity when there is none. */
  get nextTime(): number {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : (this.#times[0] ?? Number.POSITIVE_INFINITY);
  }

  push(time: number, event: number): void {
    if (this.#size === this.#times.length) this.#grow();
    let at = this.#size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = this.#times[parent] ?? 0;
      if (above <= time) break;
      this.#put(at, above, this.#events[parent] ?? 0);
      at = parent;
    }
    this.#put(at, time, event);
  }

  /** The next event; only when there is one. */
  pop(): number {
    const event = this.#events[0] ?? 0;
    const last = --this.#size;
    const time = this.#times[last] ?? 0;
    const moved = this.#events[last] ?? 0;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= last) break;
      if (child + 1 < last && (this.#times[child + 1] ?? 0) < (this.#times[child] ?? 0)) child++;
      const below = this.#times[child] ?? 0;
      if (below >= time) break;
      this.#put(at, below, this.#events[child] ?? 0);
      at = child;
    }
    this.#put(at, time, moved);
    return event;
  }

  #put(at: number, time: number, event: number): void {
    this.#times[at] = time;
    this.#events[at] = event;
  }

  #grow(): void {
    const times = new Float64Array(this.#times.length * 2);
    const events = new Int32Array(this.#events.length * 2);
    times.set(this.#times);
    events.set(this.#events);
    this.#times = times;
    this.#events = events;
  }
}
