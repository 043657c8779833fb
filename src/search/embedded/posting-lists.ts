/** Lists of 32-bit numbers, each in the order it was added to. Most lists of a registry have one number. */
type List = number | GrowingList;

/** Such lists by text. */
export class PostingLists {
  readonly #lists = new Map<string, List>();

  add(key: string, value: number): void {
    this.#lists.set(key, added(this.#lists.get(key), value));
  }

  /** Valid until the next `add`; not to be written to. */
  get(key: string): Uint32Array {
    return valuesOf(this.#lists.get(key));
  }

  /** The same lists with other numbers; those that become undefined are left out. */
  mapped(toNew: (value: number) => number | undefined): PostingLists {
    const lists = new PostingLists();
    for (const [key, list] of this.#lists) {
      for (const value of valuesOf(list)) {
        const next = toNew(value);
        if (next !== undefined) lists.add(key, next);
      }
    }
    return lists;
  }
}

/** Such lists by number, for numbers that are given in a row: the lists of a registry's terms, millions of entries. */
export class NumberedLists {
  readonly #lists: (List | undefined)[] = [];

  /** True where the number is new. */
  add(key: number, value: number): boolean {
    const list = this.#lists[key];
    if (list === undefined || typeof list === 'number') this.#lists[key] = added(list, value);
    else push(list, value);
    return list === undefined;
  }

  /** Valid until the next `add`; not to be written to. */
  get(key: number): Uint32Array {
    return valuesOf(this.#lists[key]);
  }

  /** Of lists that are not empty, in order. */
  keys(): number[] {
    // Absent ones are skipped.
    return Object.keys(this.#lists).map(Number);
  }

  mapped(toNew: (value: number) => number | undefined): NumberedLists {
    const lists = new NumberedLists();
    for (const key of this.keys()) {
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

function valuesOf(list: List | undefined): Uint32Array {
  if (list === undefined) return none;
  return typeof list === 'number' ? Uint32Array.of(list) : list.values.subarray(0, list.length);
}

function added(list: List | undefined, value: number): List {
  if (list === undefined) return value;
  if (typeof list === 'number') return listOf(list, value);
  push(list, value);
  return list;
}

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
