/** A set of small numbers, such as rows. Grows as needed. */
export class Bitmap {
  #words: Uint32Array;

  constructor(words = new Uint32Array(0)) {
    this.#words = words;
  }

  add(value: number): void {
    const at = value >>> 5;
    if (at >= this.#words.length) {
      const words = new Uint32Array(Math.max(at + 1, 2 * this.#words.length));
      words.set(this.#words);
      this.#words = words;
    }
    this.#words[at] = (this.#words[at] ?? 0) | (1 << (value & 31));
  }

  delete(value: number): void {
    const at = value >>> 5;
    if (at < this.#words.length) this.#words[at] = (this.#words[at] ?? 0) & ~(1 << (value & 31));
  }

  has(value: number): boolean {
    return (((this.#words[value >>> 5] ?? 0) >>> (value & 31)) & 1) === 1;
  }

  addAll(other: Bitmap): void {
    if (other.#words.length > this.#words.length) {
      const words = new Uint32Array(other.#words.length);
      words.set(this.#words);
      this.#words = words;
    }
    for (let at = 0; at < other.#words.length; at++) {
      this.#words[at] = (this.#words[at] ?? 0) | (other.#words[at] ?? 0);
    }
  }

  /** Leaves what is in both. */
  keepOnly(other: Bitmap): void {
    for (let at = 0; at < this.#words.length; at++) {
      this.#words[at] = (this.#words[at] ?? 0) & (other.#words[at] ?? 0);
    }
  }

  /** Leaves what is not in the other. */
  drop(other: Bitmap): void {
    const most = Math.min(this.#words.length, other.#words.length);
    for (let at = 0; at < most; at++) this.#words[at] = (this.#words[at] ?? 0) & ~(other.#words[at] ?? 0);
  }

  /** All values, in order. */
  values(): Uint32Array {
    let count = 0;
    for (const word of this.#words) count += bitCount(word);
    const values = new Uint32Array(count);
    let put = 0;
    for (let at = 0; at < this.#words.length; at++) {
      // The lowest bit that is left, until none is.
      for (let word = this.#words[at] ?? 0; word !== 0; word &= word - 1) {
        values[put++] = at * 32 + (31 - Math.clz32(word & -word));
      }
    }
    return values;
  }
}

/** How many bits of a 32-bit word are set. */
export function bitCount(word: number): number {
  let bits = word - ((word >>> 1) & 0x5555_5555);
  bits = (bits & 0x3333_3333) + ((bits >>> 2) & 0x3333_3333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}
