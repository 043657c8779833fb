const idsAnInstance = 2 ** 23;

/**
 * The caches of all instances of a function in one: what each knows, for `ttlSeconds` from when it was read. Two
 * generations, so that what has expired is dropped whole and never searched for.
 */
export class InstanceCache {
  readonly #ttlSeconds: number;
  #rotateAt: number;
  #young = new Map<number, number>();
  #old = new Map<number, number>();

  constructor(ttlSeconds: number) {
    this.#ttlSeconds = ttlSeconds;
    this.#rotateAt = ttlSeconds;
  }

  /** Whether the instance knows the id; when not, it does from now on. */
  has(instance: number, id: number, now: number): boolean {
    if (this.peek(instance, id, now)) return true;
    this.#young.set(instance * idsAnInstance + id, now + this.#ttlSeconds);
    return false;
  }

  peek(instance: number, id: number, now: number): boolean {
    if (now >= this.#rotateAt) this.#rotate(now);
    const key = instance * idsAnInstance + id;
    const until = this.#young.get(key) ?? this.#old.get(key);
    return until !== undefined && now < until;
  }

  #rotate(now: number): void {
    this.#old = now < this.#rotateAt + this.#ttlSeconds ? this.#young : new Map();
    this.#young = new Map();
    this.#rotateAt = now + this.#ttlSeconds;
  }
}
