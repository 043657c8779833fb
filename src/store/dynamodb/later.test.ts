import { describe, expect, it } from 'vitest';
import { later } from './later.ts';

class Counter {
  #count = 0;
  async add(by: number): Promise<number> {
    this.#count += by;
    return this.#count;
  }
  async fail(): Promise<void> {
    throw new TypeError('as it does');
  }
}

describe('a part that is loaded later', () => {
  it('is loaded with the first call, once, and is then what it is', async () => {
    let loaded = 0;
    const counter = later(async () => {
      loaded++;
      return new Counter();
    });
    expect(loaded).toBe(0);
    expect(await Promise.all([counter.add(1), counter.add(2)])).toEqual([1, 3]);
    expect(await counter.add(3)).toBe(6);
    await expect(counter.fail()).rejects.toThrow('as it does');
    expect(loaded).toBe(1);
  });

  it('fails every call where it cannot be loaded', async () => {
    const broken = later<Counter>(() => Promise.reject(new Error('no such file')));
    for (let n = 0; n < 2; n++) await expect(broken.add(1)).rejects.toThrow('no such file');
  });
});
