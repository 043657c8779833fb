import type { Random } from './random.ts';

/** The execution environments of one function: each runs one invocation at a time. */
export class InstancePool {
  readonly #random: Random;
  #idle: number[] = [];
  #created = 0;
  #busy = 0;
  /** Instances below this number run code that has been replaced. */
  #oldest = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  get busy(): number {
    return this.#busy;
  }

  /** Instances that run the code of today. */
  get size(): number {
    return Math.max(1, this.#created - this.#oldest);
  }

  get created(): number {
    return this.#created;
  }

  /**
   * Any idle instance, or a new one. Lambda does not say which it picks; picking any leaves caches colder than picking
   * the last one used, so what is found here is the worse case.
   */
  take(): { instance: number; isNew: boolean } {
    this.#busy++;
    const last = this.#idle.length - 1;
    if (last < 0) return { instance: this.#created++, isNew: true };
    const slot = Math.floor(this.#random() * (last + 1));
    const instance = this.#idle[slot] ?? 0;
    this.#idle[slot] = this.#idle[last] ?? 0;
    this.#idle.pop();
    return { instance, isNew: false };
  }

  release(instance: number): void {
    this.#busy--;
    if (instance >= this.#oldest) this.#idle.push(instance);
  }

  /** New code: idle instances are gone, busy ones go when they are done. */
  deploy(): void {
    this.#idle = [];
    this.#oldest = this.#created;
  }
}
