import { expect, it } from 'vitest';
import { inParallel } from './in-parallel.ts';

it('does at most so many at a time, and answers in order', async () => {
  let now = 0;
  let most = 0;
  const results = await inParallel([5, 4, 3, 2, 1, 0], 3, async (item) => {
    most = Math.max(most, ++now);
    for (let n = 0; n < item; n++) await undefined;
    now--;
    return item * 2;
  });
  expect(results).toEqual([10, 8, 6, 4, 2, 0]);
  expect(most).toBe(3);
  expect(await inParallel([], 3, async (item) => item)).toEqual([]);
});

it('begins nothing more after an error', async () => {
  const begun: number[] = [];
  const work = inParallel([0, 1, 2, 3, 4, 5, 6, 7], 2, async (item) => {
    begun.push(item);
    await undefined;
    if (item === 1) throw new Error('one failed');
  });
  await expect(work).rejects.toThrow('one failed');
  expect(begun.length).toBeLessThan(8);
});
