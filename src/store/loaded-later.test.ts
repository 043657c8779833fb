import { expect, it } from 'vitest';
import { loadedLater } from './loaded-later.ts';

class Counter {
  #count = 0;

  async add(by: number): Promise<number> {
    this.#count += by;
    return this.#count;
  }
}

it('is loaded once, with the first call, and is itself from then on', async () => {
  let loads = 0;
  const counter = loadedLater(async () => {
    loads += 1;
    return new Counter();
  });
  expect(loads).toBe(0);
  expect(await Promise.all([counter.add(1), counter.add(2)])).toEqual([1, 3]);
  expect([await counter.add(4), loads]).toEqual([7, 1]);
});

it('fails a call where it cannot be loaded, and is loaded by the next', async () => {
  let isThere = false;
  const counter = loadedLater(async () => {
    if (!isThere) throw new Error('not there');
    return new Counter();
  });
  await expect(counter.add(1)).rejects.toThrow('not there');
  isThere = true;
  expect(await counter.add(1)).toBe(1);
});

it('is not taken for a promise', async () => {
  const counter = loadedLater(async () => new Counter());
  expect(await (await Promise.resolve(counter)).add(1)).toBe(1);
});
