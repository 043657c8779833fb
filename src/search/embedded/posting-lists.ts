/** Lists of 32-bit numbers under keys, each in the order it was added to. Most keys of a registry have one number. */
export class PostingLists<Key extends string | number> {
  readonly #lists = new Map<Key, number | GrowingList>();

  /** True where the key is new. */
  add(key: Key, value: number): boolean {
    const list = this.#lists.get(key);
    if (list === undefined) this.#lists.set(key, value);
    else if (typeof list === 'number') this.#lists.set(key, listOf(list, value));
    else push(list, value);
    return list === undefined;
  }

  has(key: Key): boolean {
    return this.#lists.has(key);
  }

  /** Valid until the next `add`; not to be written to. */
  get(key: Key): Uint32Array {
    const list = this.#lists.get(key);
    if (list === undefined) return none;
    return typeof list === 'number' ? Uint32Array.of(list) : list.values.subarray(0, list.length);
  }

  keys(): Iterable<Key> {
    return this.#lists.keys();
  }

  /** The same lists with other numbers; those that become undefined are left out. */
  mapped(toNew: (value: number) => number | undefined): PostingLists<Key> {
    const lists = new PostingLists<Key>();
    for (const key of this.#lists.keys()) {
      for (const value of this.get(key)) {
        const next = toNew(value);
        if (next !== undefined) lists.add(key, next);
      }
    }
    return lists;
  }
}

interface GrowingList {
  values: Uint32Array;
  length: number;
}

const none = new Uint32Array(0);

function listOf(first: number, second: number): GrowingList {
  const values = new Uint32Array(4);
  values[0] = first;
  values[1] = second;
  return { values, length: 2 };
}

function push(list: GrowingList, value: number): void {
  if (list.length === list.values.length) {
    const values = new Uint32Array(2 * list.length);
    values.set(list.values);
    list.values = values;
  }
  list.values[list.length] = value;
  list.length += 1;
}
